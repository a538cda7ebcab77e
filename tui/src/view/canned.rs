//! Canned notes: the list of those for a point, and the shelf below a note that is typed.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::canned::{Found, Near};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::app::{CannedList, Editor, Target};

/// Draws the list; gives the place of the cursor.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, list: &CannedList) -> Position {
    let theme = pen.theme;
    let wide = 100.min(area.width.saturating_sub(8));
    let most = area.height.saturating_sub(5);
    let count = u16::try_from(list.all.len()).unwrap_or(u16::MAX).min(most);
    let title = format!("Canned: {}", list.label);
    let inner = frame::boxed(pen, area, wide, count + 2, &title);
    let find = "Find  ";
    pen.put(inner.x, inner.y, inner.width, find, theme.dim());
    let x = inner.x + columns(find);
    let room = inner.width.saturating_sub(columns(find));
    let field = Rect {
        x,
        y: inner.y,
        width: room,
        height: 1,
    };
    pen.style(field, theme.input());
    pen.put(x, inner.y, room, list.filter.text(), theme.typed());
    let fitting = list.fitting();
    let rows = Rect {
        y: inner.y + 2,
        height: inner.height.saturating_sub(2),
        ..inner
    };
    if fitting.is_empty() {
        let words = "no canned note has these letters";
        pen.put(rows.x, rows.y, rows.width, words, theme.dim());
    }
    let from = frame::scrolled(list.selected, rows.height, fitting.len());
    let listed = fitting.iter().enumerate().skip(from);
    for (y, (at, found)) in (rows.y..rows.bottom()).zip(listed) {
        let line = Rect {
            y,
            height: 1,
            ..rows
        };
        let number = if at < 9 {
            (at + 1).to_string()
        } else {
            String::new()
        };
        pen.on(line, Target::Row(at));
        row(pen, line, &number, found, at == list.selected);
    }
    let cursor = x + columns(list.filter.before());
    Position::new(cursor.min(inner.right().saturating_sub(1)), inner.y)
}

/// The notes that fit below a text that is typed.
pub(super) fn shelf(pen: &mut Pen<'_>, area: Rect, editor: &Editor) {
    if area.height < 2 {
        return;
    }
    let theme = pen.theme;
    let offered = editor.offered();
    let head = match offered.len() {
        0 if editor.sought => "no canned note has these letters",
        // Whoever types words of their own looks for none.
        0 => "",
        _ => "Tab: canned notes",
    };
    pen.put(area.x, area.y, area.width, head, theme.dim());
    let rows = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    let from = frame::scrolled(editor.marked.unwrap_or(0), rows.height, offered.len());
    let listed = offered.iter().enumerate().skip(from);
    for (y, (at, found)) in (rows.y..rows.bottom()).zip(listed) {
        let line = Rect {
            y,
            height: 1,
            ..rows
        };
        row(pen, line, "", found, editor.marked == Some(at));
    }
}

/// One note: its number, the condition that it sets, its words, and whether it recommends work.
fn row(pen: &mut Pen<'_>, area: Rect, number: &str, found: &Found, marked: bool) {
    let theme = pen.theme;
    let style = if marked {
        pen.style(area, theme.selected());
        theme.selected()
    } else {
        Style::new()
    };
    let key = if marked { style } else { theme.key() };
    pen.put(area.x, area.y, 1, number, key);
    let condition = found.note.condition;
    let letter = condition.map_or("", |it| theme.letter(Some(it)));
    let badge = theme.condition(condition);
    let shown = if letter.is_empty() {
        String::new()
    } else {
        format!(" {letter} ")
    };
    pen.put(area.x + 2, area.y, 3, &shown, badge);
    let mut side = String::new();
    if let Some(work) = &found.note.recommendation {
        let sum = work.labour.checked_add(work.parts).unwrap_or(work.labour);
        side = format!("+ work {sum}");
    }
    let near = match found.near {
        Near::Point => "",
        Near::Section => "section",
        Near::Shop => "any",
    };
    if !near.is_empty() {
        let gap = if side.is_empty() { "" } else { "  " };
        side = format!("{side}{gap}{near}");
    }
    let took = columns(&side);
    let x = area.x + 6;
    let room = area.right().saturating_sub(x + took + 1);
    let words = found.note.text.replace('\n', " ");
    pen.put(x, area.y, room, &words, style);
    let quiet = if marked { style } else { theme.dim() };
    pen.put_right(x, area.y, area.right().saturating_sub(x), &side, quiet);
}
