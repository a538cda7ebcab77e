//! The two lowest lines: how the work stands on its way to the API, in words that mean it, and
//! what was said last or the most important keys.

use ratatui::{layout::Rect, style::Style};
use redtag_protocol::ipc::{Connection, Status, SyncState};

use super::pen::{Pen, columns};
use crate::{
    app::{Daemon, State, Target, when},
    keys::Action,
};

const ACKNOWLEDGED: &str = "all acknowledged";

/// How the work stands.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let mut pieces = Vec::new();
    line(pen, state, &mut pieces);
    let told = state.status.as_ref();
    // Why nothing comes through matters more than any notice.
    let (offline, more) = match told.map(|status| (&status.connection, &status.notices)) {
        Some((Connection::Offline { why, .. }, _)) if state.daemon == Daemon::Up => {
            (true, std::slice::from_ref(why))
        }
        Some((_, notices)) => (false, notices.as_slice()),
        None => (false, Default::default()),
    };
    // A notice has been read with the next key; F3 shows it on.
    let more = more.iter().filter(|it| !state.noticed.contains(it));
    let more = more.map(|it| (it.clone(), pen.theme.notice()));
    let room = area.width.saturating_sub(2);
    let wide = |words: &[(String, Style)]| -> u16 {
        let each = words
            .iter()
            .map(|(words, _)| columns(words).saturating_add(3));
        each.fold(0, u16::saturating_add)
    };
    let mut queue = queue(pen, state, Length::Whole);
    let before: u16 = pieces.iter().map(|(words, _)| columns(words)).sum();
    if before.saturating_add(wide(&queue)) > room {
        queue = self::queue(pen, state, Length::Short);
    }
    // What waits is never cut for the reason; that nothing waits may be.
    let calm = queue.iter().all(|(words, _)| words == ACKNOWLEDGED);
    let words: Vec<_> = if offline && calm {
        more.chain(queue).collect()
    } else {
        queue.into_iter().chain(more).collect()
    };
    for (words, style) in words {
        pieces.push(("   ".to_owned(), pen.theme.dim()));
        pieces.push((words, style));
    }
    pen.pieces(area.x + 1, area.y, area.width.saturating_sub(2), &pieces);
}

fn line(pen: &Pen<'_>, state: &State, pieces: &mut Vec<(String, Style)>) {
    let theme = pen.theme;
    let (on, off) = (theme.glyphs.online, theme.glyphs.offline);
    let mut say = |words: String, style: Style| pieces.push((words, style));
    match &state.daemon {
        Daemon::Starting => {
            return say(format!("{off} connecting to the daemon"), theme.notice());
        }
        Daemon::Down(_) => {
            let words = format!("{off} reconnecting to the daemon; what you type is kept");
            return say(words, theme.wrong());
        }
        Daemon::Up => {}
    }
    let Some(status) = &state.status else {
        return say(format!("{off} asking the daemon"), theme.notice());
    };
    match &status.connection {
        Connection::Online => say(format!("{on} online"), theme.good()),
        Connection::Connecting => say(format!("{off} connecting"), theme.notice()),
        Connection::Offline { .. } => {
            let last = match status.last_sync {
                Some(stamp) => format!("last in step {}", when(stamp, state.now(), &state.zone)),
                None => "never in step yet".to_owned(),
            };
            say(format!("{off} offline, {last}"), theme.notice());
        }
        Connection::SignedOut { .. } => say(
            format!("{off} signed out: edits wait for “redtag login”"),
            theme.wrong(),
        ),
        Connection::NoAccount if status.account.is_some() => {
            say(format!("{off} the account cannot be opened"), theme.wrong());
        }
        Connection::NoAccount => say(format!("{off} nobody is signed in"), theme.notice()),
    }
}

/// How long words may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Whole,
    /// Where the line would be cut otherwise.
    Short,
}

fn queue(pen: &Pen<'_>, state: &State, length: Length) -> Vec<(String, Style)> {
    let pick = |whole: &'static str, short: &'static str| match length {
        Length::Whole => whole,
        Length::Short => short,
    };
    let theme = pen.theme;
    let mut words = Vec::new();
    let stuck = state.unsaved.stuck().count();
    if stuck > 0 {
        words.push((format!("not saved: {stuck} (F2)"), theme.wrong()));
    }
    let saving = state.unsaved.saving();
    match (saving, state.daemon == Daemon::Up) {
        (0, _) => {}
        (_, true) => words.push((format!("saving: {saving}"), theme.notice())),
        (_, false) => words.push((format!("not saved yet: {saving} (F2)"), theme.wrong())),
    }
    // Without the daemon nobody knows what is acknowledged by now.
    let Some(status) = state.status.as_ref().filter(|_| state.daemon == Daemon::Up) else {
        return words;
    };
    let counted =
        |count: u64, text: &str, key: &str| (count > 0).then(|| format!("{text}: {count}{key}"));
    if let Some(text) = counted(
        status.waiting,
        pick("saved here, waiting to send", "waiting to send"),
        "",
    ) {
        words.push((text, theme.notice()));
    }
    if let Some(text) = counted(status.sent, "sent", "") {
        words.push((text, theme.notice()));
    }
    if let Some(text) = counted(
        status.quarantined,
        pick("refused, kept here", "refused"),
        " (w)",
    ) {
        words.push((text, theme.wrong()));
    }
    if let Some(text) = counted(status.conflicts, "to settle", " (!)") {
        words.push((text, theme.wrong()));
    }
    if status.filling {
        let far = percent(status.progress);
        words.push((format!("fetching the shop{far}"), theme.notice()));
    } else if status.rebuilding {
        let far = percent(status.progress);
        words.push((format!("making a new copy{far}"), theme.notice()));
    } else if status.indexed.is_some() {
        let far = percent(status.indexed);
        words.push((format!("search is being made ready{far}"), theme.dim()));
    }
    if status.alarm.is_some() {
        let words_of_it = "the timeline does not hold: see “redtag status”";
        words.push((words_of_it.to_owned(), theme.wrong()));
    }
    let nothing_here = stuck == 0 && saving == 0 && status.account.is_some();
    if nothing_here && is_level(status) && !shows_unsent(state) {
        words.push((ACKNOWLEDGED.to_owned(), theme.good()));
    }
    words
}

/// How far something is, where that is known.
fn percent(progress: Option<(u64, u64)>) -> String {
    match progress {
        Some((done, of)) if of > 0 => format!(" {} %", (done.saturating_mul(100) / of).min(100)),
        _ => String::new(),
    }
}

fn is_level(status: &Status) -> bool {
    status.waiting == 0 && status.sent == 0 && status.quarantined == 0 && !status.filling
}

/// Whether what is shown still bears a mark of something unsent: the status comes before the
/// documents that it is about.
fn shows_unsent(state: &State) -> bool {
    let unsent = |sync| matches!(sync, SyncState::Waiting | SyncState::Sent);
    match state.inspection() {
        Some(open) => open
            .view
            .as_ref()
            .is_some_and(|view| unsent(view.sync) || view.waiting > 0 || !view.pending.is_empty()),
        None => state.above.is_empty() && state.board.shown().any(|row| unsent(row.sync)),
    }
}

/// What was said last, over both lines, where it is longer than one; whether it was.
pub(super) fn said_at_length(pen: &mut Pen<'_>, area: Rect, state: &State) -> bool {
    let (x, width) = (area.x + 1, area.width.saturating_sub(2));
    let Some(said) = state.said.as_ref().filter(|it| columns(&it.words) > width) else {
        return false;
    };
    let lines = pen.wrap(&said.words, width);
    let Some((first, rest)) = lines.split_first() else {
        return false;
    };
    let style = pen.theme.tone(said.tone);
    pen.clear(area);
    pen.put(x, area.y, width, first, style);
    // More than two lines are cut, with the mark of it.
    pen.put(x, area.y + 1, width, &rest.join(" "), style);
    true
}

/// What was said last; else the most important keys of the place.
pub(super) fn hints(pen: &mut Pen<'_>, area: Rect, state: &State) {
    let (x, width) = (area.x + 1, area.width.saturating_sub(2));
    if let Some(said) = &state.said {
        let style = pen.theme.tone(said.tone);
        pen.put(x, area.y, width, &said.words, style);
        return;
    }
    let ascii = pen.theme.glyphs.ascii;
    let mut all = Vec::new();
    let front = state.layers.last();
    for bound in state.keys.offered(state.place(), state.role()) {
        if front.is_some_and(|layer| !layer.has_use(bound.binding.action)) {
            continue;
        }
        if let (Some(hint), Some(chord)) = (bound.binding.hint, bound.chords.first()) {
            let key = chord.name(ascii);
            let wide = columns(&key) + columns(hint) + 1;
            all.push((bound.binding.action, key, hint, wide));
        }
    }
    // How to get help and how to get away have a place before anything else; the others stand
    // closer together where they would not all fit.
    let needed = |action| matches!(action, Action::Help | Action::Back | Action::Quit);
    let whole: u16 = all.iter().map(|(.., wide)| wide + 2).sum();
    let gap = if whole <= width + 2 { 2 } else { 1 };
    let reserved: u16 = all
        .iter()
        .filter(|(action, ..)| needed(*action))
        .map(|(.., wide)| wide + gap)
        .sum();
    let mut room = (width + gap).saturating_sub(reserved);
    let mut took = 0;
    for (action, key, hint, wide) in all {
        if !needed(action) {
            if wide + gap > room {
                continue;
            }
            room -= wide + gap;
        } else if took + wide > width {
            continue;
        }
        let pieces = [
            (key, pen.theme.key()),
            (format!(" {hint}"), pen.theme.dim()),
        ];
        let line = Rect {
            x: x + took,
            width: wide,
            ..area
        };
        pen.pieces(line.x, line.y, width - took, &pieces);
        pen.on(line, Target::Action(action));
        took += wide + gap;
    }
}

#[cfg(test)]
mod tests;
