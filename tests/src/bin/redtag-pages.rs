//! Writes the manual pages and the shells' completions of all three programs into a directory:
//! `cargo run -p redtag-tests --bin redtag-pages -- target/pages`.

use std::process::ExitCode;

fn main() -> ExitCode {
    redtag_tests::pages::run(std::env::args_os())
}
