//! The keys of a place, made from the table of keys.

use ratatui::{layout::Rect, style::Style};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::{
    app::State,
    keys::{Place, names},
};

/// A line: keys and words; a heading has no keys.
type Row = (String, String);

/// Draws the keys of a place and those of everywhere, from a line on.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, place: Place, scroll: u16) {
    let theme = pen.theme;
    let ascii = theme.glyphs.ascii;
    let mut rows: Vec<Row> = Vec::new();
    let list = |place| {
        let offered = state.keys.offered(place, state.role());
        let offered = offered.filter(|it| !it.chords.is_empty());
        offered
            .map(|it| (names(&it.chords, ascii), it.binding.words.to_owned()))
            .collect::<Vec<Row>>()
    };
    rows.extend(list(place));
    rows.push((String::new(), String::new()));
    rows.push((String::new(), Place::Everywhere.name().to_owned()));
    rows.extend(list(Place::Everywhere));
    rows.extend(signs(pen, place));
    let left = rows.iter().map(|(keys, _)| columns(keys)).max();
    let left = left.unwrap_or(0).min(22);
    let right = rows.iter().map(|(_, words)| columns(words)).max();
    let wide = (left + 2 + right.unwrap_or(0)).min(area.width.saturating_sub(4));
    let room = wide.saturating_sub(left + 2);
    let mut lines: Vec<(String, String, bool)> = Vec::new();
    for (keys, words) in rows {
        let heading = keys.is_empty() && !words.is_empty();
        for (at, line) in pen.wrap(&words, room).into_iter().enumerate() {
            let keys = if at == 0 { keys.clone() } else { String::new() };
            lines.push((keys, line, heading));
        }
    }
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = count.min(area.height.saturating_sub(2));
    let title = format!("Keys: {}", place.name());
    let inner = frame::boxed(pen, area, wide, height, &title);
    let most = count.saturating_sub(inner.height);
    let from = usize::from(scroll.min(most));
    for (y, (keys, words, heading)) in (inner.y..inner.bottom()).zip(lines.iter().skip(from)) {
        let style = if *heading {
            theme.title()
        } else {
            Style::new()
        };
        let x = if *heading {
            inner.x
        } else {
            inner.x + left + 2
        };
        pen.put(inner.x, y, left, keys, theme.key());
        pen.put(x, y, inner.right().saturating_sub(x), words, style);
    }
    if usize::from(inner.height) + from < lines.len() {
        let more = format!(" {} more below ", theme.glyphs.more);
        let y = inner.bottom();
        pen.put_right(inner.x, y, inner.width, &more, theme.dim());
    }
}

/// What the marks in the lists mean.
fn signs(pen: &Pen<'_>, place: Place) -> Vec<Row> {
    let glyphs = pen.theme.glyphs;
    let sign = |sign: &str, words: &str| (sign.to_owned(), words.to_owned());
    let mut rows = vec![sign("", ""), sign("", "Marks")];
    match place {
        Place::Board | Place::Filter => rows.extend([
            sign("R Y", "how many points are red and yellow"),
            sign("Open", "how many points are unanswered"),
            sign(glyphs.open, "none"),
            sign(
                "KC*",
                "behind a name: changed it in the last ten minutes, so is at work on it",
            ),
            sign(
                glyphs.news,
                "in front: changed by somebody else since you last looked",
            ),
        ]),
        Place::Inspection | Place::Value => rows.extend([
            sign("G Y R N", "green, yellow, red, not applicable"),
            sign("=", "answered by something that has no condition"),
            sign("n", "there is a note"),
            sign("w", "work is recommended"),
            sign(
                glyphs.missing,
                "something that the template asks for is missing",
            ),
        ]),
        Place::Outbox => rows.extend([sign(
            glyphs.sent,
            "sent, not acknowledged by the server yet",
        )]),
        Place::Conflicts => rows.extend([
            sign(
                "late",
                "came after the work was handed in; not shown as current",
            ),
            sign(
                "deletion",
                "one bench deleted what another worked on; it stays",
            ),
        ]),
        _ => return Vec::new(),
    }
    rows.extend([
        sign(
            glyphs.waiting,
            "saved here, not acknowledged by the server yet",
        ),
        sign(
            glyphs.alarm,
            "not saved, refused, or in conflict: look at it",
        ),
    ]);
    rows
}
