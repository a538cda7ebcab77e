//! Redtag's terminal client: the full-screen client, the subcommands for scripts, and the demo.

mod app;
mod command;
mod config;
mod demo;
mod keep;
mod keys;
pub mod link;
mod log;
pub mod paths;
pub mod programs;
mod qr;
mod runtime;
mod terminal;
#[cfg(test)]
mod testing;
mod theme;
mod view;
mod words;

use std::{
    ffi::OsString,
    io::{self, IsTerminal as _},
    process::ExitCode,
};

use tokio::sync::mpsc::UnboundedReceiver;

use crate::{
    command::Fault,
    config::Config,
    link::{Event, Link},
    paths::Paths,
};

pub use programs::Programs;

/// Runs the program with its command line, the program's name first, and returns its exit code.
/// `programs` says how to call the other two.
pub fn run(args: impl IntoIterator<Item = OsString>, programs: Programs) -> ExitCode {
    command::run(args, programs)
}

/// The command line, for manual pages and completions.
pub fn command_line() -> clap::Command {
    command::command_line()
}

/// Whether there is a screen at all; asked before anything is started for it.
fn needs_terminal(instead: &str) -> Result<(), Fault> {
    if io::stdout().is_terminal() && io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Fault::usage(format!(
        "the full-screen client needs a terminal, and here is none; {instead}"
    )))
}

/// Shows the full-screen client over this line until the person leaves it.
async fn screen(link: Link, events: UnboundedReceiver<Event>, paths: &Paths) -> Result<(), Fault> {
    if let Err(error) = log::begin(paths) {
        command::output::remark(&format!(
            "there is no log of this session, {} cannot be written: {error}",
            paths.logs().display()
        ));
    }
    let shown = runtime::run(link, events, &Config::read(paths), &paths.editing()).await;
    shown.map_err(|error| {
        tracing::error!("the client ends: {error:#}");
        Fault::error(format!("{error:#}"))
    })
}
