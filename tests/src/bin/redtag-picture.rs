//! Makes the pictures of the documents from a real run of the demo:
//! `cargo run -p redtag-tests --bin redtag-picture -- assets/pictures`.

use std::process::ExitCode;

fn main() -> ExitCode {
    redtag_tests::picture::run(std::env::args_os())
}
