//! `redtag conflicts show`.

use std::fmt::Write as _;

use redtag_protocol::ipc::{ConflictSort, ConflictView};

use super::find;
use crate::command::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, line as clean, moment},
    shape::ConflictsShape,
};

/// Prints every value.
pub(super) async fn run(
    ticket: &str,
    field: Option<&str>,
    format: Format,
    line: &Line,
) -> Result<(), Fault> {
    let mut views = find::of(ticket, line).await?;
    if let Some(field) = field {
        views = find::of_field(views, field)?;
    }
    if format.json {
        return output::json(&ConflictsShape::new(&views));
    }
    output::text(&views.iter().map(render).collect::<String>())
}

pub(super) fn render(view: &ConflictView) -> String {
    let subject = if view.subject.is_empty() {
        String::new()
    } else {
        format!(", {}", view.subject)
    };
    let what = match view.sort {
        ConflictSort::Field => "two benches wrote it without knowing of each other",
        ConflictSort::Late => "came after the work was handed in, and is not shown as current",
        ConflictSort::Deletion => "one bench deleted it while another worked on it; it stays",
    };
    let mut text = format!(
        "{}{}: {} ({})\n  {what}\n",
        clean(&view.label),
        clean(&subject),
        clean(&view.title),
        find::name(view),
    );
    let sides = view.sides.iter().enumerate().map(|(at, side)| {
        let mark = if side.shown { "stands" } else { "kept" };
        let bench = if side.own {
            "this bench"
        } else {
            "another bench"
        };
        vec![
            format!("  {}", at + 1),
            mark.to_owned(),
            side.words.clone(),
            side.who.clone(),
            moment(side.at),
            bench.to_owned(),
        ]
    });
    text.push_str(&output::table(&sides.collect::<Vec<_>>()));
    if view.pending {
        text.push_str("  settled on this bench, waiting to send\n");
    }
    let _ = writeln!(text);
    text
}
