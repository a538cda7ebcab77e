//! The measurements. Where the name of a part comes first it is that part: what is measured, and
//! what it is measured with, run as real processes of this one program.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let role = env::args_os().nth(1);
    match role.as_deref().and_then(|role| role.to_str()) {
        Some("tui" | "daemon" | "server") => redtag_tests::run(env::args_os()),
        Some("floor" | "crowd" | "echo") => redtag_tests::perf::part(env::args_os()),
        _ => redtag_tests::perf::run(env::args_os()),
    }
}
