//! Client, daemon and API behind one name.

fn main() -> std::process::ExitCode {
    redtag_tests::run(std::env::args_os())
}
