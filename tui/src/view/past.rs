//! A revision that reopening ended: its points as they stood, for reading alone.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{
    inspection::{PastRevision, PointResult},
    ipc::InspectionView,
    template::Point,
};

use super::{frame, pen::Pen};
use crate::{
    app::{PastScreen, State, Target, answer_words, when},
    words,
};

/// Lines for the marked point at the lower end.
const DETAIL: u16 = 7;

/// Draws an earlier revision.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: PastScreen,
) -> Option<Position> {
    let theme = pen.theme;
    let view = state.inspection()?.view.as_ref()?;
    let Some(past) = screen.shown(view) else {
        let words = "There is no earlier revision any more.";
        pen.put(area.x + 2, area.y + 2, area.width - 4, words, theme.dim());
        return None;
    };
    let title = [
        (format!("{}  ", view.inspection.label()), theme.title()),
        (format!("revision {}", past.revision), theme.title()),
        ("  as it was, for reading".to_owned(), theme.notice()),
    ];
    frame::header(pen, area, state, &title);
    let ended = when(past.ended, state.now(), &state.zone);
    let reached = past.state.value;
    let pieces = [
        ("it was ".to_owned(), theme.dim()),
        (reached.words().to_owned(), theme.state(reached)),
        (
            format!(
                "  {}  reopened {ended}  {}  {} earlier in all",
                theme.glyphs.dot,
                theme.glyphs.dot,
                view.inspection.past.len()
            ),
            theme.dim(),
        ),
    ];
    pen.pieces(
        area.x + 1,
        area.y + 1,
        area.width.saturating_sub(2),
        &pieces,
    );
    let list = Rect {
        y: area.y + 2,
        height: area.height.saturating_sub(2 + DETAIL),
        ..area
    };
    let points: Vec<_> = view.template.points().collect();
    let at = screen.at.min(points.len().saturating_sub(1));
    let from = frame::scrolled(at, list.height, points.len());
    for (y, (place, (section, point))) in
        (list.y..list.bottom()).zip(points.iter().enumerate().skip(from))
    {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        let first = place == from
            || points
                .get(place.wrapping_sub(1))
                .is_none_or(|(before, _)| before.key != section.key);
        let name = if first { section.label.as_str() } else { "" };
        pen.on(line, Target::Row(place));
        row(pen, line, view, (past, point), name, place == at);
    }
    if let Some((_, point)) = points.get(at) {
        let below = Rect {
            y: list.bottom(),
            height: DETAIL,
            ..area
        };
        detail(pen, below, past.results.get(&point.key), point);
    }
    None
}

fn row(
    pen: &mut Pen<'_>,
    area: Rect,
    view: &InspectionView,
    (past, point): (&PastRevision, &Point),
    section: &str,
    marked: bool,
) {
    let theme = pen.theme;
    let style = if marked {
        pen.style(area, theme.selected());
        theme.selected()
    } else {
        Style::new()
    };
    let quiet = if marked { style } else { theme.dim() };
    let left = if area.width < 76 { 16 } else { 24 };
    pen.put(area.x + 1, area.y, left, section, quiet);
    let result = past.results.get(&point.key);
    let answer = result.and_then(PointResult::answer);
    let condition =
        answer.and_then(|it| it.effective(point, &view.inspection.chosen(&view.template)));
    let letter = match (condition, answer) {
        (None, Some(_)) => "=",
        _ => theme.letter(condition),
    };
    let x = area.x + left + 2;
    let badge = theme.condition(condition);
    pen.put(x, area.y, 3, &format!(" {letter} "), badge);
    let told = answer.map_or_else(String::new, |it| answer_words(Some(point), it));
    let wide = area.right().saturating_sub(x + 5);
    let took = super::pen::columns(&told).min(wide / 2);
    let room = wide.saturating_sub(took + 2);
    pen.put(x + 4, area.y, room, &point.label, style);
    pen.put_right(x + 4 + room, area.y, took + 1, &told, style);
}

fn detail(pen: &mut Pen<'_>, area: Rect, result: Option<&PointResult>, point: &Point) {
    let theme = pen.theme;
    let top = Rect { height: 1, ..area };
    pen.rule(top, &[(point.label.clone(), theme.title())]);
    let mut rows: Vec<(&str, String, Style)> = Vec::new();
    let answer = result.and_then(PointResult::answer);
    let told = answer.map_or_else(
        || "not answered".to_owned(),
        |it| answer_words(Some(point), it),
    );
    rows.push(("Answer", told, Style::new()));
    if let Some(note) = result.and_then(PointResult::note) {
        rows.push(("Note", note.to_owned(), Style::new()));
    }
    for (_, work) in result.into_iter().flat_map(PointResult::lines) {
        rows.push(("Work", words::work(work), Style::new()));
    }
    frame::rows(pen, area, &rows);
}
