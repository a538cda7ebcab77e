//! How things stand on the way from this bench to the API, and what was said before.

use ratatui::{layout::Rect, style::Style};
use redtag_protocol::ipc::{Connection, Status};

use super::{frame, pen::Pen};
use crate::app::{Daemon, State, when};

/// A line: a label, words and their style; a label alone is a heading.
type Line = (String, String, Style);

/// Columns of the labels.
const LABEL: u16 = 15;

/// Draws it, from a line on.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, scroll: u16) {
    let wide = 76.min(area.width.saturating_sub(8));
    let room = wide.saturating_sub(LABEL + 1);
    let mut rows = way(pen, state);
    rows.push((String::new(), String::new(), Style::new()));
    rows.extend(said(pen, state));
    let mut lines: Vec<Line> = Vec::new();
    for (label, words, style) in rows {
        for (at, line) in pen.wrap(&words, room).into_iter().enumerate() {
            let label = if at == 0 {
                label.clone()
            } else {
                String::new()
            };
            lines.push((label, line, style));
        }
    }
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = count.min(area.height.saturating_sub(2));
    let inner = frame::boxed(pen, area, wide, height, "How things stand");
    let from = usize::from(scroll.min(count.saturating_sub(inner.height)));
    for (y, (label, words, style)) in (inner.y..inner.bottom()).zip(lines.iter().skip(from)) {
        let heading = words.is_empty();
        let (of, width) = if heading {
            (pen.theme.title(), inner.width)
        } else {
            (pen.theme.dim(), LABEL)
        };
        pen.put(inner.x, y, width, label, of);
        pen.put(inner.x + LABEL + 1, y, room, words, *style);
    }
    if from + usize::from(inner.height) < lines.len() {
        let more = format!(" {} more below ", pen.theme.glyphs.more);
        let dim = pen.theme.dim();
        pen.put_right(inner.x, inner.bottom(), inner.width, &more, dim);
    }
}

/// The way of an edit, station by station, each with what is there now.
fn way(pen: &Pen<'_>, state: &State) -> Vec<Line> {
    let theme = pen.theme;
    let mut rows = Vec::new();
    let mut say = |label: &str, words: String, style: Style| {
        rows.push((label.to_owned(), words, style));
    };
    let unsaved = state.unsaved.at_risk();
    match unsaved {
        0 => say(
            "you type",
            "everything is saved on this machine".to_owned(),
            theme.good(),
        ),
        many => say(
            "you type",
            format!("{many} not saved on this machine yet (F2)"),
            theme.wrong(),
        ),
    }
    match (&state.daemon, &state.status) {
        (Daemon::Starting, _) => {
            say(
                "the daemon",
                "is being connected to".to_owned(),
                theme.notice(),
            );
        }
        (Daemon::Down(why), _) => say("the daemon", why.clone(), theme.wrong()),
        (Daemon::Up, None) => say(
            "the daemon",
            "is asked how things stand".to_owned(),
            theme.notice(),
        ),
        (Daemon::Up, Some(status)) => {
            say("the daemon", "answers".to_owned(), theme.good());
            queue(&mut say, pen, state, status);
        }
    }
    rows
}

fn queue(say: &mut impl FnMut(&str, String, Style), pen: &Pen<'_>, state: &State, status: &Status) {
    let theme = pen.theme;
    let at = |stamp| when(stamp, state.now(), &state.zone);
    if let Some(account) = &status.account {
        say(
            "signed in",
            format!(
                "{}, {} of {}",
                account.name, account.role, account.shop_name
            ),
            Style::new(),
        );
    }
    let quiet = |count: u64, style: Style| if count == 0 { theme.dim() } else { style };
    let since = match status.waiting_since {
        Some(stamp) if status.waiting > 0 => format!(", the oldest since {}", at(stamp)),
        _ => String::new(),
    };
    say(
        "saved here",
        format!("{} waiting to be sent{since}", status.waiting),
        quiet(status.waiting, theme.notice()),
    );
    say(
        "sent",
        format!("{} not acknowledged yet", status.sent),
        quiet(status.sent, theme.notice()),
    );
    say(
        "refused",
        format!(
            "{} kept here to look at (w on the board)",
            status.quarantined
        ),
        quiet(status.quarantined, theme.wrong()),
    );
    say(
        "to settle",
        format!("{} (! on the board)", status.conflicts),
        quiet(status.conflicts, theme.wrong()),
    );
    let (words, style) = match &status.connection {
        Connection::Online => ("online".to_owned(), theme.good()),
        Connection::Connecting => ("being connected to".to_owned(), theme.notice()),
        Connection::Offline { why, .. } => (format!("offline: {why}"), theme.notice()),
        Connection::SignedOut { .. } => (
            "signed out: edits are kept and go out after “redtag login”".to_owned(),
            theme.wrong(),
        ),
        Connection::NoAccount => ("nobody is signed in".to_owned(), theme.notice()),
    };
    say("the API", words, style);
    if let Some(next) = status.next_try {
        say("", format!("tried again {}", at(next)), theme.dim());
    }
    if let Some(held) = &status.held {
        say("", format!("sending waits: {held}"), theme.notice());
    }
    let last = status.last_sync.map_or_else(|| "never yet".to_owned(), at);
    say("last in step", last, Style::new());
    if let Some(alarm) = &status.alarm {
        say("the timeline", format!("{alarm:?}"), theme.wrong());
    }
    for notice in &status.notices {
        say("to know", notice.clone(), theme.notice());
    }
}

/// What was said, the newest first.
fn said(pen: &Pen<'_>, state: &State) -> Vec<Line> {
    let mut rows = vec![("Said before".to_owned(), String::new(), Style::new())];
    if state.told.is_empty() {
        let nothing = "nothing yet".to_owned();
        rows.push((String::new(), nothing, pen.theme.dim()));
    }
    for (stamp, said) in state.told.iter().rev() {
        let at = when(*stamp, state.now(), &state.zone);
        rows.push((at, said.words.clone(), pen.theme.tone(said.tone)));
    }
    rows
}
