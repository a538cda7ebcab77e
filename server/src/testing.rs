//! What the tests of this crate share.

#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::new_without_default,
    reason = "tests: what fails here fails them"
)]

mod ailing;
mod authenticator;
mod bench;
mod garble;
mod live;
mod log;
pub mod matrix;
mod server;
mod waiting;

pub use self::{
    ailing::{Ailing, Ailment},
    authenticator::shown,
    bench::Bench,
    garble::garble,
    live::Live,
    log::Log,
    server::{NOW, PASSWORD, Place, Server, SignedIn, customer, nonce},
    waiting::{Browser, Waiting},
};
