//! The outbox: what waits, is on its way or was refused, and the marked edit in full.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::ipc::{Connection, Outgoing, Status, SyncState};

use super::{frame, pen::Pen};
use crate::{
    app::{OutboxScreen, State, Target, clock, when},
    words,
};

/// Lines for the marked edit at the lower end.
const DETAIL: u16 = 8;

/// Draws the outbox.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &OutboxScreen,
) -> Option<Position> {
    let theme = pen.theme;
    let title = [
        ("Outbox  ".to_owned(), theme.title()),
        ("what the server has not taken".to_owned(), theme.dim()),
    ];
    frame::header(pen, area, state, &title);
    if let Some(status) = &state.status {
        let (words, style) = why(pen, state, status);
        // Two lines: a reason names an address.
        let lines = pen.wrap(&words, area.width - 2);
        for (y, line) in (area.y + 1..area.y + 3).zip(lines) {
            pen.put(area.x + 1, y, area.width - 2, &line, style);
        }
    }
    let list = Rect {
        y: area.y + 3,
        height: area.height.saturating_sub(3 + DETAIL),
        ..area
    };
    let empty = match (&screen.trouble, screen.total) {
        (Some(trouble), _) => Some(trouble.as_str()),
        (None, None) => Some("Asking the daemon."),
        (None, Some(0)) => Some(
            "Nothing waits, nothing was refused: everything that was saved here is acknowledged.",
        ),
        (None, Some(_)) => None,
    };
    if let Some(words) = empty {
        for (y, line) in (list.y..list.bottom()).zip(pen.wrap(words, area.width - 4)) {
            pen.put(area.x + 2, y, area.width - 4, &line, theme.dim());
        }
        return None;
    }
    let total = screen.total.unwrap_or(0);
    let count = usize::try_from(total).unwrap_or(usize::MAX);
    let selected = usize::try_from(screen.selected).unwrap_or(0);
    let from = frame::scrolled(selected, list.height, count);
    let from = u32::try_from(from).unwrap_or(0);
    for (y, place) in (list.y..list.bottom()).zip(from..total) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        pen.on(
            line,
            Target::Row(usize::try_from(place).unwrap_or(usize::MAX)),
        );
        match screen.row(place) {
            Some(row) => draw_row(pen, line, state, screen, row, place == screen.selected),
            None => {
                pen.put(area.x + 2, y, 4, theme.glyphs.more, theme.dim());
            }
        }
    }
    let below = Rect {
        y: list.bottom(),
        height: DETAIL,
        ..area
    };
    if let Some(row) = screen.marked() {
        detail(pen, below, state, screen, row);
    }
    None
}

/// Why what waits is not sent yet, or that it is on its way.
fn why(pen: &Pen<'_>, state: &State, status: &Status) -> (String, Style) {
    let theme = pen.theme;
    let at = |stamp| when(stamp, state.now(), &state.zone);
    if status.waiting + status.sent == 0 {
        return match status.quarantined {
            0 => (String::new(), theme.dim()),
            _ => (
                "nothing waits; what was refused is kept here until you decide".to_owned(),
                theme.notice(),
            ),
        };
    }
    let since = status
        .waiting_since
        .map_or(String::new(), |stamp| format!(" since {}", at(stamp)));
    let offline = match &status.connection {
        Connection::Offline { why, next_try } => Some((why.clone(), *next_try)),
        Connection::SignedOut { why } => Some((why.clone(), None)),
        _ => None,
    };
    let (held, next) = match (&status.held, offline) {
        (Some(held), _) => (Some(held.clone()), status.next_try),
        (None, Some((why, next))) => (Some(why), next.or(status.next_try)),
        (None, None) => (None, None),
    };
    let next = next.map_or(String::new(), |stamp| {
        format!("; next try {}", clock(stamp, &state.zone))
    });
    match held {
        Some(held) => (format!("waiting{since}{next}: {held}"), theme.notice()),
        None => (format!("on its way{since}"), theme.good()),
    }
}

fn draw_row(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &OutboxScreen,
    row: &Outgoing,
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
    let (mark, style) = match row.sync {
        SyncState::Refused => (theme.glyphs.alarm, theme.wrong()),
        SyncState::Sent => (theme.glyphs.sent, theme.notice()),
        SyncState::Waiting | SyncState::Acknowledged => (theme.glyphs.waiting, theme.notice()),
    };
    let style = if marked { base } else { style };
    pen.put(area.x + 1, area.y, 2, mark, style);
    let time = when(row.stamp, state.now(), &state.zone);
    pen.put(area.x + 3, area.y, 16, &time, quiet);
    pen.put(area.x + 20, area.y, 10, &row.label, base);
    let x = area.x + 31;
    let room = area.right().saturating_sub(x + 1);
    let style = if row.sync == SyncState::Refused && !marked {
        theme.wrong()
    } else {
        base
    };
    let what = words::edit(&row.edit, &screen.labels).replace('\n', " ");
    let refused = if row.sync == SyncState::Refused {
        format!("refused: {what}")
    } else {
        what
    };
    pen.put(x, area.y, room, &refused, style);
}

/// The marked edit in full.
fn detail(pen: &mut Pen<'_>, area: Rect, state: &State, screen: &OutboxScreen, row: &Outgoing) {
    let theme = pen.theme;
    let top = Rect { height: 1, ..area };
    let kind = words::kind(&row.entity);
    pen.rule(top, &[(format!("{} ({kind})", row.label), theme.title())]);
    let mut rows: Vec<(&str, String, Style)> = Vec::new();
    rows.push(("What", words::edit(&row.edit, &screen.labels), Style::new()));
    if let Some(refusal) = &row.refusal {
        rows.push(("Refused", refusal.words.clone(), theme.wrong()));
    }
    let stamp = when(row.stamp, state.now(), &state.zone);
    let safe = match row.sync {
        SyncState::Waiting => "on this machine's disk; not on the server yet",
        SyncState::Sent => "on this machine's disk, and on its way",
        SyncState::Refused => {
            "on this machine only: r tries again, x gives it up, e keeps it in a file"
        }
        SyncState::Acknowledged => "the server has it",
    };
    rows.push((
        "State",
        format!("{}, since {stamp}", row.sync.words()),
        Style::new(),
    ));
    rows.push(("Safe", safe.to_owned(), Style::new()));
    let stroke = screen.stroke().len();
    if stroke > 1 {
        let words = format!("{stroke} edits were done in one stroke and are sent together");
        rows.push(("Stroke", words, theme.dim()));
    }
    frame::rows(pen, area, &rows);
}
