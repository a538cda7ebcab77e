//! The lists of vehicles and of customers.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{customer::Customer, vehicle::Vehicle};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::app::{FOUND, Finder, Listed, Sought, State, Target};

/// Draws it; gives the place of the cursor.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &Finder,
) -> Option<Position> {
    let theme = pen.theme;
    let (name, wanted) = match screen.sought {
        Sought::Vehicle => (
            "Vehicles",
            "plate, VIN, serial number, year, maker or model",
        ),
        Sought::Customer => ("Customers", "name, telephone number or e-mail address"),
        Sought::OwnerOf(_) => (
            "Whose vehicle is it?",
            "name, telephone number or e-mail address",
        ),
    };
    frame::header(pen, area, state, &[(name.to_owned(), theme.title())]);
    let y = area.y + 1;
    let label = "find ";
    pen.put(area.x + 1, y, 8, label, theme.dim());
    let x = area.x + 1 + columns(label);
    let count = count(screen);
    let room = area
        .width
        .saturating_sub(columns(&count) + columns(label) + 4);
    let text = screen.input.text();
    if text.is_empty() {
        pen.put(x, y, room, wanted, theme.dim());
    } else {
        pen.put(x, y, room, text, theme.typed());
    }
    pen.put_right(x, y, area.width.saturating_sub(x + 1), &count, theme.dim());
    let cursor = columns(screen.input.before()).min(room.saturating_sub(1));
    let cursor = Some(Position::new(x + cursor, y));
    let list = Rect {
        y: area.y + 3,
        height: area.height.saturating_sub(3),
        ..area
    };
    if let Some(words) = empty(screen) {
        let lines = pen.wrap(&words, list.width.saturating_sub(4));
        for (y, line) in (list.y..list.bottom()).zip(lines) {
            pen.put(
                list.x + 2,
                y,
                list.width.saturating_sub(4),
                &line,
                theme.dim(),
            );
        }
        return cursor;
    }
    let from = frame::scrolled(screen.selected, list.height, screen.count());
    for (y, at) in (list.y..list.bottom()).zip(from..screen.count()) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        let cells = match &screen.found {
            Some(Listed::Vehicles(all)) => all.get(at).map(vehicle),
            Some(Listed::Customers(all)) => all.get(at).map(customer),
            None => None,
        };
        if let Some(cells) = cells {
            pen.on(line, Target::Row(at));
            row(pen, line, &cells, at == screen.selected);
        }
    }
    cursor
}

fn count(screen: &Finder) -> String {
    let most = usize::try_from(FOUND).unwrap_or(usize::MAX);
    match screen.count() {
        _ if !screen.is_current() => String::new(),
        count if count >= most => format!("the first {count}"),
        count => count.to_string(),
    }
}

fn empty(screen: &Finder) -> Option<String> {
    if let Some(trouble) = &screen.trouble {
        return Some(trouble.clone());
    }
    if screen.found.is_none() {
        return Some("Asking the daemon.".to_owned());
    }
    if screen.count() > 0 {
        return None;
    }
    let what = match screen.sought {
        Sought::Vehicle => "vehicle",
        Sought::Customer | Sought::OwnerOf(_) => "customer",
    };
    Some(match screen.input.text().trim() {
        "" => format!("There is no {what} in this shop yet. Ctrl-N writes one down."),
        typed => format!("No {what} is found for “{typed}”. Enter writes a new one down."),
    })
}

/// Cells with their share of the width.
type Cells = [(String, u16); 4];

fn vehicle(it: &Vehicle) -> Cells {
    let vin = it.vin().map(ToString::to_string);
    let second = vin.or_else(|| it.serial().map(ToOwned::to_owned));
    let mark = it.mark().unwrap_or_default().to_owned();
    let second = second.filter(|it| *it != mark).unwrap_or_default();
    [
        (mark, 4),
        (it.title(), 6),
        (second, 5),
        (it.kind.to_string(), 2),
    ]
}

fn customer(it: &Customer) -> Cells {
    let consent = if it.consent.value {
        "messages welcome"
    } else {
        ""
    };
    [
        (it.name.value.clone(), 5),
        (it.phones.value.join(", "), 4),
        (it.emails.value.join(", "), 5),
        (consent.to_owned(), 3),
    ]
}

fn row(pen: &mut Pen<'_>, area: Rect, cells: &Cells, marked: bool) {
    let theme = pen.theme;
    let style = if marked {
        pen.style(area, theme.selected());
        theme.selected()
    } else {
        Style::new()
    };
    let all: u16 = cells.iter().map(|(_, share)| *share).sum();
    let room = area.width.saturating_sub(6);
    let mut x = area.x + 1;
    for (text, share) in cells {
        let width = room * *share / all.max(1);
        pen.put(x, area.y, width, text, style);
        x += width + 1;
    }
}
