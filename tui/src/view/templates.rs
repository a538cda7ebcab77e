//! The templates: their versions, and of the marked one what it asks or what changed.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::template::{Template, TemplateState};

use super::{frame, pen::Pen};
use crate::app::{Sort, State, Target, TemplatesScreen, differences, kind_words, template_state};

/// Draws them.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &TemplatesScreen,
) -> Option<Position> {
    let theme = pen.theme;
    frame::header(pen, area, state, &[("Templates".to_owned(), theme.title())]);
    let words = match (&screen.all, &screen.trouble) {
        (_, Some(trouble)) => Some(trouble.clone()),
        (None, None) => Some("Asking the daemon.".to_owned()),
        (Some(all), None) if all.is_empty() => Some(
            "The shop has no template yet. Whoever runs the server imports one: redtag-server \
             template import."
                .to_owned(),
        ),
        _ => None,
    };
    if let Some(words) = words {
        let lines = pen.wrap(&words, area.width.saturating_sub(4));
        for (y, line) in (area.y + 2..area.bottom()).zip(lines) {
            pen.put(area.x + 2, y, area.width - 4, &line, theme.dim());
        }
        return None;
    }
    let all = screen.all.as_deref().unwrap_or_default();
    let count = u16::try_from(all.len()).unwrap_or(u16::MAX);
    let most = (area.height / 3).max(3);
    let list = Rect {
        y: area.y + 2,
        height: count.min(most),
        ..area
    };
    let from = frame::scrolled(screen.selected, list.height, all.len());
    for (y, (at, one)) in (list.y..list.bottom()).zip(all.iter().enumerate().skip(from)) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        pen.on(line, Target::Row(at));
        draw_version(pen, line, screen, (at, one));
    }
    let below = Rect {
        y: list.bottom() + 1,
        height: area.bottom().saturating_sub(list.bottom() + 1),
        ..area
    };
    if let Some(marked) = screen.marked() {
        detail(pen, below, screen, marked);
    }
    None
}

fn draw_version(
    pen: &mut Pen<'_>,
    area: Rect,
    screen: &TemplatesScreen,
    (at, it): (usize, &Template),
) {
    let theme = pen.theme;
    let marked = at == screen.selected;
    let refused = screen.is_refused(it);
    let base = if marked {
        pen.style(area, theme.selected());
        theme.selected()
    } else {
        Style::new()
    };
    let look = match it.state {
        _ if marked => base,
        _ if refused => theme.wrong(),
        TemplateState::Active => theme.good(),
        TemplateState::Draft | TemplateState::Closing => theme.notice(),
        TemplateState::Closed => theme.dim(),
    };
    let right = 34;
    let name = area.width.saturating_sub(right + 3);
    pen.put(area.x + 2, area.y, name, &it.name, base);
    let x = area.right().saturating_sub(right);
    pen.put(x, area.y, 11, &format!("version {}", it.version), base);
    let state = if refused {
        "refused"
    } else {
        template_state(it.state)
    };
    pen.put(x + 12, area.y, 8, state, look);
    let points = format!("{} points", it.points().count());
    pen.put_right(x + 21, area.y, right - 22, &points, base);
}

fn detail(pen: &mut Pen<'_>, area: Rect, screen: &TemplatesScreen, marked: &Template) {
    let theme = pen.theme;
    let top = Rect { height: 1, ..area };
    let what = match (screen.changes, screen.before()) {
        _ if screen.is_refused(marked) => {
            "refused, and on this machine only: “outbox” says why".to_owned()
        }
        (false, _) => "what it asks".to_owned(),
        (true, Some(before)) => format!("changed since version {}", before.version),
        (true, None) => "the first version".to_owned(),
    };
    let title = [
        (format!("{}  ", marked.key), theme.title()),
        (what, theme.dim()),
    ];
    pen.rule(top, &title);
    let lines = match (screen.changes, screen.before()) {
        (false, _) => asks(pen, marked),
        (true, Some(before)) => changes(pen, before, marked),
        (true, None) => vec![(2, "There is none before it.".to_owned(), theme.dim())],
    };
    let listed = lines.iter().skip(screen.scroll);
    for (y, (indent, text, style)) in (top.y + 1..area.bottom()).zip(listed) {
        let room = area.width.saturating_sub(indent + 1);
        pen.put(area.x + indent, y, room, text, *style);
    }
}

type Line = (u16, String, Style);

fn asks(pen: &Pen<'_>, it: &Template) -> Vec<Line> {
    let theme = pen.theme;
    let mut lines = Vec::new();
    for section in &it.sections {
        lines.push((2, section.label.clone(), theme.title()));
        for point in &section.points {
            let words = format!("{}, {}", point.label, kind_words(&point.kind));
            lines.push((4, words, Style::new()));
        }
    }
    lines
}

fn changes(pen: &Pen<'_>, before: &Template, after: &Template) -> Vec<Line> {
    let theme = pen.theme;
    let found = differences(before, after);
    if found.is_empty() {
        return vec![(2, "Both ask the same.".to_owned(), theme.dim())];
    }
    let line = |it: &crate::app::Difference| {
        let (sign, style) = match it.sort {
            Sort::Added => ('+', theme.good()),
            Sort::Removed => ('-', theme.wrong()),
            Sort::Changed => ('~', theme.notice()),
        };
        (2, format!("{sign} {}", it.words), style)
    };
    found.iter().map(line).collect()
}
