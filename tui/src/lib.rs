//! Redtag's terminal client: the full-screen client, the subcommands for scripts, and the demo.

mod app;
mod command;
mod demo;
mod keys;
pub mod link;
pub mod paths;
pub mod programs;
mod runtime;
mod terminal;
#[cfg(test)]
mod testing;
mod theme;
mod view;

use std::{ffi::OsString, process::ExitCode};

use tokio::sync::mpsc::UnboundedReceiver;

pub use programs::Programs;

/// Runs the program with its command line, the program's name first, and returns its exit code.
/// `programs` says how to call the other two.
pub fn run(args: impl IntoIterator<Item = OsString>, programs: Programs) -> ExitCode {
    command::run(args, programs)
}

/// Shows the full-screen client over this line until the person leaves it.
async fn screen(
    link: link::Link,
    events: UnboundedReceiver<link::Event>,
) -> Result<(), command::Fault> {
    runtime::run(link, events)
        .await
        .map_err(|error| command::Fault::error(format!("{error:#}")))
}
