//! Redtag's daemon: the owner of the cache, the outbox, the token and the network.

pub mod config;
pub mod ipc;
pub mod paths;
pub mod remote;
pub mod secret;

use std::{ffi::OsString, process::ExitCode};

/// Runs the program with its command line, the program's name first, and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    drop(args);
    ExitCode::SUCCESS
}
