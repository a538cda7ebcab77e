//! `redtag demo`: a real API with a seeded shop, two daemons and the client, all in a temporary
//! home that is gone at the end.

mod bench;
mod colleague;
mod process;
mod script;
mod stack;
mod summary;
mod tie;

use std::{ffi::OsString, path::Path};

use redtag_protocol::role::Role;
use rustix::process::{WaitOptions, wait};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use self::{stack::Stack, summary::Summary};
use crate::{
    command::{Fault, output},
    programs::Programs,
};

/// How to show it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Play a short script instead of the screen and print a JSON summary of its checks
    #[arg(long)]
    headless: bool,
    /// Who you are in the demo shop: owner, dispatcher, technician or viewer
    #[arg(long = "as", value_name = "ROLE", default_value = "technician")]
    role: Role,
    /// Run a program that ends when this process does; the demo calls itself so
    #[arg(long, hide = true, value_name = "PID")]
    tied_to: Option<u32>,
    #[arg(
        hide = true,
        requires = "tied_to",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    program: Vec<OsString>,
}

impl Args {
    /// Becomes another program, where this process is one of the demo's own children; what comes
    /// back is why it could not.
    pub(crate) fn becomes(&self) -> Option<Fault> {
        let parent = self.tied_to?;
        Some(tie::become_one(parent, &self.program))
    }
}

/// Runs the demo to its end and leaves nothing behind.
pub(crate) async fn run(args: &Args, programs: &Programs) -> Result<(), Fault> {
    let home = tempfile::Builder::new()
        .prefix("redtag-demo-")
        .tempdir()
        .map_err(|error| Fault::error(format!("there is no room for the demo: {error}")))?;
    if args.headless {
        return headless(programs, home).await;
    }
    let shown = on_screen(programs, home.path(), args.role).await;
    shown.and(clear(home).map_err(Fault::error))
}

/// Plays the script. The summary is printed also where a check failed or a signal came.
async fn headless(programs: &Programs, home: TempDir) -> Result<(), Fault> {
    let mut summary = Summary::new();
    let script = script::play(programs, home.path(), &mut summary);
    let played = until_told_to_stop(script).await;
    let cleared = clear(home);
    let seen = cleared.clone().err().unwrap_or_default();
    summary.check("nothing is left behind", cleared.is_ok(), seen);
    summary.end(&played);
    output::json(&summary)?;
    played?;
    if summary.held() {
        Ok(())
    } else {
        Err(Fault::error("a check of the demo did not hold"))
    }
}

/// Shows the client, with a colleague at work on another bench.
async fn on_screen(programs: &Programs, home: &Path, role: Role) -> Result<(), Fault> {
    crate::needs_terminal("redtag demo --headless plays a script instead")?;
    output::remark("starting an API with a demo shop, and two benches …");
    let start = async {
        let started = Stack::start(programs, home, role).await;
        started.map_err(Fault::error)
    };
    let mut stack = until_told_to_stop(start).await?;
    let (link, events) = stack.own.line();
    let colleague = tokio::spawn(colleague::work(stack.colleague.link.clone()));
    let paths = stack.own.paths();
    let shown = tokio::select! {
        shown = crate::screen(link, events, &paths) => shown,
        // The link of a demo starts no daemon: it would outlive the demo.
        () = stack.own.keep(programs) => Ok(()),
    };
    colleague.abort();
    shown.and(stack.stop().await.map_err(Fault::error))
}

/// Ends early at a signal; what was under way is dropped, and its processes killed with it.
async fn until_told_to_stop<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let told = async |kind| match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        done = work => done,
        () = told(SignalKind::interrupt()) => Err(Fault::error("the demo was interrupted")),
        () = told(SignalKind::terminate()) => Err(Fault::error("the demo was terminated")),
        () = told(SignalKind::hangup()) => Err(Fault::error("the terminal has gone away")),
    }
}

/// Removes the home, once every process is gone that could still write into it.
fn clear(home: TempDir) -> Result<(), String> {
    // All of them were asked to end or killed by now; an error means that none is left.
    while let Ok(Some(_)) = wait(WaitOptions::empty()) {}
    let path = home.path().to_owned();
    home.close()
        .map_err(|error| format!("{} cannot be removed: {error}", path.display()))
}
