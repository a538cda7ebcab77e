//! The palette: what was typed, and below it the actions that match, with their keys.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::{
    app::{Palette, Reach, Target},
    keys::names,
};

/// The most lines of actions.
const LINES: u16 = 14;

/// Draws the palette; gives the place of the cursor.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, palette: &Palette) -> Position {
    let theme = pen.theme;
    let wide = 76.min(area.width.saturating_sub(8));
    let inner = frame::boxed(pen, area, wide, LINES + 1, "Find an action");
    let pointer = theme.glyphs.pointer;
    let text = Rect {
        x: inner.x + 2,
        width: inner.width.saturating_sub(2),
        height: 1,
        ..inner
    };
    pen.put(inner.x, inner.y, 1, pointer, theme.key());
    pen.style(text, theme.input());
    pen.put(
        text.x,
        text.y,
        text.width,
        palette.input.text(),
        theme.typed(),
    );
    let list = Rect {
        y: inner.y + 1,
        height: inner.height.saturating_sub(1),
        ..inner
    };
    if palette.count() == 0 {
        let words = "nothing you may do here is called that";
        pen.put(
            list.x + 2,
            list.y,
            list.width.saturating_sub(2),
            words,
            theme.dim(),
        );
    }
    let from = frame::scrolled(palette.selected, list.height, palette.count());
    let shown = palette.shown().enumerate().skip(from);
    for (y, (at, offer)) in (list.y..list.bottom()).zip(shown) {
        let marked = at == palette.selected;
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        pen.on(line, Target::Row(at));
        let mut style = Style::new();
        if marked {
            style = theme.selected();
            pen.style(line, style);
        }
        let keys = names(&offer.chords, theme.glyphs.ascii);
        let keys_wide = columns(&keys).min(18);
        let of_keys = if marked { style } else { theme.key() };
        pen.put_right(list.x, y, list.width, &pen.cut(&keys, keys_wide), of_keys);
        let room = list.width.saturating_sub(keys_wide + 4);
        let style = if !marked && offer.at != Reach::Here {
            theme.dim()
        } else {
            style
        };
        pen.put(list.x + 2, y, room, &offer.words(), style);
    }
    let cursor = columns(palette.input.before()).min(text.width.saturating_sub(1));
    Position::new(text.x + cursor, text.y)
}
