//! The daemon as a program of its own.

fn main() -> std::process::ExitCode {
    redtagd::run(std::env::args_os())
}
