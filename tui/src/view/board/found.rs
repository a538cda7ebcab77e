//! Where the words of a filter stand: marked in the columns that show them, and told where none does.

use ratatui::{layout::Rect, style::Style};
use redtag_protocol::ipc::{BoardRow, Found};

use super::Column;
use crate::view::pen::{Pen, columns, find};

/// From so many columns on a match fits beside the rest.
const ROOMY: u16 = 30;

/// Fewer columns than this tell nothing of a match.
const LEAST: u16 = 16;

/// What stands in a column of a row that is drawn.
pub(super) struct Cell {
    pub(super) column: Column,
    pub(super) x: u16,
    pub(super) width: u16,
    /// As it is shown, cut.
    pub(super) text: String,
}

/// The words of a filter. “bay 3” is one, as it is where it is looked for.
pub(super) fn words(sought: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let mut rest = sought;
    while let Some(word) = rest.split_whitespace().next() {
        let from = rest.len() - rest.trim_start().len();
        let mut end = from + word.len();
        if word.eq_ignore_ascii_case(BAY.trim_end())
            && let Some(name) = rest[end..].split_whitespace().next()
            // An engine bay is followed by other words than a bay's number.
            && (name.chars().count() <= 2 || name.chars().any(|c| c.is_ascii_digit()))
        {
            end += rest[end..].len() - rest[end..].trim_start().len() + name.len();
        }
        words.push(&rest[from..end]);
        rest = &rest[end..];
    }
    words
}

/// What stands before the name of a bay.
const BAY: &str = "bay ";

/// Marks what of a text holds words of the filter.
pub(super) fn highlight(pen: &mut Pen<'_>, (x, y): (u16, u16), text: &str, words: &[&str]) {
    for word in words {
        if let Some(at) = find(text, word) {
            let area = Rect {
                x: x + columns(&text[..at.start]),
                y,
                width: columns(&text[at]),
                height: 1,
            };
            let style = pen.theme.typed();
            pen.style(area, style);
        }
    }
}

/// Where a word stands that no column of this row shows, as far as the row itself knows.
pub(super) fn hidden(row: &BoardRow, words: &[&str], cells: &[Cell]) -> Option<Found> {
    let shown = |word: &str| cells.iter().any(|it| find(&it.text, word).is_some());
    let unseen = words.iter().filter(|word| !shown(word));
    let bay_shown = cells.iter().any(|it| it.column == Column::Bay);
    let in_bay = format!("{BAY}{}", row.bay);
    let names_bay = |word: &str| {
        let named = word.len() > BAY.len() && find(&in_bay, word).is_some();
        named || find(&row.bay, word).is_some()
    };
    let told = |place: &str, text: &str| {
        Some(Found {
            place: place.to_owned(),
            text: text.to_owned(),
        })
    };
    unseen.into_iter().find_map(|word| {
        if find(&row.customer, word).is_some() {
            told("customer", &row.customer)
        } else if !bay_shown && names_bay(word) {
            told("bay", &row.bay)
        } else if find(&row.assignee, word).is_some() {
            told("assignee", &row.assignee)
        } else {
            None
        }
    })
}

/// Tells of a match that no column shows: in place of the customer, or of the vehicle where there is
/// no such column; over vehicle, plate and customer where those are narrow, which leaves the plate.
pub(super) fn tell(
    pen: &mut Pen<'_>,
    y: u16,
    found: &Found,
    words: &[&str],
    cells: &[Cell],
    style: Style,
) {
    let has = |column| cells.iter().find(|it| it.column == column);
    let (Some(vehicle), mark) = (has(Column::Vehicle), has(Column::Mark)) else {
        return;
    };
    let last = has(Column::Customer).unwrap_or(vehicle);
    let (x, end, mut before) = if last.width >= ROOMY {
        (last.x, last.x + last.width, String::new())
    } else {
        let end = mark.map_or(0, |it| it.x + it.width);
        let end = end.max(last.x + last.width);
        let mark = mark.map_or("", |it| it.text.as_str());
        (vehicle.x, end, format!("{mark}  "))
    };
    let width = end.saturating_sub(x);
    let left = |before: &str| width.saturating_sub(columns(&pen.theme.text(before)));
    // Where it stands is said where there is room for that and for what was found.
    let placed = format!("{before}{}: ", found.place);
    let room = left(&placed);
    if room >= LEAST || columns(&found.text) <= room {
        before = placed;
    }
    let text = pen.cut_around(&found.text, left(&before), words);
    let text = format!("{before}{text}");
    let took = pen.put(x, y, width, &text, style);
    let blank = " ".repeat(usize::from(width.saturating_sub(took)));
    pen.put(x + took, y, width.saturating_sub(took), &blank, style);
    let text = pen.cut(&text, width);
    highlight(pen, (x, y), &text, words);
}
