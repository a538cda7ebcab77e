//! The API as a program of its own.

fn main() -> std::process::ExitCode {
    redtag_server::run(std::env::args_os())
}
