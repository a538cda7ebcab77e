//! What every screen has: a title with who and where at its right, and boxes above it.

use ratatui::{layout::Rect, style::Style};

use super::pen::{Pen, columns};
use crate::app::State;

/// The first line: the screen's title, the shop and the person.
pub(super) fn header(pen: &mut Pen<'_>, area: Rect, state: &State, title: &[(String, Style)]) {
    let took = pen.pieces(area.x + 1, area.y, area.width.saturating_sub(2), title);
    let Some(account) = state.status.as_ref().and_then(|it| it.account.as_ref()) else {
        return;
    };
    let dot = pen.theme.glyphs.dot;
    let long = format!(
        "{} {dot} {} {dot} {}",
        account.shop_name, account.name, account.role
    );
    let short = account.name.clone();
    let room = area.width.saturating_sub(took + 5);
    let style = pen.theme.dim();
    for text in [long, short] {
        if columns(&text) <= room {
            return pen.put_right(area.x + took + 3, area.y, room + 1, &text, style);
        }
    }
}

/// A box above the screen, as large as it must be; gives what is inside.
pub(super) fn boxed(pen: &mut Pen<'_>, area: Rect, width: u16, height: u16, title: &str) -> Rect {
    let width = width.saturating_add(4).min(area.width);
    let height = height.saturating_add(2).min(area.height);
    let outer = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    // A blank at each side keeps the box apart from what lies below it.
    let around = Rect {
        x: outer.x.saturating_sub(1).max(area.x),
        width: outer.width + 2,
        ..outer
    };
    pen.clear(around.intersection(area));
    let style = pen.theme.title();
    let top = Rect { height: 1, ..outer };
    pen.rule(top, &[(title.to_owned(), style)]);
    let bottom = Rect {
        y: outer.bottom() - 1,
        ..top
    };
    pen.rule(bottom, &[]);
    let dim = pen.theme.dim();
    let corners = pen.theme.glyphs.corners;
    let places = [
        (outer.x, outer.y),
        (outer.right() - 1, outer.y),
        (outer.x, bottom.y),
        (outer.right() - 1, bottom.y),
    ];
    for ((x, y), corner) in places.into_iter().zip(corners) {
        pen.put(x, y, 1, corner, dim);
    }
    let inner_height = height.saturating_sub(2);
    pen.down(outer.x, outer.y + 1, inner_height);
    pen.down(outer.right() - 1, outer.y + 1, inner_height);
    Rect {
        x: outer.x + 2,
        y: outer.y + 1,
        width: width.saturating_sub(4),
        height: inner_height,
    }
}

/// Rows of a label and words below a rule; each row is cut so that those after it have a line.
pub(super) fn rows(pen: &mut Pen<'_>, area: Rect, rows: &[(&str, String, Style)]) {
    let room = area.width.saturating_sub(12);
    let mut y = area.y + 1;
    for (at, (label, words, style)) in rows.iter().enumerate() {
        let after = u16::try_from(rows.len() - at - 1).unwrap_or(0);
        let lines = pen.wrap(words, room);
        let most = area.bottom().saturating_sub(y + after).max(1);
        pen.put(area.x + 1, y, 9, label, pen.theme.dim());
        for line in lines.iter().take(most.into()) {
            if y < area.bottom() {
                pen.put(area.x + 10, y, room, line, *style);
                y += 1;
            }
        }
    }
}

/// The first line of a list to show, so that the marked one is on the screen. It moves by half a page
/// at a time: a list that slides under every key tires the eye, and a slow line.
pub(super) fn scrolled(selected: usize, height: u16, count: usize) -> usize {
    let height = usize::from(height.max(1));
    if count <= height {
        return 0;
    }
    let half = (height / 2).max(1);
    let from = selected.saturating_sub(height / 4) / half * half;
    from.min(count.saturating_sub(height))
}
