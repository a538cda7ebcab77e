//! The point one is at: its answer and why, limits, last visit, note and requirements.

mod rows;
mod rule;
mod trouble;

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{
    grade::{Condition, Grade, Need},
    inspection::Answer,
    ipc::InspectionView,
    template::{Demand, Kind, Occasion, Point},
};

use super::pen::{Pen, columns};
use crate::{
    app::{
        Entry, InspectionScreen, Stage, State, answer_words, foresee, limits, reference_name,
        when_day,
    },
    keys::{Action, Place},
    words,
};
use rows::{LABEL, Rank, Row, lay};

/// Draws the detail of the point one is at; gives the cursor while a value is typed.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &InspectionScreen,
    view: &InspectionView,
) -> Option<Position> {
    let point = screen.point()?;
    let theme = pen.theme;
    let top = Rect { height: 1, ..area };
    let place = format!("  {} of {}", screen.at + 1, screen.points().len());
    pen.rule(
        top,
        &[(point.label.clone(), theme.title()), (place, theme.dim())],
    );
    let mut rows: Vec<Row> = Vec::new();
    let mut cursor = None;
    if let Some(entry) = &screen.entry {
        let (row, column) = entry_row(pen, screen, view, point, entry);
        let x = area.x + 1 + LABEL + column;
        cursor = Some(Position::new(
            x.min(area.right().saturating_sub(1)),
            area.y + 1,
        ));
        rows.push(row);
        if let Some(problem) = &entry.problem {
            rows.push(Row::words(Rank::Answer, "", problem.clone(), theme.wrong()));
        }
    } else {
        rows.push(answer_row(pen, screen, view, point));
    }
    trouble::rows(pen, state, view, point, &mut rows);
    let room = area.width.saturating_sub(LABEL + 2);
    rule::rows(pen, state, screen, (view, point), room, &mut rows);
    last_visit(pen, state, view, point, &mut rows);
    written(pen, state, view, point, &mut rows);
    needs(pen, view, point, &mut rows);
    if let Kind::Signature { statement, .. } = &point.kind {
        rows.push(Row::words(
            Rank::More,
            "Signs",
            statement.clone(),
            theme.dim(),
        ));
    }
    if let Some(concern) = view.inspection.concern() {
        let words = format!("“{concern}”");
        rows.push(Row::words(Rank::Concern, "Concern", words, Style::new()));
    }
    if let Some(hint) = &point.hint {
        rows.push(Row::words(Rank::Hint, "Hint", hint.clone(), theme.dim()));
    }
    let later = "not in this version yet".to_owned();
    rows.push(Row::words(Rank::Later, "Photos", later, theme.dim()));
    lay(pen, area, &rows);
    cursor
}

/// The key of an action of the inspection, for people.
fn key(pen: &Pen<'_>, state: &State, action: Action) -> Option<String> {
    let ascii = pen.theme.glyphs.ascii;
    state.keys.key(Place::Inspection, action, ascii)
}

/// The note, also a half-typed one, and the recommended work; at a red point without any, that there
/// is a draft.
fn written(
    pen: &Pen<'_>,
    state: &State,
    view: &InspectionView,
    point: &Point,
    rows: &mut Vec<Row>,
) {
    let rank = Rank::Written;
    let mut label = "Note";
    if state.is_half_typed(&point.key) {
        let on = key(pen, state, Action::Note);
        let on = on.map_or_else(String::new, |key| format!("; {key} goes on with it"));
        let words = format!("one was being typed here{on}");
        rows.push(Row::words(rank, label, words, pen.theme.notice()));
        label = "";
    }
    let result = view.inspection.results.get(&point.key);
    if let Some(note) = result.and_then(|it| it.note()) {
        rows.push(Row::words(rank, label, note.to_owned(), Style::new()));
    }
    let lines: Vec<String> = result
        .map(|it| it.lines().map(|(_, work)| words::work(work)).collect())
        .unwrap_or_default();
    let mut label = "Work";
    for line in &lines {
        rows.push(Row::words(rank, label, line.clone(), Style::new()));
        label = "";
    }
    let red = view.inspection.effective(point, &view.template) == Some(Condition::Red);
    if lines.is_empty() && red {
        let draft = key(pen, state, Action::Work);
        let draft = draft.map_or_else(String::new, |key| format!(": {key} drafts it"));
        let words = format!("none recommended yet{draft}");
        rows.push(Row::words(rank, label, words, pen.theme.notice()));
    }
}

/// The value that is typed, its unit, and at once its grade with the reason.
fn entry_row(
    pen: &Pen<'_>,
    screen: &InspectionScreen,
    view: &InspectionView,
    point: &Point,
    entry: &Entry,
) -> (Row, u16) {
    let theme = pen.theme;
    let name = screen.measurement().and_then(|measurement| {
        limits(measurement, &view.inspection.chosen(&view.template)).reference
    });
    let name = name.map_or("reference", reference_name);
    let before = match (entry.stage, point.minimum_key().is_some()) {
        (Stage::Value, _) => String::new(),
        (Stage::Reference, true) => format!("{name}, maximum: "),
        (Stage::Reference, false) => format!("{name} value: "),
        (Stage::Low, _) => format!("{name}, minimum: "),
    };
    let column = columns(&before) + columns(&entry.text);
    let mut pieces = vec![
        (before, theme.title()),
        (entry.text.clone(), theme.typed()),
        (entry.suffix(), Style::new()),
    ];
    if entry.stage != Stage::Value {
        let words = "  (kept with the vehicle; Enter alone leaves it out)";
        pieces.push((words.to_owned(), theme.dim()));
    }
    if let Some(grade) = foresee(screen) {
        pieces.push(("   ".to_owned(), Style::new()));
        grade_pieces(pen, view, point, &grade, &mut pieces);
    }
    (Row::new(Rank::Answer, "Value", pieces), column)
}

fn grade_pieces(
    pen: &Pen<'_>,
    view: &InspectionView,
    point: &Point,
    grade: &Grade,
    pieces: &mut Vec<(String, Style)>,
) {
    let theme = pen.theme;
    match grade {
        Grade::Graded { condition, why } => {
            let condition = Some(*condition);
            let letter = format!(" {} ", theme.letter(condition));
            pieces.push((letter, theme.condition(condition)));
            pieces.push((format!("  {why}"), Style::new()));
        }
        Grade::Needs(need) => {
            pieces.push((need_words(view, point, need), theme.notice()));
        }
    }
}

fn need_words(view: &InspectionView, point: &Point, need: &Need) -> String {
    match need {
        Need::Choice(key) => {
            let question = view.template.choice(key);
            let label = question.map_or_else(|| key.to_string(), |it| it.label.clone());
            format!("not graded before “{label}” is answered (c)")
        }
        Need::Reference => {
            let name = match &point.kind {
                Kind::Measurement(it) => {
                    limits(it, &view.inspection.chosen(&view.template)).reference
                }
                _ => None,
            };
            let name = name.map_or("reference", reference_name);
            format!("not graded without the {name} value (f)")
        }
        Need::Previous => "not graded: there is no earlier visit to compare with".to_owned(),
        Need::Case => "not graded: no limit of the template fits".to_owned(),
    }
}

fn answer_row(
    pen: &Pen<'_>,
    screen: &InspectionScreen,
    view: &InspectionView,
    point: &Point,
) -> Row {
    let theme = pen.theme;
    let answer = view.inspection.answer(&point.key);
    let Some(answer) = answer.filter(|answer| !answer.is_empty()) else {
        let words = match &point.kind {
            Kind::Condition => {
                "not answered: g green, y yellow, r red, x not applicable".to_owned()
            }
            Kind::Measurement(it) => {
                let unit = screen.unit(it).symbol();
                format!("not answered: type a value ({unit})")
            }
            Kind::Choice { .. } => "not answered: Enter shows the options".to_owned(),
            Kind::Text => "not answered: Enter writes".to_owned(),
            Kind::Signature { graded: true, .. } => {
                "not answered: g, y, r or x, and Enter signs".to_owned()
            }
            Kind::Signature { .. } => "not signed: Enter signs".to_owned(),
        };
        return Row::words(Rank::Answer, "Answer", words, theme.dim());
    };
    let mut pieces = Vec::new();
    let condition = view.inspection.effective(point, &view.template);
    let grade = answer.grade(point, &view.inspection.chosen(&view.template));
    if matches!(grade, Some(Grade::Graded { .. })) && answer.condition.is_none() {
        pieces.push((
            format!("{}   ", answer_words(Some(point), answer)),
            Style::new(),
        ));
    } else {
        if condition.is_some() {
            let letter = format!(" {} ", theme.letter(condition));
            pieces.push((letter, theme.condition(condition)));
            pieces.push(("  ".to_owned(), Style::new()));
        }
        pieces.push((
            format!("{}   ", answer_words(Some(point), answer)),
            Style::new(),
        ));
    }
    match &grade {
        Some(grade) if answer.condition.is_none() => {
            grade_pieces(pen, view, point, grade, &mut pieces);
        }
        Some(Grade::Graded { condition, why }) => {
            let words = format!("the rule says {condition}: {why}");
            pieces.push((words, theme.dim()));
        }
        _ => {}
    }
    Row::new(Rank::Answer, "Answer", pieces)
}

/// What the last visit said: beside the field, never taken over.
fn last_visit(
    pen: &Pen<'_>,
    state: &State,
    view: &InspectionView,
    point: &Point,
    rows: &mut Vec<Row>,
) {
    let theme = pen.theme;
    let Some(previous) = view.previous.get(&point.key) else {
        return;
    };
    let answer: &Answer = &previous.answer;
    let condition = answer.effective(point, &view.inspection.chosen(&view.template));
    let mut pieces = Vec::new();
    if condition.is_some() {
        let letter = theme.letter(condition).to_owned();
        pieces.push((letter, theme.count(condition, 1)));
        pieces.push(("  ".to_owned(), Style::new()));
    }
    pieces.push((answer_words(Some(point), answer), Style::new()));
    let day = when_day(previous.at, &state.zone);
    pieces.push((format!("   on {day} ({})", previous.label), theme.dim()));
    let unanswered = view
        .inspection
        .answer(&point.key)
        .is_none_or(Answer::is_empty);
    if unanswered && let Some(key) = key(pen, state, Action::SameAsLast) {
        pieces.push((format!("   {key}: the same"), theme.dim()));
    }
    rows.push(Row::new(Rank::Before, "Last time", pieces));
}

/// What the template asks for at this point, and whether it is there.
fn needs(pen: &Pen<'_>, view: &InspectionView, point: &Point, rows: &mut Vec<Row>) {
    let theme = pen.theme;
    let missing = view
        .inspection
        .missing(&view.template, view.settings.demand_photos);
    let mut pieces: Vec<(String, Style)> = Vec::new();
    let mut rank = Rank::More;
    for requirement in &point.requires {
        let what = match &requirement.what {
            Demand::Note => "a note".to_owned(),
            Demand::Photo { count: 1 } => "a photo".to_owned(),
            Demand::Photo { count } => format!("{count} photos"),
            Demand::Action => "a recommended action".to_owned(),
            Demand::Signature { role } => format!("the {}'s signature", role.replace('_', " ")),
        };
        let when = match requirement.when {
            Occasion::Always => "",
            Occasion::YellowOrRed => " when yellow or red",
            Occasion::Red => " when red",
        };
        let photo = matches!(requirement.what, Demand::Photo { .. });
        let later = match (photo, view.settings.demand_photos) {
            (true, false) => " (photos cannot be taken yet; not demanded)",
            (true, true) => " (photos cannot be taken yet)",
            _ => "",
        };
        let lacks = missing
            .iter()
            .any(|it| it.point == point.key && it.demand == requirement.what);
        let (mark, style) = if lacks {
            rank = Rank::Missing;
            (format!("{} missing: ", theme.glyphs.missing), theme.wrong())
        } else {
            (String::new(), theme.dim())
        };
        let gap = if pieces.is_empty() { "" } else { "; " };
        pieces.push((format!("{gap}{mark}{what}{when}{later}"), style));
    }
    if !pieces.is_empty() {
        rows.push(Row::new(rank, "Asks for", pieces));
    }
}
