//! The form in which a vehicle or customer is written down.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::app::{Card, Item, Of, State, Target};

/// Columns of the names of fields.
const LABEL: u16 = 13;

/// Draws it; gives the place of the cursor.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, card: &Card) -> Option<Position> {
    let theme = pen.theme;
    let title = match &card.of {
        Of::NewVehicle(_) => "New vehicle".to_owned(),
        Of::NewCustomer(_) => "New customer".to_owned(),
        Of::Vehicle(it) => it.title(),
        Of::Customer(it) => it.name.value.clone(),
    };
    frame::header(pen, area, state, &[(title, theme.title())]);
    let mut at = Rect {
        x: area.x + 2,
        y: area.y + 2,
        width: area.width.saturating_sub(4),
        height: 1,
    };
    let mut cursor = None;
    for (place, field) in card.fields.iter().enumerate() {
        if at.y >= area.bottom() {
            return cursor;
        }
        let here = place == card.at;
        pen.on(at, Target::Row(place));
        if let Some(found) = draw_field(pen, at, card, field.item, here) {
            cursor = Some(found);
        }
        at.y += 1;
        if let Some((item, words)) = &card.problem
            && *item == field.item
        {
            at.y = lines(pen, at, area, words, theme.wrong());
        }
        if field.item == Item::Vin
            && let Some((wrong, words)) = card.vin_words()
            && card.problem.as_ref().is_none_or(|it| it.0 != Item::Vin)
        {
            let style = if wrong { theme.wrong() } else { theme.dim() };
            at.y = lines(pen, at, area, &words, style);
        }
    }
    at.y += 1;
    if at.y < area.bottom() {
        let here = card.item().is_none();
        let style = if here { theme.selected() } else { Style::new() };
        let text = if card.saving.is_some() {
            " saving "
        } else {
            " Save "
        };
        pen.on(at, Target::Row(card.fields.len()));
        pen.put(at.x + LABEL, at.y, 20, text, style);
    }
    at.y += 2;
    alike(pen, at, area, card);
    cursor
}

/// Words below a field; gives the line after them.
fn lines(pen: &mut Pen<'_>, at: Rect, area: Rect, words: &str, style: Style) -> u16 {
    let room = at.width.saturating_sub(LABEL);
    let mut y = at.y;
    for line in pen.wrap(words, room) {
        if y < area.bottom() {
            pen.put(at.x + LABEL, y, room, &line, style);
            y += 1;
        }
    }
    y
}

/// What may be the same.
fn alike(pen: &mut Pen<'_>, at: Rect, area: Rect, card: &Card) {
    if card.alike.is_empty() || at.y >= area.bottom() {
        return;
    }
    let theme = pen.theme;
    let words = match card.alike.len() {
        1 => "This may be the same:".to_owned(),
        many => format!("These {many} may be the same:"),
    };
    pen.put(at.x, at.y, at.width, &words, theme.notice());
    for (y, words) in (at.y + 1..area.bottom()).zip(&card.alike) {
        pen.put(at.x + 2, y, at.width.saturating_sub(2), words, Style::new());
    }
}

fn draw_field(
    pen: &mut Pen<'_>,
    area: Rect,
    card: &Card,
    item: Item,
    here: bool,
) -> Option<Position> {
    let theme = pen.theme;
    let field = card.fields.iter().find(|it| it.item == item)?;
    let label = if here { theme.title() } else { theme.dim() };
    let pointer = if here { theme.glyphs.pointer } else { "" };
    pen.put(area.x.saturating_sub(2), area.y, 1, pointer, Style::new());
    pen.put(area.x, area.y, LABEL - 1, item.label(), label);
    let x = area.x + LABEL;
    let room = area.width.saturating_sub(LABEL);
    let text = field.input.text();
    if item.cycles() {
        let (left, right) = theme.glyphs.cycle;
        let pieces = if here {
            vec![
                (format!("{left} "), theme.key()),
                (text.to_owned(), Style::new()),
                (format!(" {right}"), theme.key()),
            ]
        } else {
            vec![(text.to_owned(), Style::new())]
        };
        pen.pieces(x, area.y, room, &pieces);
        return None;
    }
    if here {
        let whole = Rect {
            x,
            width: room,
            ..area
        };
        pen.style(whole, theme.input());
    }
    let before = columns(&theme.text(field.input.before()));
    // A text longer than its field shows the end that is being typed.
    let hidden = before.saturating_sub(room.saturating_sub(1));
    let shown: String = theme.text(text);
    let shown = skipped(&shown, if here { hidden } else { 0 });
    pen.put(x, area.y, room, &shown, Style::new());
    if text.is_empty() {
        pen.put(x, area.y, room, item.wants(), theme.dim());
    }
    here.then(|| Position::new(x + before - hidden, area.y))
}

fn skipped(text: &str, skip: u16) -> String {
    let mut took = 0;
    text.chars()
        .skip_while(|c| {
            let skip_it = took < skip;
            took += columns(c.encode_utf8(&mut [0; 4]));
            skip_it
        })
        .collect()
}
