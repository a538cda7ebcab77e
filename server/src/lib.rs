//! Redtag's hosted API and its operator commands.

pub mod auth;
pub mod keys;
#[cfg(test)]
mod testing;

use std::{ffi::OsString, process::ExitCode};

/// Runs the program with its command line, the program's name first, and returns its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    drop(args);
    ExitCode::SUCCESS
}
