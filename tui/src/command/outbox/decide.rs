//! `redtag outbox retry` and `redtag outbox discard`.

use std::fmt::Write as _;

use redtag_protocol::ipc::{Outgoing, SyncState};

use super::{all, labels, stroke};
use crate::{
    command::{
        cli::Format,
        desk::Line,
        fault::{Exit, Fault},
        output::{self, count},
        prompt,
        shape::{DiscardedShape, SavedShape},
    },
    words::{self, Labels},
};

/// Tries a refused stroke again.
pub(super) async fn retry(number: u64, format: Format, line: &Line) -> Result<(), Fault> {
    waits(
        number,
        line,
        "it goes out by itself; `redtag sync` tries now",
    )
    .await?;
    let saved = line.retry(number).await?;
    if format.json {
        return output::json(&SavedShape::new(saved));
    }
    output::text("Saved here as a new edit, waiting to send; it has left the refused ones.\n")
}

/// Gives a refused edit up with those that are nothing without it, after a question where somebody can be asked.
pub(super) async fn discard(
    number: u64,
    yes: bool,
    format: Format,
    line: &Line,
) -> Result<(), Fault> {
    let instead = "u in the inspection takes it back";
    waits(number, line, instead).await?;
    let going = going(number, all(line).await?);
    let lost = lost(&going, &labels(line).await?);
    if !yes && !going.is_empty() {
        output::remark(&lost);
        if !prompt::agrees("Give it up for good?")? {
            return Err(Fault::new(Exit::Error, "nothing was given up"));
        }
    }
    line.discard(number).await?;
    if format.json {
        let numbers = going.iter().map(|it| it.number).collect();
        return output::json(&DiscardedShape::new(numbers));
    }
    let edits = u64::try_from(going.len()).unwrap_or(u64::MAX);
    output::text(&format!("Given up: {}.\n", count(edits, "edit", "edits")))
}

/// The stroke. What waits or is on its way is not for a person to decide about.
async fn waits(number: u64, line: &Line, instead: &str) -> Result<Vec<Outgoing>, Fault> {
    let stroke = match stroke(number, line).await {
        Ok(stroke) => stroke,
        // The daemon says it better, and with the code for it.
        Err(fault) if fault.exit == Exit::Usage => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    match stroke.iter().find(|it| it.sync != SyncState::Refused) {
        Some(row) => Err(Fault::error(format!(
            "edit {} was not refused, it is {}: {instead}",
            row.number,
            row.sync.words()
        ))),
        None => Ok(stroke),
    }
}

/// The edit of this number, and those that go with it.
pub(super) fn going(number: u64, mut rows: Vec<Outgoing>) -> Vec<Outgoing> {
    let with = rows.iter().find(|it| it.number == number);
    let with = with.map_or_else(Vec::new, |it| it.with.clone());
    rows.retain(|it| it.number == number || with.contains(&it.number));
    rows
}

/// What is lost by giving edits up.
pub(super) fn lost(going: &[Outgoing], labels: &Labels) -> String {
    let mut text = "This is on this machine and nowhere else:\n".to_owned();
    for row in going {
        let what = words::edit(&row.edit, labels);
        let _ = writeln!(text, "  {} {what}", row.label);
    }
    let (number, it) = (going.first().map_or(0, |row| row.number), "it");
    let _ = write!(
        text,
        "`redtag outbox export FILE --only {number}` keeps {it} in a file first."
    );
    text
}
