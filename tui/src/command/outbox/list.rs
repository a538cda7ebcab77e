//! `redtag outbox`, without more words: everything that is unsent or refused.

use std::fmt::Write as _;

use redtag_protocol::{
    ipc::{Outgoing, Status, SyncState},
    stamp::Stamp,
};

use super::{all, labels};
use crate::{
    command::{
        cli::Format,
        desk::Line,
        fault::Fault,
        output::{self, ahead, count, line as clean, moment},
        shape::OutboxShape,
    },
    words::{self, Labels},
};

/// Prints it.
pub(super) async fn run(format: Format, line: &Line) -> Result<(), Fault> {
    let status = line.whole_status().await?;
    let empty = status.waiting + status.sent + status.quarantined == 0;
    // Where nobody is signed in, the daemon says so: that is not “everything is acknowledged”.
    let rows = if empty && status.account.is_some() {
        Vec::new()
    } else {
        all(line).await?
    };
    let labels = if rows.is_empty() {
        Labels::default()
    } else {
        labels(line).await?
    };
    if format.json {
        return output::json(&OutboxShape::new(&status, &rows, &labels));
    }
    output::text(&render(
        &status,
        &rows,
        &labels,
        output::columns(),
        output::now(),
    ))
}

/// In so many columns of the terminal.
pub(super) fn render(
    status: &Status,
    rows: &[Outgoing],
    labels: &Labels,
    width: usize,
    now: Stamp,
) -> String {
    let mut text = head(status, now);
    let (refused, unsent): (Vec<_>, Vec<_>) =
        rows.iter().partition(|it| it.sync == SyncState::Refused);
    let cells = |row: &Outgoing| vec![row.number.to_string(), moment(row.stamp), row.label.clone()];
    if !unsent.is_empty() {
        let mut table = vec![
            ["EDIT", "SINCE", "WHERE", "HOW FAR", "WHAT"]
                .map(str::to_owned)
                .to_vec(),
        ];
        table.extend(unsent.into_iter().map(|row| {
            let how = match row.sync {
                SyncState::Waiting => "waiting",
                other => other.words(),
            };
            let mut cells = cells(row);
            cells.extend([how.to_owned(), words::edit(&row.edit, labels)]);
            cells
        }));
        text.push_str(&output::fitted(&table, width, &[2, 4]));
    }
    if refused.is_empty() {
        return text;
    }
    text.push_str("Refused by the API, kept here:\n");
    let mut table = vec![
        ["EDIT", "SINCE", "WHERE", "WHAT"]
            .map(str::to_owned)
            .to_vec(),
    ];
    table.extend(refused.iter().map(|row| {
        let mut cells = cells(row);
        cells.push(words::edit(&row.edit, labels));
        cells
    }));
    let listed = output::fitted(&table, width, &[2, 3]);
    let mut lines = listed.lines();
    if let Some(head) = lines.next() {
        let _ = writeln!(text, "{head}");
    }
    for (listed, row) in lines.zip(&refused) {
        let why = row.refusal.as_ref().map_or("", |it| it.words.as_str());
        let _ = writeln!(text, "{listed}\n      why: {}", clean(why));
    }
    text.push_str(
        "`redtag outbox retry EDIT` tries one again, `redtag outbox discard EDIT` gives it up.\n",
    );
    text
}

fn head(status: &Status, now: Stamp) -> String {
    let since = status.waiting_since.map_or(String::new(), |at| {
        format!(", the oldest since {}", moment(at))
    });
    let mut text = match (status.waiting, status.sent) {
        (0, 0) => "Nothing is unsent: everything that was saved here is acknowledged".to_owned(),
        (waiting, sent) => format!(
            "{} saved here, waiting to send{since}; {sent} sent, not yet acknowledged",
            count(waiting, "edit", "edits"),
        ),
    };
    match status.quarantined {
        0 if status.waiting + status.sent == 0 => text.push_str("; nothing was refused.\n"),
        0 => text.push_str(".\n"),
        _ if status.waiting + status.sent == 0 => {
            text.push_str(", but for what was refused.\n");
        }
        refused => {
            let _ = writeln!(text, "; {refused} refused.");
        }
    }
    if let Some(held) = &status.held {
        let next = status.next_try.map_or(String::new(), |at| {
            format!("; the next try is {}", ahead(at, now))
        });
        let _ = writeln!(text, "They wait because {}{next}.", clean(held));
    }
    text
}
