//! `redtag status`.

use std::fmt::Write as _;

use redtag_protocol::{
    ipc::{Connection, Lock, Status},
    stamp::Stamp,
};

use super::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, ahead, count, line, moment},
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
        output::text(&render(status, output::now()))
    }
}

fn render(status: &Status, now: Stamp) -> String {
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
    let lock = status.account.as_ref().and_then(|it| it.lock.as_ref());
    match lock {
        None | Some(Lock::Open) => {}
        Some(Lock::Lapsed) => row(
            "lock",
            "the API was not heard for too long, so the copy is shown to nobody; “redtag sync --wait” \
             with a network opens it"
                .to_owned(),
        ),
        Some(_) => row(
            "lock",
            "locked; the PIN opens it, and the rest is said then".to_owned(),
        ),
    }
    if let Some(until) = lease(status) {
        row(
            "lease",
            format!("without the API the copy is shown until {}", moment(until)),
        );
    }
    if let Some(why) = shut {
        row("problem", line(why));
        row("unsent", "not known while it cannot be opened".to_owned());
    } else {
        row("connection", words(&status.connection, now));
        row("unsent", unsent(status));
        if status.waiting + status.sent > 0 {
            waits(status, now, &mut row);
        }
    }
    if status.quarantined > 0 {
        let edits = count(status.quarantined, "edit", "edits");
        row(
            "refused",
            format!("{edits}, kept here; “redtag outbox” says why"),
        );
    }
    if status.conflicts > 0 {
        let things = count(status.conflicts, "thing", "things");
        row(
            "to settle",
            format!("{things}, every value kept; “redtag conflicts” shows them"),
        );
    }
    if !is_locked(status) {
        let last = status.last_sync.map_or("never".to_owned(), moment);
        row("last sync", last);
        row("cache", cache(status));
    }
    if let Some((done, of)) = status.indexed {
        row(
            "search",
            format!("{done} of {of} documents are indexed; the rest follows by itself"),
        );
    }
    if let Some(alarm) = &status.alarm {
        row("timeline", format!("ALARM: {}", line(alarm)));
    }
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

/// Until when the copy is shown, where the API is not there.
fn lease(status: &Status) -> Option<Stamp> {
    let account = status.account.as_ref()?;
    let away = status.connection != Connection::Online && !is_locked(status);
    account.lease.filter(|_| away)
}

fn is_locked(status: &Status) -> bool {
    let lock = status.account.as_ref().and_then(|it| it.lock.as_ref());
    lock.is_some_and(|it| *it != Lock::Open)
}

/// Since when edits wait, why, and when the next try is.
fn waits(status: &Status, now: Stamp, row: &mut impl FnMut(&str, String)) {
    if let Some(since) = status.waiting_since {
        row("since", format!("{}, the oldest", moment(since)));
    }
    // An offline connection says both itself.
    let said = match &status.connection {
        Connection::Offline { why, next_try } => (Some(why.as_str()), *next_try),
        _ => (None, None),
    };
    if let Some(held) = status.held.as_deref().filter(|it| said.0 != Some(*it)) {
        row("held", line(held));
    }
    if let Some(next) = status.next_try.filter(|_| said.1.is_none()) {
        row("next try", ahead(next, now));
    }
}

/// How much of the shop is here, and what is being fetched.
fn cache(status: &Status) -> String {
    let mut text = count(status.documents, "document", "documents");
    let far = status.progress.map_or(String::new(), |(done, of)| {
        format!(", {done} of {of} fetched")
    });
    if status.rebuilding {
        text.push_str("; a new copy is being made beside it, and your edits are not touched");
        text.push_str(&far);
    } else if status.filling {
        text.push_str(", the first copy is still on its way");
        text.push_str(&far);
    }
    text
}

/// The line to the API in words.
pub(super) fn words(connection: &Connection, now: Stamp) -> String {
    match connection {
        Connection::Online => "online".to_owned(),
        Connection::Connecting => "connecting".to_owned(),
        Connection::Offline { why, next_try } => {
            let next =
                next_try.map_or(String::new(), |at| format!("; next try {}", ahead(at, now)));
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
