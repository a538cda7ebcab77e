//! The whole of Redtag in one program, for the demo, the stories and the measurements.

pub mod harness;
pub mod pages;
pub mod perf;
pub mod picture;

use std::{
    ffi::OsString,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

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

/// Milliseconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX))
}

/// Random bytes.
pub fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
