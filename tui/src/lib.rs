//! Redtag's terminal client: the full-screen client, the subcommands for scripts, and the demo.

mod command;
pub mod link;
pub mod paths;
pub mod programs;
#[cfg(test)]
mod testing;

use std::{ffi::OsString, process::ExitCode};

pub use programs::Programs;

/// Runs the program with its command line, the program's name first, and returns its exit code.
/// `programs` says how to call the other two.
pub fn run(args: impl IntoIterator<Item = OsString>, programs: Programs) -> ExitCode {
    command::run(args, programs)
}
