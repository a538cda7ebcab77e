//! `redtag conflicts`, without more words: everything there is to settle.

use redtag_protocol::ipc::{ConflictSort, ConflictView};

use super::{all, find};
use crate::command::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, count},
    shape::ConflictsShape,
};

/// Prints them.
pub(super) async fn run(format: Format, line: &Line) -> Result<(), Fault> {
    let views = all(line).await?;
    if format.json {
        return output::json(&ConflictsShape::new(&views));
    }
    output::text(&render(&views, output::columns()))
}

/// In so many columns of the terminal.
pub(super) fn render(views: &[ConflictView], width: usize) -> String {
    if views.is_empty() {
        return "Nothing is to be settled.\n".to_owned();
    }
    let mut table = vec![
        ["WHERE", "FIELD", "WHAT", "STANDS", "KEPT BESIDE IT"]
            .map(str::to_owned)
            .to_vec(),
    ];
    table.extend(views.iter().map(|view| {
        let said = |shown: bool| {
            let sides = view.sides.iter().filter(|it| it.shown == shown);
            let said: Vec<String> = sides
                .map(|it| format!("{} ({})", it.words, it.who))
                .collect();
            match (said.is_empty(), shown, view.sort) {
                (true, true, ConflictSort::Deletion) => "it stays".to_owned(),
                (true, true, _) => "nothing".to_owned(),
                _ => said.join(", "),
            }
        };
        let what = match (view.sort, view.pending) {
            (_, true) => "settled here, waiting to send",
            (ConflictSort::Field, _) => "conflict",
            (ConflictSort::Late, _) => "came late",
            (ConflictSort::Deletion, _) => "deletion",
        };
        vec![
            find::called(view),
            find::name(view),
            what.to_owned(),
            said(true),
            said(false),
        ]
    }));
    let fields = u64::try_from(views.len()).unwrap_or(u64::MAX);
    format!(
        "{}{} to settle; nothing is lost. `redtag conflicts settle WHERE FIELD --take SIDE` says \
         which stands.\n",
        output::fitted(&table, width, &[3, 4]),
        count(fields, "thing", "things")
    )
}
