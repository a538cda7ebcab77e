//! Redtag's daemon: the owner of the cache, the outbox, the token and the network.

pub mod actor;
pub mod cache;
pub mod config;
pub mod core;
mod household;
pub mod ipc;
mod log;
pub mod paths;
pub mod remote;
pub mod sealing;
pub mod secret;
mod service;
mod start;
pub mod view;

use std::{ffi::OsString, process::ExitCode};

/// Runs the program with its command line, the program's name first, and returns its exit code:
/// 0 after a clean stop, 1 after a failure, 2 for a wrong command line.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    start::run(args)
}

/// The command line, for manual pages and completions.
pub fn command_line() -> clap::Command {
    start::command_line()
}
