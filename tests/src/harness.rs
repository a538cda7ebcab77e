//! What the stories stand on: real processes, a real terminal, a line that can be cut, and one way
//! to wait.
//!
//! A test says where the programs are (`env!("CARGO_BIN_EXE_redtag-all")`) by making a [`Ground`];
//! everything else is made on it and is gone when it is dropped. What is left behind fails the test.

mod api;
mod browser;
mod client;
mod database;
mod device;
mod ground;
mod liar;
mod page;
pub mod points;
mod process;
mod proxy;
mod screen;
mod stack;
mod wait;

pub use api::{Answered, Api, Copy, Session};
pub use browser::{Browser, ENTER, Scripts, TAB, no_browser};
pub use client::{Client, condition, note};
pub use database::{Database, Engine, init};
pub use device::{Device, Outcome};
pub use ground::Ground;
pub use liar::{Liar, Lie};
pub use page::{Page, code_shown};
pub use process::{Process, program};
pub use proxy::Proxy;
pub use screen::Screen;
pub use stack::{PASSWORD, Stack, Tls};
pub use wait::{PATIENCE, eventually, within};
