//! `redtag status`.

use std::fmt::Write as _;

use redtag_protocol::ipc::{Connection, Status};

use super::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, count, line, moment},
    shape::StatusShape,
};

/// How to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
}

/// Prints how things stand.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    print(&line.status().await?, args.format)
}

/// Prints a status; `sync` ends with the same words.
pub(super) fn print(status: &Status, format: Format) -> Result<(), Fault> {
    if format.json {
        output::json(&StatusShape::from(status))
    } else {
        output::text(&render(status))
    }
}

fn render(status: &Status) -> String {
    let mut rows = Vec::new();
    let mut row = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);
    match &status.account {
        Some(account) => {
            row(
                "account",
                format!("{} ({}, {})", account.email, account.name, account.role),
            );
            row("shop", format!("{} at {}", account.shop_name, account.url));
        }
        None => row(
            "account",
            "nobody is signed in; “redtag login URL” signs in".to_owned(),
        ),
    }
    let shut = status.account.as_ref().and_then(|it| it.shut.as_ref());
    if let Some(why) = shut {
        row("problem", line(why));
        row("unsent", "not known while it cannot be opened".to_owned());
    } else {
        row("connection", words(&status.connection));
        row("unsent", unsent(status));
    }
    if status.quarantined > 0 {
        let edits = count(status.quarantined, "edit", "edits");
        row(
            "refused",
            format!("{edits}, kept here; “redtag outbox” says why"),
        );
    }
    if status.conflicts > 0 {
        row("conflicts", count(status.conflicts, "field", "fields"));
    }
    let last = status.last_sync.map_or("never".to_owned(), moment);
    row("last sync", last);
    let filling = if status.filling {
        ", the first copy is still on its way"
    } else {
        ""
    };
    row(
        "cache",
        format!(
            "{}{filling}",
            count(status.documents, "document", "documents")
        ),
    );
    row(
        "daemon",
        format!("version {}, process {}", status.version, status.pid),
    );
    let mut text = output::table(&rows);
    for notice in &status.notices {
        let _ = writeln!(text, "Note: {}", line(notice));
    }
    text
}

/// The line to the API in words.
pub(super) fn words(connection: &Connection) -> String {
    match connection {
        Connection::Online => "online".to_owned(),
        Connection::Connecting => "connecting".to_owned(),
        Connection::Offline { why, next_try } => {
            let next = next_try.map_or(String::new(), |at| format!("; next try {}", moment(at)));
            format!("offline: {why}{next}")
        }
        Connection::SignedOut { why } => {
            format!("signed out: {why}; edits wait here until “redtag login URL”")
        }
        Connection::NoAccount => "no account".to_owned(),
    }
}

fn unsent(status: &Status) -> String {
    match (status.waiting, status.sent) {
        (0, 0) if status.connection == Connection::NoAccount => "nothing is kept here".to_owned(),
        (0, 0) => "nothing; everything is acknowledged".to_owned(),
        (waiting, 0) => format!(
            "{} saved here, waiting to send",
            count(waiting, "edit", "edits")
        ),
        (0, sent) => format!(
            "{} sent, not yet acknowledged",
            count(sent, "edit", "edits")
        ),
        (waiting, sent) => format!(
            "{} saved here, waiting to send; {sent} sent, not yet acknowledged",
            count(waiting, "edit", "edits")
        ),
    }
}

#[cfg(test)]
mod tests;
