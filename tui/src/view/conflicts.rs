//! What there is to settle: a list, and the marked one with two values side by side.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{
    entity::EntityRef,
    ipc::{ConflictSort, ConflictView, SideView},
};

use super::{frame, pen::Pen};
use crate::{
    app::{ConflictsScreen, State, Target, when},
    words,
};

/// Lines for the marked one at the lower end.
const DETAIL: u16 = 11;

/// Draws it.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &ConflictsScreen,
) -> Option<Position> {
    let theme = pen.theme;
    let title = [
        ("To settle  ".to_owned(), theme.title()),
        ("every value is kept".to_owned(), theme.dim()),
    ];
    frame::header(pen, area, state, &title);
    let list = Rect {
        y: area.y + 2,
        height: area.height.saturating_sub(2 + DETAIL),
        ..area
    };
    let empty = match (&screen.trouble, &screen.views) {
        (Some(trouble), _) => Some(trouble.as_str()),
        (None, None) => Some("Asking the daemon."),
        (None, Some(views)) if views.is_empty() => {
            Some("Nothing is to be settled: no two benches disagree.")
        }
        (None, Some(_)) => None,
    };
    if let Some(words) = empty {
        for (y, line) in (list.y..list.bottom()).zip(pen.wrap(words, area.width - 4)) {
            pen.put(area.x + 2, y, area.width - 4, &line, theme.dim());
        }
        return None;
    }
    let views = screen.views.as_deref().unwrap_or_default();
    let from = frame::scrolled(screen.selected, list.height, views.len());
    let listed = views.iter().enumerate().skip(from);
    for (y, (at, view)) in (list.y..list.bottom()).zip(listed) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        pen.on(line, Target::Row(at));
        draw_row(pen, line, view, at == screen.selected);
    }
    let below = Rect {
        y: list.bottom(),
        height: DETAIL,
        ..area
    };
    if let Some(view) = screen.marked() {
        detail(pen, below, state, screen, view);
    }
    None
}

fn draw_row(pen: &mut Pen<'_>, area: Rect, view: &ConflictView, marked: bool) {
    let theme = pen.theme;
    let base = if marked {
        pen.style(area, theme.selected());
        theme.selected()
    } else {
        Style::new()
    };
    let quiet = if marked { base } else { theme.dim() };
    let (mark, style) = if view.pending {
        (theme.glyphs.waiting, theme.notice())
    } else {
        (theme.glyphs.alarm, theme.wrong())
    };
    let style = if marked { base } else { style };
    pen.put(area.x + 1, area.y, 2, mark, style);
    let (first, of) = named(view);
    pen.put(area.x + 3, area.y, 10, first, base);
    let sort = match view.sort {
        ConflictSort::Field => "",
        ConflictSort::Late => "late",
        ConflictSort::Deletion => "deletion",
    };
    pen.put(area.x + 14, area.y, 9, sort, quiet);
    let values: Vec<&str> = view.sides.iter().map(|it| it.words.as_str()).collect();
    let words = format!("{of}{}: {}", view.title, values.join("  |  ")).replace('\n', " ");
    let x = area.x + 24;
    pen.put(x, area.y, area.right().saturating_sub(x + 1), &words, base);
}

/// What stands in the first column, and before the field: a name or a plate needs more room than a
/// number, and says less of what it is.
fn named(view: &ConflictView) -> (&str, String) {
    let EntityRef::Inspection(_) = view.entity else {
        let mut of = view.label.clone();
        if !view.subject.is_empty() {
            of = format!("{of}, {}", view.subject);
        }
        return (words::kind(&view.entity), format!("{of}  "));
    };
    (&view.label, String::new())
}

/// The marked one: two values side by side, who and when, and what a key does.
fn detail(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &ConflictsScreen,
    view: &ConflictView,
) {
    let theme = pen.theme;
    let top = Rect { height: 1, ..area };
    let mut title = vec![(format!("{}  ", view.label), theme.title())];
    title.push((format!("{}  ", view.title), theme.title()));
    title.push((view.subject.clone(), theme.dim()));
    pen.rule(top, &title);
    let what = match (view.pending, view.sort) {
        (true, _) => "Your choice is saved here and waits to be sent.",
        (_, ConflictSort::Field) => "Two benches wrote it without knowing of each other.",
        (_, ConflictSort::Late) => {
            "It came after the work was handed in, and is not shown as current."
        }
        (_, ConflictSort::Deletion) => {
            "One bench deleted it while another worked on it; it stays until you say."
        }
    };
    pen.put(area.x + 1, area.y + 1, area.width - 2, what, theme.dim());
    let half = area.width / 2;
    let pair = screen.pair();
    let boxes = [
        Rect {
            x: area.x,
            y: area.y + 3,
            width: half,
            height: area.height.saturating_sub(4),
        },
        Rect {
            x: area.x + half,
            y: area.y + 3,
            width: area.width - half,
            height: area.height.saturating_sub(4),
        },
    ];
    for (at, side) in boxes.iter().zip(&pair) {
        match side.1 {
            Some(written) => draw_side(pen, *at, state, side.0, written),
            None => draw_standing(pen, *at, view.sort),
        }
    }
    pen.down(area.x + half, area.y + 3, area.height.saturating_sub(4));
    let more = screen.others().saturating_sub(1);
    let keep = match view.sort {
        ConflictSort::Field => "0 keeps it as it stands",
        ConflictSort::Late => "0 drops what came late",
        ConflictSort::Deletion => "0 keeps it undeleted",
    };
    let mut keys = Vec::new();
    for (number, side) in &pair {
        if side.is_some() {
            if !keys.is_empty() {
                keys.push((" or ".to_owned(), theme.dim()));
            }
            keys.push((number.to_string(), theme.key()));
        }
    }
    keys.push((" says which stands, ".to_owned(), theme.dim()));
    keys.push((keep.to_owned(), theme.dim()));
    if more > 0 {
        keys.push((format!("; Tab shows {more} more"), theme.dim()));
    }
    let last = area.bottom().saturating_sub(1);
    pen.pieces(area.x + 1, last, area.width - 2, &keys);
}

/// What stands where nobody wrote it.
fn draw_standing(pen: &mut Pen<'_>, area: Rect, sort: ConflictSort) {
    let theme = pen.theme;
    let (x, width) = (area.x + 2, area.width.saturating_sub(4));
    let head = [
        ("0".to_owned(), theme.key()),
        ("  stands".to_owned(), theme.good()),
    ];
    pen.pieces(x, area.y, width, &head);
    let words = match sort {
        ConflictSort::Deletion => "it stays",
        ConflictSort::Field | ConflictSort::Late => "nothing",
    };
    pen.put(x, area.y + 1, width, words, theme.title());
}

/// One value: its number, whether it stands, what it says, who wrote it, when and where.
fn draw_side(pen: &mut Pen<'_>, area: Rect, state: &State, number: usize, side: &SideView) {
    let theme = pen.theme;
    let (x, width) = (area.x + 2, area.width.saturating_sub(4));
    let stands = if side.shown {
        "stands"
    } else {
        "kept beside it"
    };
    let head = [
        (number.to_string(), theme.key()),
        (
            format!("  {stands}"),
            if side.shown {
                theme.good()
            } else {
                theme.notice()
            },
        ),
    ];
    pen.pieces(x, area.y, width, &head);
    let bench = if side.own {
        "this bench"
    } else {
        "another bench"
    };
    let time = when(side.at, state.now(), &state.zone);
    let foot = [
        (side.who.clone(), Style::new()),
        (format!("{time}, {bench}"), theme.dim()),
    ];
    let lines = pen.wrap(&side.words, width);
    let room = usize::from(area.height.saturating_sub(3));
    for (y, line) in (area.y + 1..).zip(lines.iter().take(room)) {
        let cut = lines.len() > room && usize::from(y - area.y) == room;
        let line = if cut {
            format!("{line} {}", theme.glyphs.more)
        } else {
            line.clone()
        };
        pen.put(x, y, width, &line, theme.title());
    }
    let below = area.y + 1 + u16::try_from(lines.len().min(room)).unwrap_or(0);
    for (y, (words, style)) in (below..).zip(foot) {
        pen.put(x, y, width, &words, style);
    }
}
