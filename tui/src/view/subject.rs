//! One vehicle or customer: what is known, whose or what it has, every visit, and a trend.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{
    entity::EntityRef,
    grade::Condition,
    ipc::{BoardRow, CustomerView, Quarantined, VehicleView},
};

use super::{chart, frame, pen::Pen};
use crate::app::{Group, Leads, State, SubjectScreen, Target, Told, when_day};

/// Lines of the chart with its title.
const CHART: u16 = 8;

/// Draws it.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &SubjectScreen,
) -> Option<Position> {
    let theme = pen.theme;
    let kind = crate::words::kind(&screen.key);
    let title = [
        (format!("{}  ", screen.title()), theme.title()),
        (kind.to_owned(), theme.dim()),
    ];
    frame::header(pen, area, state, &title);
    let Some(told) = &screen.told else {
        let words = screen.trouble.as_deref().unwrap_or("Asking the daemon.");
        let lines = pen.wrap(words, area.width.saturating_sub(4));
        for (y, line) in (area.y + 2..area.bottom()).zip(lines) {
            pen.put(area.x + 2, y, area.width - 4, &line, theme.dim());
        }
        return None;
    };
    let facts = match told {
        Told::Vehicle(view) => vehicle(view),
        Told::Customer(view) => customer(view),
    };
    let mut y = facts_at(pen, area, &facts);
    let trend = match told {
        Told::Vehicle(view) => view
            .trends
            .get(screen.trend)
            .map(|it| (it, view.trends.len())),
        Told::Customer(_) => None,
    };
    let chart = if trend.is_some() && area.height >= 20 {
        CHART
    } else {
        0
    };
    y += 1;
    let list = Rect {
        y,
        height: area.bottom().saturating_sub(y + chart),
        ..area
    };
    leads(pen, list, state, screen);
    if let Some((trend, count)) = trend
        && chart > 0
    {
        let top = Rect {
            y: area.bottom() - chart,
            height: 1,
            ..area
        };
        let mut title = vec![(trend.label.clone(), theme.title())];
        title.push((format!("  {}", trend.unit.symbol()), theme.dim()));
        if count > 1 {
            let words = format!("  {} of {count}, Tab shows the next", screen.trend + 1);
            title.push((words, theme.dim()));
        }
        pen.rule(top, &title);
        let below = Rect {
            x: area.x + 2,
            y: top.y + 1,
            width: area.width.saturating_sub(4),
            height: chart - 1,
        };
        chart::draw(pen, below, state, trend);
    }
    None
}

type Facts = Vec<(&'static str, String)>;

fn vehicle(view: &VehicleView) -> Facts {
    let it = &view.vehicle;
    let mut facts = vec![("Kind", it.kind.to_string())];
    facts.extend(it.plate().map(|text| ("Plate", text.to_owned())));
    if let Some(vin) = it.vin() {
        let maker = vin.maker().map_or(String::new(), |it| format!("  ({it})"));
        facts.push(("VIN", format!("{vin}{maker}")));
    }
    facts.extend(it.serial().map(|text| ("Serial no.", text.to_owned())));
    let odometer = it.odometer.as_ref().and_then(|it| it.value.as_ref());
    facts.extend(odometer.map(|it| ("Odometer", it.to_string())));
    facts.push(("Visits", view.visited.to_string()));
    if !it.conflicts.is_empty() || it.deletion.is_some() {
        facts.push(("To settle", "something; ! on the board shows it".to_owned()));
    }
    facts.extend(refused(&view.quarantined));
    facts
}

/// What the API refused of it.
fn refused(edits: &[Quarantined]) -> Option<(&'static str, String)> {
    let first = edits.first()?;
    let words = format!("kept here: {} (w on the board)", first.refusal.words);
    Some(("Refused", words))
}

fn customer(view: &CustomerView) -> Facts {
    let it = &view.customer;
    let mut facts = vec![
        ("Telephone", it.phones.value.join(", ")),
        ("E-mail", it.emails.value.join(", ")),
    ];
    facts.retain(|(_, text)| !text.is_empty());
    let consent = if it.consent.value {
        "welcome"
    } else {
        "no consent"
    };
    facts.push(("Messages", consent.to_owned()));
    facts.push(("Visits", view.visited.to_string()));
    if !it.conflicts.is_empty() || it.deletion.is_some() {
        facts.push(("To settle", "something; ! on the board shows it".to_owned()));
    }
    facts.extend(refused(&view.quarantined));
    facts
}

/// In two columns where there is room; gives the line after them.
fn facts_at(pen: &mut Pen<'_>, area: Rect, facts: &Facts) -> u16 {
    let theme = pen.theme;
    let two = area.width >= 76;
    let half = if two { area.width / 2 } else { area.width };
    let rows = if two {
        facts.len().div_ceil(2)
    } else {
        facts.len()
    };
    for (at, (label, text)) in facts.iter().enumerate() {
        let (column, row) = (at / rows.max(1), at % rows.max(1));
        let x = area.x + 2 + half * u16::try_from(column).unwrap_or(0);
        let y = area.y + 2 + u16::try_from(row).unwrap_or(u16::MAX);
        if y < area.bottom() {
            pen.put(x, y, 11, label, theme.dim());
            pen.put(x + 11, y, half.saturating_sub(14), text, Style::new());
        }
    }
    area.y + 2 + u16::try_from(rows).unwrap_or(0)
}

fn leads(pen: &mut Pen<'_>, area: Rect, state: &State, screen: &SubjectScreen) {
    let theme = pen.theme;
    let all = screen.leads();
    if all.is_empty() {
        let words = match &screen.told {
            Some(Told::Vehicle(_)) => {
                "It was never inspected here. n begins an inspection, o says whose it is."
            }
            _ => "No vehicle and no inspection yet. n writes a vehicle down.",
        };
        pen.put(
            area.x + 2,
            area.y,
            area.width.saturating_sub(4),
            words,
            theme.dim(),
        );
        return;
    }
    let from = frame::scrolled(screen.selected, area.height, all.len());
    let listed = all.iter().enumerate().skip(from);
    for (y, (at, lead)) in (area.y..area.bottom()).zip(listed) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        pen.on(line, Target::Row(at));
        draw_lead(pen, line, state, screen, lead, at == screen.selected);
    }
}

fn draw_lead(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &SubjectScreen,
    lead: &Leads,
    marked: bool,
) {
    let theme = pen.theme;
    let base = if marked {
        pen.style(area, theme.selected());
        theme.selected()
    } else {
        Style::new()
    };
    let quiet = if marked { base } else { theme.dim() };
    let (x, y) = (area.x + 2, area.y);
    let group = match lead.group {
        Group::Owner => "owner",
        Group::Owned => "vehicle",
        Group::Alike => "the same?",
        Group::Visit(at) => {
            if let Some(row) = screen.visits().get(at) {
                draw_visit(pen, area, state, screen.key, row, marked);
            }
            return;
        }
    };
    let style = match lead.group {
        Group::Alike if !marked => theme.notice(),
        _ => quiet,
    };
    pen.put(x, y, 10, group, style);
    let took = pen.put(x + 11, y, 30, &lead.label, base);
    let left = x + 11 + took + 2;
    let room = area.right().saturating_sub(left + 1);
    pen.put(left, y, room, &lead.detail, quiet);
}

fn draw_visit(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    key: EntityRef,
    row: &BoardRow,
    marked: bool,
) {
    let theme = pen.theme;
    let style = |it: Style| if marked { theme.selected() } else { it };
    let (x, y) = (area.x + 2, area.y);
    let day = when_day(row.created, &state.zone);
    pen.put(x, y, 10, &day, style(theme.dim()));
    pen.put(x + 11, y, 8, &row.label, style(Style::new()));
    pen.put(
        x + 20,
        y,
        11,
        row.state.words(),
        style(theme.state(row.state)),
    );
    let counts = [
        (Some(Condition::Red), row.counts.red, "red"),
        (Some(Condition::Yellow), row.counts.yellow, "yellow"),
        (None, row.counts.unanswered(), "open"),
    ];
    let mut left = x + 32;
    for (condition, count, words) in counts {
        let look = style(theme.count(condition, count));
        let text = format!("{count} {words}");
        pen.put(left, y, 10, &text, look);
        left += 11;
    }
    // What the screen is about need not be said again.
    let words = match key {
        EntityRef::Customer(_) => format!("{}  {}", row.vehicle, row.mark),
        _ => format!("{}  {}", row.template, row.customer),
    };
    let room = area.right().saturating_sub(left + 1);
    pen.put(left, y, room, words.trim(), style(theme.dim()));
}
