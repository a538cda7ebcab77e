//! The measurements.

fn main() -> std::process::ExitCode {
    redtag_tests::perf(std::env::args_os())
}
