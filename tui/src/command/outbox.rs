//! `redtag outbox`.

mod decide;
mod export;
mod list;
mod show;

use std::path::PathBuf;

use redtag_protocol::ipc::{Outgoing, Reply, Request};

pub(super) use export::{export, written};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    passphrase::Protection,
};
use crate::words::Labels;

/// The largest page that the daemon gives.
const PAGE: u32 = 1_000;

/// What to do with it, and how to print.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "The words mean it: “waiting to send” is durable on this machine and nowhere \
                  else; “sent” is on its way and not acknowledged; “refused” was not taken by the \
                  API and is kept here until you retry or discard it. Acknowledged edits are not \
                  listed: they are durable on the API.\n\n\
                  --json prints {format, waiting, waiting_since, held, next_try, sent, \
                  edits: [{number, group, state, at, target, label, field, what, edit, refusal}], \
                  inspections, quarantined}; state is waiting, sent or refused. Fields may be \
                  added."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    format: Format,
}

/// What a person does with it.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show one edit, with all that was done in the same stroke
    Show {
        /// Its number, as `redtag outbox` lists it
        number: u64,
        #[command(flatten)]
        format: Format,
    },
    /// Try a refused edit again as a new one, with all that was done in the same stroke
    Retry {
        /// Its number
        number: u64,
        #[command(flatten)]
        format: Format,
    },
    /// Give a refused edit up for good, with those that are nothing without it; says which, and asks
    Discard {
        /// Its number
        number: u64,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        format: Format,
    },
    /// Write everything that is unsent or refused to a file; nothing changes here
    Export(ExportArgs),
    /// Take another's exported edits over as your own; doing it twice is the same
    Adopt {
        /// The exported file; - is standard input
        file: PathBuf,
        /// Read the passphrase from standard input instead of asking for it
        #[arg(long)]
        passphrase_stdin: bool,
        #[command(flatten)]
        format: Format,
    },
}

/// What is exported, and where to.
#[derive(Debug, clap::Args)]
struct ExportArgs {
    /// A new file; standard output where none is named
    file: Option<PathBuf>,
    /// Only the stroke that has this number
    #[arg(long, value_name = "NUMBER")]
    only: Option<u64>,
    #[command(flatten)]
    protection: Protection,
}

/// Prints what is unsent and what was refused, or does what was decided about it.
pub(crate) async fn run(args: Args, line: &Line) -> Result<(), Fault> {
    match args.action {
        None => list::run(args.format, line).await,
        Some(Action::Show { number, format }) => show::run(number, format, line).await,
        Some(Action::Retry { number, format }) => decide::retry(number, format, line).await,
        Some(Action::Discard {
            number,
            yes,
            format,
        }) => decide::discard(number, yes, format, line).await,
        Some(Action::Export(args)) => export::run(args, line).await,
        Some(Action::Adopt {
            file,
            passphrase_stdin,
            format,
        }) => export::adopt(&file, passphrase_stdin, format, line).await,
    }
}

/// The whole outbox, in order.
async fn all(line: &Line) -> Result<Vec<Outgoing>, Fault> {
    let mut rows: Vec<Outgoing> = Vec::new();
    loop {
        let offset = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let request = Request::Outbox {
            offset,
            limit: PAGE,
        };
        let page = match line.ask(request).await? {
            Reply::Outbox(page) => page,
            other => return Err(unexpected(&other)),
        };
        let end = page.rows.is_empty();
        // What was sent meanwhile moves the rest up: nothing is to be told twice.
        let last = rows.last().map_or(0, |row| row.number);
        rows.extend(page.rows.into_iter().filter(|row| row.number > last));
        if end || u64::try_from(rows.len()).unwrap_or(u64::MAX) >= page.total {
            return Ok(rows);
        }
    }
}

/// The stroke that has this number.
async fn stroke(number: u64, line: &Line) -> Result<Vec<Outgoing>, Fault> {
    let rows = all(line).await?;
    let Some(group) = rows
        .iter()
        .find(|it| it.number == number)
        .map(|it| it.group)
    else {
        return Err(Fault::usage(format!(
            "no edit in the outbox has the number {number}; `redtag outbox` lists those there are"
        )));
    };
    Ok(rows.into_iter().filter(|it| it.group == group).collect())
}

/// The names of what edits name by key or id.
async fn labels(line: &Line) -> Result<Labels, Fault> {
    Ok(Labels::of_shop(
        line.templates().await?,
        line.members().await?,
    ))
}

#[cfg(test)]
mod tests;
