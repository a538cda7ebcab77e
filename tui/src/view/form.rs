//! The form for a new inspection.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{customer::Customer, vehicle::Vehicle};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::app::{Field, Form, Saving, State, Subject, Target};

/// Columns of the names of fields.
const LABEL: u16 = 14;

/// A line of the form: a field, a match below it, or words.
enum Row {
    Field(Field),
    Match {
        at: usize,
        text: String,
        marked: bool,
    },
    Words {
        text: String,
        wrong: bool,
    },
}

/// Draws the form; gives the place of the cursor.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, form: &Form) -> Option<Position> {
    let theme = pen.theme;
    let title = [("New inspection".to_owned(), theme.title())];
    frame::header(pen, area, state, &title);
    let rows = rows(pen, form, area.width.saturating_sub(4 + LABEL));
    let current = rows
        .iter()
        .position(|row| matches!(row, Row::Field(field) if *field == form.at));
    let current = current.unwrap_or(0);
    // The matches below the field stay on the screen with it.
    let tail = rows[current + 1..]
        .iter()
        .take_while(|row| !matches!(row, Row::Field(_)))
        .count();
    let list = Rect {
        x: area.x + 2,
        y: area.y + 2,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    let height = usize::from(list.height);
    let from = (current + tail + 1).saturating_sub(height).min(current);
    let mut cursor = None;
    for (y, row) in (list.y..list.bottom()).zip(rows.iter().skip(from)) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        match row {
            Row::Field(field) => {
                let place = form.fields().iter().position(|it| it == field);
                pen.on(line, place.map_or(Target::Nothing, Target::Row));
                let found = draw_field(pen, line, form, *field);
                cursor = cursor.or(found);
            }
            Row::Match { at, text, marked } => {
                pen.on(line, Target::Match(*at));
                let style = if *marked {
                    theme.selected()
                } else {
                    Style::new()
                };
                let room = line.width.saturating_sub(LABEL + 2);
                let pointer = if *marked { theme.glyphs.pointer } else { " " };
                pen.put(line.x + LABEL, y, 2, pointer, Style::new());
                pen.put(line.x + LABEL + 2, y, room, text, style);
            }
            Row::Words { text, wrong } => {
                let style = if *wrong { theme.wrong() } else { theme.dim() };
                let room = line.width.saturating_sub(LABEL);
                pen.put(line.x + LABEL, y, room, text, style);
            }
        }
    }
    cursor
}

fn rows(pen: &Pen<'_>, form: &Form, width: u16) -> Vec<Row> {
    let words = |text: &str, wrong: bool| {
        let lines = pen.wrap(text, width).into_iter();
        lines.map(move |text| Row::Words { text, wrong })
    };
    let mut rows = Vec::new();
    for field in form.fields() {
        if matches!(field, Field::Customer | Field::Concern | Field::Create) {
            rows.push(Row::Words {
                text: String::new(),
                wrong: false,
            });
        }
        rows.push(Row::Field(field));
        if form.at == field {
            rows.extend(form.problem.iter().flat_map(|text| words(text, true)));
        }
        match field {
            Field::Vehicle if form.at == field => matches(&mut rows, &form.vehicle, vehicle),
            Field::Customer if form.at == field => matches(&mut rows, &form.customer, customer),
            // What is wrong with it stands there already.
            Field::Vin if form.at == field && form.problem.is_some() => {}
            Field::Vin => {
                let said = form.vin_words();
                rows.extend(said.iter().flat_map(|(wrong, text)| words(text, *wrong)));
            }
            _ => {}
        }
        let known_by = matches!(field, Field::Plate | Field::Serial);
        let last = form.fields().contains(&Field::Plate) != (field == Field::Serial);
        if known_by && last && !form.alike.is_empty() {
            let text = format!(
                "may be the same, Esc searches again: {}",
                form.alike.join("; ")
            );
            rows.extend(words(&text, true));
        }
    }
    rows
}

fn matches<T, D>(rows: &mut Vec<Row>, subject: &Subject<T, D>, words: fn(&T) -> String) {
    let Subject::Search {
        input,
        found,
        selected,
        ..
    } = subject
    else {
        return;
    };
    for (at, one) in found.iter().enumerate() {
        rows.push(Row::Match {
            at,
            text: words(one),
            marked: *selected == Some(at),
        });
    }
    let typed = input.text().trim();
    let text = if typed.is_empty() {
        "new: none of these".to_owned()
    } else {
        format!("new: “{typed}”")
    };
    rows.push(Row::Match {
        at: found.len(),
        text,
        marked: selected.is_some_and(|at| at >= found.len()),
    });
}

fn vehicle(vehicle: &Vehicle) -> String {
    let mut words = vec![vehicle.title()];
    words.extend(vehicle.plate().map(ToOwned::to_owned));
    words.extend(vehicle.vin().map(ToString::to_string));
    words.extend(vehicle.serial().map(ToOwned::to_owned));
    words.join("  ")
}

fn customer(customer: &Customer) -> String {
    let mut words = vec![customer.name.value.clone()];
    words.extend(customer.phones.value.first().cloned());
    words.extend(customer.emails.value.first().cloned());
    words.join("  ")
}

fn draw_field(pen: &mut Pen<'_>, area: Rect, form: &Form, field: Field) -> Option<Position> {
    let theme = pen.theme;
    let here = form.at == field;
    let label_style = if here { theme.title() } else { theme.dim() };
    let pointer = if here { theme.glyphs.pointer } else { "" };
    pen.put(area.x.saturating_sub(2), area.y, 1, pointer, Style::new());
    let label_room = LABEL.saturating_sub(1);
    if field == Field::Create {
        let style = if here { theme.selected() } else { Style::new() };
        let text = match form.saving {
            Saving::No => " Create the inspection ",
            Saving::Numbering | Saving::Sent(..) => " saving ",
        };
        pen.put(area.x + LABEL, area.y, area.width - LABEL, text, style);
        return None;
    }
    pen.put(area.x, area.y, label_room, field.label(), label_style);
    let x = area.x + LABEL;
    let room = area.width.saturating_sub(LABEL);
    if let Some(input) = form.input(field) {
        let last = input.text().rsplit('\n').next().unwrap_or_default();
        let several = input.text().contains('\n');
        let shown = if several && !here {
            input.text().replace('\n', " ")
        } else if several {
            last.to_owned()
        } else {
            input.text().to_owned()
        };
        if here {
            pen.style(
                Rect {
                    x,
                    width: room,
                    ..area
                },
                theme.input(),
            );
        }
        let before = input.before().rsplit('\n').next().unwrap_or_default();
        let before = columns(&theme.text(before));
        // A text longer than its field shows the end that is being typed.
        let hidden = before.saturating_sub(room.saturating_sub(1));
        let shown = skip_columns(&shown, hidden);
        pen.put(x, area.y, room, &shown, Style::new());
        if input.is_empty() {
            let (text, style) = (placeholder(field), theme.dim());
            pen.put(x, area.y, room, text, style);
        }
        return here.then(|| Position::new(x + before - hidden, area.y));
    }
    let text = value(form, field);
    if field.cycles() && here {
        let (left, right) = theme.glyphs.cycle;
        let pieces = [
            (format!("{left} "), theme.key()),
            (text, Style::new()),
            (format!(" {right}"), theme.key()),
        ];
        pen.pieces(x, area.y, room, &pieces);
    } else {
        pen.put(x, area.y, room, &text, Style::new());
    }
    None
}

fn skip_columns(text: &str, skip: u16) -> String {
    let mut skipped = 0;
    text.chars()
        .skip_while(|c| {
            let wide = columns(c.encode_utf8(&mut [0; 4]));
            let skip_it = skipped < skip;
            skipped += wide;
            skip_it
        })
        .collect()
}

fn placeholder(field: Field) -> &'static str {
    match field {
        Field::Vehicle => "type a plate, VIN, serial number, maker or model",
        Field::Customer => "type a name, telephone number or e-mail; empty for nobody",
        _ => "",
    }
}

fn value(form: &Form, field: Field) -> String {
    match (field, &form.vehicle, &form.customer) {
        (Field::Template, ..) => match form.templates.as_deref() {
            None => "asking the daemon".to_owned(),
            Some(templates) => templates
                .get(form.template)
                .map_or("no template is active".to_owned(), |it| it.name.clone()),
        },
        (Field::Vehicle, Subject::Taken(taken), _) => {
            format!("{}   (Esc: another)", vehicle(taken))
        }
        (Field::Customer, _, Subject::Taken(taken)) => {
            format!("{}   (Esc: another)", customer(taken))
        }
        (Field::Vehicle, Subject::Fresh(_), _) | (Field::Customer, _, Subject::Fresh(_)) => {
            "new   (Esc: search again)".to_owned()
        }
        (Field::Kind, Subject::Fresh(draft), _) => draft.kind.to_string(),
        (Field::Consent, _, Subject::Fresh(draft)) => {
            let words = if draft.consent {
                "welcome"
            } else {
                "no consent"
            };
            words.to_owned()
        }
        (Field::Assignee, ..) => match form.assignee.checked_sub(1) {
            None => "nobody".to_owned(),
            Some(at) => form
                .people
                .get(at)
                .map_or(String::new(), |(_, name)| name.clone()),
        },
        _ => String::new(),
    }
}
