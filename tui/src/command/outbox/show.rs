//! `redtag outbox show`.

use std::fmt::Write as _;

use redtag_protocol::ipc::{Outgoing, SyncState};

use super::{labels, stroke};
use crate::{
    command::{
        cli::Format,
        desk::Line,
        fault::Fault,
        output::{self, line as clean, moment},
        shape::{EditShape, StrokeShape},
    },
    words::{self, Labels},
};

/// Prints one stroke whole.
pub(super) async fn run(number: u64, format: Format, line: &Line) -> Result<(), Fault> {
    let stroke = stroke(number, line).await?;
    let labels = labels(line).await?;
    if format.json {
        let edits = stroke.iter().map(|row| EditShape::new(row, &labels));
        return output::json(&StrokeShape::new(edits.collect()));
    }
    output::text(&render(&stroke, &labels))
}

pub(super) fn render(stroke: &[Outgoing], labels: &Labels) -> String {
    let mut text = String::new();
    for row in stroke {
        let mut rows = Vec::new();
        let mut say = |name: &str, value: String| rows.push(vec![format!("  {name}"), value]);
        say(
            "where",
            format!("{} ({})", row.label, words::kind(&row.entity)),
        );
        say("what", words::edit(&row.edit, labels));
        if let Some(field) = words::field(&row.edit) {
            say("field", field);
        }
        say("since", moment(row.stamp));
        say("state", row.sync.words().to_owned());
        if let Some(refusal) = &row.refusal {
            say("why", refusal.words.clone());
            if let Some(other) = refusal.because.or(refusal.parent) {
                say("with", format!("edit {other}, which was refused"));
            }
        }
        let _ = write!(text, "Edit {}\n{}", row.number, output::table(&rows));
    }
    let refused = stroke.iter().any(|row| row.sync == SyncState::Refused);
    if let (true, Some(first)) = (refused, stroke.first()) {
        let number = first.number;
        let all = match stroke.len() {
            1 => String::new(),
            many => format!("All {many} were done in one stroke and go together. "),
        };
        let _ = writeln!(
            text,
            "{}`redtag outbox retry {number}` tries again, `redtag outbox discard {number}` \
             gives up.",
            clean(&all) + if all.is_empty() { "" } else { " " }
        );
    }
    text
}
