//! What went wrong with a point: not saved, refused, in conflict.

use redtag_protocol::{
    field::{Conflict, Side},
    inspection::InspectionWrite,
    ipc::InspectionView,
    op::Edit,
    template::Point,
};

use super::{Rank, Row};
use crate::{
    app::{Standing, State, answer_words},
    view::pen::Pen,
    words,
};

/// What went wrong with this point: not saved, refused, in conflict.
pub(super) fn rows(
    pen: &Pen<'_>,
    state: &State,
    view: &InspectionView,
    point: &Point,
    rows: &mut Vec<Row>,
) {
    let wrong = pen.theme.wrong();
    let id = view.inspection.id;
    for edit in state
        .unsaved
        .stuck()
        .filter(|it| it.touches(id, &point.key))
    {
        let words = match &edit.standing {
            Standing::Refused(why) => format!("not saved: {}. {why} (F2)", edit.words),
            Standing::Unconfirmed(_) => {
                format!("not confirmed: {}. Look, then F2 to try again", edit.words)
            }
            _ => continue,
        };
        rows.push(Row::words(Rank::Answer, "Trouble", words, wrong));
    }
    for refused in &view.quarantined {
        let Edit::Inspection { write, .. } = &refused.edit else {
            continue;
        };
        if write.point() == Some(&point.key) {
            let value = side_words(point, write);
            let words = format!("refused, kept here: {value}. {}", refused.refusal.words);
            rows.push(Row::words(Rank::Answer, "Trouble", words, wrong));
        }
    }
    for conflict in view.inspection.conflicts.values() {
        let side = conflict.sides.first();
        if side.and_then(|side| side.write.point()) == Some(&point.key) {
            let words = conflict_words(view, point, conflict);
            rows.push(Row::words(Rank::Answer, "Conflict", words, wrong));
        }
    }
    for late in &view.inspection.late {
        if late.write.point() == Some(&point.key) {
            let value = side_words(point, &late.write);
            let words = format!("came late, kept: {}: {value} (! settles)", who(view, late));
            rows.push(Row::words(Rank::Answer, "Late", words, wrong));
        }
    }
}

/// Who wrote a side.
fn who(view: &InspectionView, side: &Side<InspectionWrite>) -> String {
    let member = view.members.iter().find(|it| it.id == side.writer.person);
    member.map_or_else(|| "somebody".to_owned(), |member| member.name.clone())
}

fn conflict_words(
    view: &InspectionView,
    point: &Point,
    conflict: &Conflict<InspectionWrite>,
) -> String {
    let side = |side: &Side<InspectionWrite>| {
        format!("{}: {}", who(view, side), side_words(point, &side.write))
    };
    let sides: Vec<String> = conflict.sides.iter().map(side).collect();
    format!("both are kept: {} (! settles)", sides.join("; "))
}

fn side_words(point: &Point, write: &InspectionWrite) -> String {
    match write {
        InspectionWrite::Answer {
            answer: Some(answer),
            ..
        } => answer_words(Some(point), answer),
        InspectionWrite::Note {
            note: Some(note), ..
        } => format!("note “{}”", note.replace('\n', " ")),
        InspectionWrite::Line {
            recommendation: Some(work),
            ..
        } => words::work(work),
        _ => "taken back".to_owned(),
    }
}
