//! A line of recommended work that is typed.

use ratatui::layout::{Position, Rect};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::app::{Target, WorkField, WorkForm};

/// The width of the names at the left.
const LABEL: u16 = 9;

/// Draws the form; gives the place of the cursor.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, form: &WorkForm) -> Position {
    let theme = pen.theme;
    let wide = 70.min(area.width.saturating_sub(8));
    let problem = form.problem.as_ref().map(|it| pen.wrap(it, wide));
    let problem = problem.unwrap_or_default();
    let foot = match problem.len() {
        0 => 0,
        many => u16::try_from(many).unwrap_or(0) + 1,
    };
    let title = format!("Recommended work: {}", form.label);
    let inner = frame::boxed(pen, area, wide, 5 + foot, &title);
    let mut cursor = Position::new(inner.x, inner.y);
    for ((y, field), place) in (inner.y..inner.bottom()).zip(WorkField::ALL).zip(0..) {
        let name = match field {
            WorkField::Text => "Do",
            WorkField::Labour => "Labour",
            WorkField::Parts => "Parts",
        };
        let here = field == form.at;
        let style = if here { theme.current() } else { theme.dim() };
        pen.put(inner.x, y, LABEL, name, style);
        let x = inner.x + LABEL;
        let width = match field {
            WorkField::Text => inner.right().saturating_sub(x),
            WorkField::Labour | WorkField::Parts => 14,
        };
        let line = Rect {
            x,
            y,
            width,
            height: 1,
        };
        pen.on(line, Target::Row(place));
        pen.style(line, theme.input());
        let input = form.input(field);
        // The end of what is typed is what one looks at.
        let over = columns(input.before()).saturating_sub(width.saturating_sub(1));
        let shown = from_column(input.text(), over);
        pen.put(x, y, width, shown, theme.input());
        if here {
            let column = columns(input.before()).saturating_sub(over);
            cursor = Position::new(x + column, y);
        }
    }
    let words = "45, 45.50 or 45,50; in cents 4550c; empty is nought";
    let y = inner.y + 4;
    pen.put(inner.x, y, inner.width, words, theme.dim());
    for (y, line) in (y + 2..inner.bottom()).zip(&problem) {
        pen.put(inner.x, y, inner.width, line, theme.wrong());
    }
    cursor
}

/// A text without so many of its first columns.
fn from_column(text: &str, skip: u16) -> &str {
    let mut took = 0;
    for (at, c) in text.char_indices() {
        if took >= skip {
            return &text[at..];
        }
        took += columns(c.encode_utf8(&mut [0; 4]));
    }
    if skip == 0 { text } else { "" }
}
