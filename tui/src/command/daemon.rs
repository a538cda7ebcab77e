//! `redtag daemon`: the background service.

mod install;
mod logs;
mod stop;

use clap::Subcommand;
use serde::Serialize;

use super::{
    cli::Format,
    desk::Desk,
    fault::{Exit, Fault},
    output,
    shape::FORMAT,
};

/// What to do with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Have systemd start it with your session, or with the machine where lingering is allowed
    Install,
    /// Whether it runs; it is not started
    Status {
        #[command(flatten)]
        format: Format,
    },
    /// Stop it cleanly; nothing unsent is lost
    Stop,
    /// Stop it and start it again
    Restart,
    /// The end of its log
    Logs {
        /// At most this many lines
        #[arg(long, short = 'n', default_value_t = 50)]
        lines: usize,
    },
}

/// For scripts.
#[derive(Debug, Serialize)]
struct DaemonShape<'a> {
    format: u16,
    running: bool,
    version: Option<&'a str>,
    pid: Option<u32>,
    log: Option<&'a str>,
}

/// Does it.
pub(crate) async fn run(args: &Args, desk: &Desk) -> Result<(), Fault> {
    match &args.action {
        Action::Install => install::run(desk).await,
        Action::Status { format } => status(*format, desk).await,
        Action::Stop => {
            if stop::run(desk).await? {
                output::text("The daemon has stopped. The next command starts it again.")
            } else {
                output::text("No daemon runs.")
            }
        }
        Action::Restart => {
            stop::run(desk).await?;
            let status = desk.line().status().await?;
            output::text(&format!(
                "The daemon runs: version {}, process {}.",
                output::line(&status.version),
                status.pid
            ))
        }
        Action::Logs { lines } => logs::run(desk, *lines).await,
    }
}

/// Exit code 7 where it does not run.
async fn status(format: Format, desk: &Desk) -> Result<(), Fault> {
    let status = match desk.line_to_running().status().await {
        Ok(status) => status,
        Err(fault) if fault.exit == Exit::NoDaemon => {
            if format.json {
                output::json(&DaemonShape {
                    format: FORMAT,
                    running: false,
                    version: None,
                    pid: None,
                    log: None,
                })?;
            }
            return Err(fault);
        }
        Err(fault) => return Err(fault),
    };
    if format.json {
        return output::json(&DaemonShape {
            format: FORMAT,
            running: true,
            version: Some(&status.version),
            pid: Some(status.pid),
            log: status.log.as_deref(),
        });
    }
    let log = status.log.as_deref().unwrap_or("standard error");
    output::text(&format!(
        "The daemon runs: version {}, process {}, log {}.",
        output::line(&status.version),
        status.pid,
        output::line(log)
    ))
}
