//! The timeline: who, when and what, before and after, and where it is.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{
    event::Actor,
    ipc::{SyncState, TimelineEntry},
};

use super::{
    frame,
    pen::{Pen, columns},
};
use crate::app::{State, Target, TimelineScreen, story, when};

/// Lines for the marked entry at the lower end.
const DETAIL: u16 = 6;

/// Draws the timeline.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &TimelineScreen,
) -> Option<Position> {
    let theme = pen.theme;
    let title = [
        (format!("{}  ", screen.label), theme.title()),
        ("timeline, the newest first".to_owned(), theme.dim()),
        (
            screen.only.as_ref().map_or_else(String::new, |point| {
                format!("   only {}", screen.labels.label(point))
            }),
            theme.notice(),
        ),
    ];
    frame::header(pen, area, state, &title);
    let list = Rect {
        y: area.y + 2,
        height: area.height.saturating_sub(2 + DETAIL),
        ..area
    };
    let entries = screen.shown();
    if screen.entries.is_none() {
        let words = screen
            .trouble
            .as_deref()
            .unwrap_or("Fetching the timeline.");
        pen.put(area.x + 2, list.y, area.width - 4, words, theme.dim());
        return None;
    }
    if entries.is_empty() {
        let words = match screen.only {
            Some(_) => "Nothing was done to this point yet; f shows everything.",
            None => "Nothing of it is kept on this machine yet.",
        };
        pen.put(area.x + 2, list.y, area.width - 4, words, theme.dim());
        return None;
    }
    let from = frame::scrolled(screen.selected, list.height, entries.len());
    let listed = entries.iter().enumerate().skip(from);
    // As wide as the times on the screen: those of today leave the room to what happened.
    let on_screen = entries.iter().skip(from).take(list.height.into());
    let wide = on_screen.map(|it| columns(&time(state, it))).max();
    let wide = wide.unwrap_or(0);
    for (y, (at, entry)) in (list.y..list.bottom()).zip(listed) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        pen.on(line, Target::Row(at));
        let marked = at == screen.selected;
        draw_entry(pen, line, state, screen, entry, (marked, wide));
    }
    let below = Rect {
        y: list.bottom(),
        height: DETAIL,
        ..area
    };
    if let Some(entry) = entries.get(screen.selected) {
        detail(pen, below, state, screen, entry);
    }
    None
}

fn draw_entry(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &TimelineScreen,
    entry: &TimelineEntry,
    (marked, wide): (bool, u16),
) {
    let theme = pen.theme;
    let base = if marked {
        pen.style(area, theme.selected());
        theme.selected()
    } else {
        Style::new()
    };
    let quiet = if marked { base } else { theme.dim() };
    let story = story(entry.happening.as_ref(), &screen.labels);
    pen.put(area.x + 1, area.y, wide, &time(state, entry), quiet);
    let who_wide = if area.width < 76 { 12 } else { 16 };
    let x = area.x + wide + 2;
    pen.put(x, area.y, who_wide, &entry.who, base);
    let x = x + who_wide + 1;
    let room = area.right().saturating_sub(x + 3);
    let style = if story.conflict && !marked {
        theme.wrong()
    } else {
        base
    };
    let words = story.line(theme.glyphs.arrow).replace('\n', " ");
    pen.put(x, area.y, room, &words, style);
    let (mark, style) = match entry.sync {
        _ if story.conflict => (theme.glyphs.alarm, theme.wrong()),
        SyncState::Acknowledged => ("", Style::new()),
        SyncState::Waiting => (theme.glyphs.waiting, theme.notice()),
        SyncState::Sent => (theme.glyphs.sent, theme.notice()),
        SyncState::Refused => (theme.glyphs.alarm, theme.wrong()),
    };
    let style = if marked { base } else { style };
    pen.put(area.right().saturating_sub(2), area.y, 1, mark, style);
}

/// When it happened.
fn time(state: &State, entry: &TimelineEntry) -> String {
    let happening = entry.happening.as_ref();
    happening.map_or_else(String::new, |it| when(it.stamp, state.now(), &state.zone))
}

/// The marked entry in full.
fn detail(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &TimelineScreen,
    entry: &TimelineEntry,
) {
    let theme = pen.theme;
    let story = story(entry.happening.as_ref(), &screen.labels);
    let top = Rect { height: 1, ..area };
    pen.rule(top, &[(story.what.clone(), theme.title())]);
    let mut rows: Vec<(&str, String, Style)> = Vec::new();
    if let Some(before) = &story.before {
        rows.push(("Before", before.clone(), Style::new()));
    }
    if story.before.is_some() || story.after.is_some() {
        let after = story.after.clone();
        let after = after.unwrap_or_else(|| "taken back".to_owned());
        rows.push(("After", after, Style::new()));
    }
    if let Some(more) = &story.more {
        let style = if story.conflict {
            theme.wrong()
        } else {
            Style::new()
        };
        let label = if story.conflict { "Conflict" } else { "Why" };
        rows.push((label, more.clone(), style));
    }
    let accepted = entry.happening.as_ref().and_then(|it| it.accepted);
    let at = match accepted {
        Some(at) => format!(
            "acknowledged by the server {}",
            when(at, state.now(), &state.zone)
        ),
        None => entry.sync.words().to_owned(),
    };
    let bench = match entry.actor {
        Actor::Person { device, .. } => format!("{} at bench {}; {at}", entry.who, device.code()),
        Actor::Caller { .. } | Actor::Operator => format!("{}; {at}", entry.who),
    };
    rows.push(("By", bench, theme.dim()));
    frame::rows(pen, area, &rows);
}
