//! The terminal client as a program of its own.

fn main() -> std::process::ExitCode {
    redtag::run(std::env::args_os(), redtag::Programs::installed())
}
