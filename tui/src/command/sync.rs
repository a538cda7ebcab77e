//! `redtag sync`.

use redtag_protocol::{
    ipc::{Connection, Quarantined, Reply, Request, Status},
    op::RefusalCode,
};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::{Exit, Fault},
    output::count,
    status,
};

/// Whether to wait.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "With --wait the exit code says what it came to: 0 everything is \
                  acknowledged, 1 an edit was refused, 3 the sign-in has ended, 4 the API cannot \
                  be reached, 5 a conflict was opened, 6 an edit was refused because the role does \
                  not allow it, or the membership has ended. Nothing is lost in any of them.\n\n\
                  A conflict counts as opened where one of its values was written on this machine, \
                  it is still to be settled, and no wait that ended with everything acknowledged \
                  has told of it before: also where the machine came back to the API by itself \
                  just before the command. Edits that came late and deletions that met an edit \
                  count as well. Each is told once; `redtag conflicts` lists all of them."
)]
pub(crate) struct Args {
    /// Wait until nothing waits any more or the try failed
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    format: Format,
}

/// Synchronises and prints how things stand after it. Only a wait can tell what came of it.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let before = line.status().await?;
    let after = match line.ask(Request::Sync { wait: args.wait }).await? {
        Reply::Status(status) => *status,
        other => return Err(unexpected(&other)),
    };
    status::print(&after, args.format)?;
    if !args.wait {
        return Ok(());
    }
    let refused = if after.quarantined > before.quarantined {
        line.quarantine().await?
    } else {
        Vec::new()
    };
    outcome(&before, &after, &refused)
}

/// What a wait came to.
fn outcome(before: &Status, after: &Status, refused: &[Quarantined]) -> Result<(), Fault> {
    match &after.connection {
        Connection::Offline { why, .. } => {
            let edits = count(after.waiting + after.sent, "edit waits", "edits wait");
            return Err(Fault::new(
                Exit::Offline,
                format!("offline: {why}; {edits} here and nothing is lost"),
            ));
        }
        Connection::SignedOut { why } => {
            return Err(Fault::new(
                Exit::NotSignedIn,
                format!("signed out: {why}; unsent edits wait here until “redtag login URL”"),
            ));
        }
        Connection::NoAccount => {
            return Err(Fault::new(
                Exit::NotSignedIn,
                "nobody is signed in; “redtag login URL” signs in",
            ));
        }
        Connection::Online | Connection::Connecting => {}
    }
    if after.opened > 0 {
        let things = count(
            after.opened,
            "edit of this machine",
            "edits of this machine",
        );
        return Err(Fault::new(
            Exit::Conflict,
            format!(
                "{things} met another bench's, or came late; every value is kept, and “redtag \
                 conflicts” shows them"
            ),
        ));
    }
    if let Some(last) = refused.last() {
        let exit = if last.refusal.code == RefusalCode::NotAllowed {
            Exit::NotAllowed
        } else {
            Exit::Error
        };
        let edits = count(
            after.quarantined - before.quarantined.min(after.quarantined),
            "edit was",
            "edits were",
        );
        return Err(Fault::new(
            exit,
            format!(
                "{edits} refused and kept here: {}; “redtag outbox” shows all",
                last.refusal.words
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
