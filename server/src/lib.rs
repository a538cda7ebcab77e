//! Redtag's hosted API and its operator commands.

pub mod app;
pub mod auth;
mod body;
pub mod caller;
mod command;
pub mod control;
pub mod core;
pub mod demo;
pub mod error;
pub mod hub;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod openapi;
pub mod openid;
mod outer;
mod packed;
mod pages;
mod place;
pub mod proxy;
pub mod router;
mod routes;
pub mod sealing;
pub mod serve;
pub mod signer;
pub mod storage;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tls;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser as _;

/// Runs the program with its command line, the program's name first, and returns its exit code:
/// 0 done, 1 it could not be done, 2 the command line makes no sense.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match command::Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            // Nobody is left to tell when this cannot be written.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// The command line, for manual pages and completions.
pub fn command_line() -> clap::Command {
    <command::Cli as clap::CommandFactory>::command()
}

fn complain(error: &anyhow::Error) {
    use std::io::Write as _;
    // Names of files and shops may hold anything; a terminal is only given what is harmless.
    let words = words(error);
    let words = redtag_protocol::text::clean_text(&words);
    let _ = writeln!(std::io::stderr(), "redtag-server: {words}");
}

/// The error and its causes, each said once: some words hold those of their cause already.
fn words(error: &anyhow::Error) -> String {
    let mut words = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !words.contains(&cause) {
            words.push_str(": ");
            words.push_str(&cause);
        }
    }
    words
}

#[cfg(test)]
mod tests;
