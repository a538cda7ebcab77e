//! The board: one line for an inspection, as many columns as the window has room for.

mod found;

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{
    grade::Condition,
    ipc::{BoardRow, BoardSort, Connection, SyncState},
};

use self::found::Cell;
use super::{
    frame,
    pen::{Pen, columns, find},
};
use crate::app::{Board, Daemon, State, Tab, Target, age, at_work, sort_words, when};

/// A column of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Ticket,
    State,
    Vehicle,
    Mark,
    Customer,
    Assignee,
    /// The assignee's initials, where the name has no room.
    Initials,
    /// Who changed it last, and when.
    Changed,
    Bay,
    Template,
    Red,
    Yellow,
    Open,
    Age,
    Sync,
}

/// Draws the board; gives the place of the cursor while a filter is typed.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State) -> Option<Position> {
    let theme = pen.theme;
    let mut title = vec![("Redtag".to_owned(), theme.title())];
    if let Some(words) = state.board.narrow.words() {
        title.push((format!("  only {words}"), theme.notice()));
    }
    if !state.board.sort.is_usual() {
        let words = sort_words(state.board.sort);
        title.push((format!("  {words}"), theme.dim()));
    }
    frame::header(pen, area, state, &title);
    let cursor = tabs(pen, area, state);
    let list = Rect {
        y: area.y + 3,
        height: area.height.saturating_sub(3),
        ..area
    };
    let label = label_width(state);
    let columns = layout(area.width, label, &state.board);
    headings(pen, area, &columns);
    if let Some(words) = empty(state) {
        for (at, line) in pen
            .wrap(&words, list.width.saturating_sub(4))
            .iter()
            .enumerate()
        {
            let y = list.y + 1 + u16::try_from(at).unwrap_or(0);
            if y < list.bottom() {
                let style = pen.theme.dim();
                pen.put(list.x + 2, y, list.width.saturating_sub(4), line, style);
            }
        }
        return cursor;
    }
    for (line, place) in (list.y..list.bottom()).zip(state.board.top..) {
        let area = Rect {
            y: line,
            height: 1,
            ..list
        };
        match state.board.row(place) {
            Some(row) => {
                let marked = place == state.board.selected;
                let at = usize::try_from(place).unwrap_or(usize::MAX);
                pen.on(area, Target::Row(at));
                draw_row(pen, area, row, marked, &columns, state);
            }
            None if u64::from(place) < state.board.matched => {
                let (more, style) = (pen.theme.glyphs.more, pen.theme.dim());
                pen.put(area.x + 2, line, 10, more, style);
            }
            None => {}
        }
    }
    cursor
}

/// Why there is no row, in words that say what to do.
fn empty(state: &State) -> Option<String> {
    if let Some(status) = &state.status
        && status.connection == Connection::NoAccount
    {
        if let Some(why) = status.account.as_ref().and_then(|it| it.shut.as_ref()) {
            return Some(why.clone());
        }
        // Where sealed work lies is said whole: a person must take it somewhere.
        let mut words =
            "Nobody is signed in on this bench.\n\nLeave with q, then sign in: redtag login URL\n\n\
             It shows a code to type on a page of the server, in a browser on any machine. Without a \
             browser: redtag login URL --email ADDRESS"
                .to_owned();
        for notice in &status.notices {
            words.push_str("\n\n");
            words.push_str(notice);
        }
        return Some(words);
    }
    if let (Daemon::Down(words), None) = (&state.daemon, state.board.marked()) {
        return Some(words.clone());
    }
    if let Some(trouble) = &state.board.trouble {
        return Some(trouble.clone());
    }
    if !state.board.is_loaded() {
        return Some("Asking the daemon for the board.".to_owned());
    }
    if state.board.matched > 0 {
        return None;
    }
    let filling = state.status.as_ref().is_some_and(|status| status.filling);
    Some(if filling {
        "The shop is being fetched; inspections appear as they come.".to_owned()
    } else if !state.board.filter.is_empty() {
        "Nothing matches the filter. Esc takes it away.".to_owned()
    } else if let Some(words) = state.board.narrow.words() {
        format!("Nothing here is {words}. Esc shows the others again.")
    } else if state.board.tab == Tab::News {
        "Nobody else has changed anything since you last looked.".to_owned()
    } else if state.board.total == 0 {
        "There is no inspection in this shop yet. n begins one.".to_owned()
    } else {
        format!(
            "Nothing here; the shop has {} inspections. 4 shows all of them.",
            state.board.total
        )
    })
}

fn tabs(pen: &mut Pen<'_>, area: Rect, state: &State) -> Option<Position> {
    let board = &state.board;
    let y = area.y + 1;
    let mut x = area.x + 1;
    // A filter needs the room more than names that one knows by their numbers.
    let filtered = board.typing || !board.filter.is_empty();
    let short = filtered && area.width < 110;
    for (at, tab) in Tab::ALL.into_iter().enumerate() {
        let active = tab == board.tab;
        let style = pen.theme.tab(active);
        let text = if short && !active {
            format!(" {} ", at + 1)
        } else {
            format!(" {} {} ", at + 1, tab.name())
        };
        let from = x;
        x += pen.put(x, y, area.right().saturating_sub(x), &text, style);
        let place = Rect::new(from, y, x - from, 1);
        pen.on(place, Target::Group(at));
    }
    let count = if !board.is_current() {
        String::new()
    } else if board.matched == board.total {
        board.total.to_string()
    } else {
        format!("{} of {}", board.matched, board.total)
    };
    let room = area.right().saturating_sub(x + 1);
    let style = pen.theme.dim();
    pen.put_right(x, y, room, &count, style);
    if !board.typing && board.filter.is_empty() {
        return None;
    }
    x += 2;
    let label = "filter ";
    x += pen.put(x, y, room, label, style);
    let room = area.right().saturating_sub(x + columns(&count) + 2);
    let typed = pen.theme.typed();
    let text = board.filter.text();
    pen.put(x, y, room, text, typed);
    let cursor = columns(board.filter.before()).min(room.saturating_sub(1));
    board.typing.then(|| Position::new(x + cursor, y))
}

/// What the tickets' numbers take: cut short, one could not be told from the next. A shop's usual
/// number is as long as the count of all, so that nothing moves while one scrolls.
fn label_width(state: &State) -> u16 {
    let usual = columns(&state.board.total.to_string()) + 1;
    let shown = state.board.shown().map(|row| columns(&row.label));
    shown.fold(usual, u16::max).clamp(6, 12)
}

/// The columns for a width, with theirs; the wide ones share what is left.
fn layout(width: u16, label: u16, board: &Board) -> Vec<(Column, u16)> {
    use Column as C;
    let news = board.tab == Tab::News;
    // What the list is ordered by is shown, whatever it takes the place of.
    let by_bay = board.sort == BoardSort::Bay && width < 124;
    let mut wide = vec![
        (C::Ticket, if width >= 104 { label.max(8) } else { label }),
        (C::State, 11),
    ];
    wide.push((C::Vehicle, 0));
    // In a shop a car is known by its plate: its name gives way first.
    wide.push((C::Mark, if width >= 140 { 17 } else { 9 }));
    if by_bay {
        wide.push((C::Bay, if width >= 78 { 8 } else { 4 }));
    } else if width >= 78 && !(news && width < 104) {
        // Of what is new the first question is who did it, and when.
        wide.push((C::Customer, 0));
    }
    if news {
        wide.push((C::Changed, 0));
    }
    wide.push(if width >= 104 {
        (C::Assignee, 0)
    } else {
        (C::Initials, if width >= ROOM_FOR_TWO { 6 } else { 3 })
    });
    if width >= 124 {
        wide.push((C::Bay, 8));
    }
    if width >= 150 {
        wide.push((C::Template, 0));
    }
    if width >= 170 && !news {
        wide.push((C::Changed, 0));
    }
    wide.extend([(C::Red, 2), (C::Yellow, 2), (C::Open, 4)]);
    if width >= 68 {
        wide.push((C::Age, 4));
    }
    wide.push((C::Sync, 1));
    let gaps = u16::try_from(wide.len()).unwrap_or(0);
    let fixed: u16 = wide.iter().map(|(_, width)| *width).sum();
    let left = width.saturating_sub(fixed + gaps + 1);
    let weight = |column: C| match column {
        C::Vehicle => 6,
        C::Customer | C::Template => 4,
        C::Changed if news => 5,
        C::Assignee | C::Changed => 3,
        _ => 0,
    };
    let all: u16 = wide.iter().map(|(column, _)| weight(*column)).sum();
    for (column, width) in &mut wide {
        if *width == 0 {
            *width = left * weight(*column) / all.max(1);
        }
    }
    wide
}

fn headings(pen: &mut Pen<'_>, area: Rect, layout: &[(Column, u16)]) {
    let y = area.y + 2;
    let style = pen.theme.dim();
    let mut x = area.x + 1;
    for &(column, width) in layout {
        let (text, right) = match column {
            Column::Ticket => ("Ticket", false),
            Column::State => ("State", false),
            Column::Vehicle => ("Vehicle", false),
            Column::Mark => ("Plate/VIN", false),
            Column::Customer => ("Customer", false),
            Column::Assignee => ("Assignee", false),
            Column::Initials => ("By", false),
            Column::Changed => ("Changed", false),
            Column::Bay => ("Bay", false),
            Column::Template => ("Template", false),
            Column::Red => ("R", true),
            Column::Yellow => ("Y", true),
            Column::Open => ("Open", true),
            Column::Age => ("Age", true),
            Column::Sync => ("", false),
        };
        if right {
            pen.put_right(x, y, width, text, style);
        } else {
            pen.put(x, y, width, text, style);
        }
        x += width + 1;
    }
}

fn draw_row(
    pen: &mut Pen<'_>,
    area: Rect,
    row: &BoardRow,
    marked: bool,
    layout: &[(Column, u16)],
    state: &State,
) {
    let theme = pen.theme;
    if marked {
        pen.style(area, theme.selected());
    }
    let memory = state.memory.as_ref();
    if memory.is_some_and(|it| it.is_news(row)) {
        let style = if marked {
            theme.selected()
        } else {
            theme.notice()
        };
        pen.put(area.x, area.y, 1, theme.glyphs.news, style);
    }
    let worker = at_work(row, state.now());
    let words = found::words(state.board.sought());
    let mut cells = Vec::with_capacity(layout.len());
    let mut x = area.x + 1;
    for &(column, width) in layout {
        let count = |condition, count: u32| (count.to_string(), theme.count(condition, count));
        let plain = |text: &str| (text.to_owned(), Style::new());
        let (mut text, mut style) = match column {
            Column::Ticket => plain(&row.label),
            Column::State => (row.state.words().to_owned(), theme.state(row.state)),
            Column::Vehicle => plain(&row.vehicle),
            Column::Mark => plain(&mark(pen, &row.mark, width, &words)),
            Column::Customer => plain(&row.customer),
            Column::Assignee | Column::Initials => {
                let style = worker.map_or(Style::new(), |_| theme.good());
                (by(pen, &row.assignee, worker, (column, width)), style)
            }
            Column::Changed => (changed(row, state), theme.dim()),
            Column::Bay => plain(&row.bay),
            Column::Template => plain(&row.template),
            Column::Red => count(Some(Condition::Red), row.counts.red),
            Column::Yellow => count(Some(Condition::Yellow), row.counts.yellow),
            Column::Open => count(None, row.counts.unanswered()),
            Column::Age => (age(row.created, state.now()), theme.dim()),
            Column::Sync => sync(pen, row),
        };
        let right = matches!(
            column,
            Column::Red | Column::Yellow | Column::Open | Column::Age
        );
        if right && text == "0" {
            pen.theme.glyphs.open.clone_into(&mut text);
        }
        if marked {
            style = theme.selected();
        }
        if right {
            pen.put_right(x, area.y, width, &text, style);
        } else {
            let text = pen.cut_around(&text, width, &words);
            pen.put(x, area.y, width, &text, style);
            found::highlight(pen, (x, area.y), &text, &words);
            cells.push(Cell {
                column,
                x,
                width,
                text,
            });
        }
        x += width + 1;
    }
    if words.is_empty() {
        return;
    }
    let hidden = || found::hidden(row, &words, &cells);
    if let Some(found) = state.board.found(row).cloned().or_else(hidden) {
        let style = if marked {
            theme.selected()
        } else {
            theme.dim()
        };
        found::tell(pen, area.y, &found, &words, &cells, style);
    }
}

/// From so many columns on both the assignee and who is at work have their initials.
const ROOM_FOR_TWO: u16 = 90;

/// Whose it is, and who is at work on it: with a mark behind the name where that is one person, else
/// with initials of their own where there is room for them.
fn by(
    pen: &Pen<'_>,
    assignee: &str,
    worker: Option<&str>,
    (column, width): (Column, u16),
) -> String {
    let whose = match column {
        Column::Initials => initials(assignee),
        _ => assignee.to_owned(),
    };
    let mark = match worker {
        None => return whose,
        Some(who) if who == assignee => "*".to_owned(),
        Some(who) if assignee.is_empty() && column == Column::Assignee => format!("{who}*"),
        Some(who) if assignee.is_empty() => format!("{}*", initials(who)),
        Some(_) if column == Column::Initials && width < 6 => "*".to_owned(),
        Some(who) => format!(" {}*", initials(who)),
    };
    let room = width.saturating_sub(columns(&pen.theme.text(&mark)));
    format!("{}{mark}", pen.cut(&whose, room))
}

/// “Kit Caliper” is KC; a name of one word its first letter.
fn initials(name: &str) -> String {
    let first = |word: &str| word.chars().next();
    let mut words = name.split_whitespace();
    let head = words.next().and_then(first);
    let tail = words.next_back().and_then(first);
    head.into_iter().chain(tail).collect()
}

/// Who changed it last, and when.
fn changed(row: &BoardRow, state: &State) -> String {
    row.touched.as_ref().map_or(String::new(), |it| {
        let time = when(it.at, state.now(), &state.zone);
        format!("{time} {}", it.who)
    })
}

/// A VIN too long for its column is known by its last eight, as the trade does.
/// Not where what is looked for stands before them.
fn mark(pen: &Pen<'_>, mark: &str, width: u16, words: &[&str]) -> String {
    let count = mark.chars().count();
    let room = usize::from(width);
    if count <= room || count != 17 {
        return mark.to_owned();
    }
    let end: String = mark.chars().skip(count + 1 - room).collect();
    let before = |word: &&str| find(mark, word).is_some() && find(&end, word).is_none();
    if words.iter().any(before) {
        return mark.to_owned();
    }
    format!("{}{end}", pen.theme.glyphs.more)
}

fn sync(pen: &Pen<'_>, row: &BoardRow) -> (String, Style) {
    let theme = pen.theme;
    let glyphs = theme.glyphs;
    if row.conflicts > 0 || row.late > 0 {
        return (glyphs.alarm.to_owned(), theme.wrong());
    }
    match row.sync {
        SyncState::Acknowledged => (String::new(), Style::new()),
        SyncState::Waiting => (glyphs.waiting.to_owned(), theme.notice()),
        SyncState::Sent => (glyphs.sent.to_owned(), theme.notice()),
        SyncState::Refused => (glyphs.alarm.to_owned(), theme.wrong()),
    }
}
