//! What is open above a screen: menus, texts, questions, and what is not saved.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    canned, frame, help, palette,
    pen::{Pen, columns},
    standing, work,
};
use crate::{
    app::{Confirm, Editor, Layer, Menu, Standing, State, Target},
    keys::{Place, names},
};

/// Draws one layer; gives the place of the cursor where it takes text.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    layer: &Layer,
) -> Option<Position> {
    match layer {
        Layer::Help { place, scroll } => help::draw(pen, area, state, *place, *scroll),
        Layer::Menu(menu) => self::menu(pen, area, menu),
        Layer::Editor(editor) => return Some(self::editor(pen, area, editor)),
        Layer::Confirm(confirm) => question(pen, area, state, confirm),
        Layer::Unsaved { selected } => unsaved(pen, area, state, *selected),
        Layer::Palette(found) => return Some(palette::draw(pen, area, found)),
        Layer::Standing { scroll } => standing::draw(pen, area, state, *scroll),
        Layer::Canned(list) => return Some(canned::draw(pen, area, list)),
        Layer::Work(form) => return Some(work::draw(pen, area, form)),
    }
    None
}

/// How many canned notes stand below a note that is typed.
const SHELF: usize = 6;

fn menu(pen: &mut Pen<'_>, area: Rect, menu: &Menu) {
    let theme = pen.theme;
    let label = menu.items.iter().map(|item| columns(&item.label)).max();
    let label = label.unwrap_or(0);
    let detail = menu.items.iter().map(|item| columns(&item.detail)).max();
    let wide = (label + detail.unwrap_or(0) + 7)
        .max(columns(&menu.title) + 4)
        .max(menu.note.as_deref().map_or(0, columns).min(70))
        .min(area.width.saturating_sub(8));
    let note = menu.note.as_ref().map(|note| pen.wrap(note, wide));
    let note = note.unwrap_or_default();
    let head = u16::try_from(note.len()).unwrap_or(0);
    let head = if head == 0 { 0 } else { head + 1 };
    let count = u16::try_from(menu.items.len()).unwrap_or(u16::MAX);
    let inner = frame::boxed(
        pen,
        area,
        wide,
        count
            .saturating_add(head)
            .min(area.height.saturating_sub(4)),
        &menu.title,
    );
    for (y, line) in (inner.y..inner.bottom()).zip(&note) {
        pen.put(inner.x, y, inner.width, line, theme.dim());
    }
    let list = Rect {
        y: inner.y + head,
        height: inner.height.saturating_sub(head),
        ..inner
    };
    let from = frame::scrolled(menu.selected, list.height, menu.items.len());
    let listed = menu.items.iter().enumerate().skip(from);
    for (y, (at, item)) in (list.y..list.bottom()).zip(listed) {
        let marked = at == menu.selected;
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        pen.on(line, Target::Row(at));
        let style = if marked {
            pen.style(line, theme.selected());
            theme.selected()
        } else {
            Style::new()
        };
        let number = if at < 9 {
            format!("{} ", at + 1)
        } else {
            "  ".to_owned()
        };
        pen.put(
            list.x,
            y,
            2,
            &number,
            if marked { style } else { theme.key() },
        );
        pen.put(list.x + 2, y, list.width - 2, &item.label, style);
        let x = list.x + label + 5;
        let dim = if marked { style } else { theme.dim() };
        pen.put(x, y, list.right().saturating_sub(x), &item.detail, dim);
    }
}

fn editor(pen: &mut Pen<'_>, area: Rect, editor: &Editor) -> Position {
    let theme = pen.theme;
    let wide = 64.min(area.width.saturating_sub(8));
    let note = editor.note.as_ref().map(|note| pen.wrap(note, wide));
    let note = note.unwrap_or_default();
    let problem = editor.problem.as_ref().map(|it| pen.wrap(it, wide));
    let problem = problem.unwrap_or_default();
    let rows = if editor.input.takes_lines() { 6 } else { 1 };
    let count = |lines: &Vec<String>| u16::try_from(lines.len()).unwrap_or(0);
    let head = if note.is_empty() { 0 } else { count(&note) + 1 };
    let foot = if problem.is_empty() {
        0
    } else {
        count(&problem) + 1
    };
    // The canned notes stay in their place while the letters choose among them.
    let shelf = match editor.canned.len() {
        0 => 0,
        many => u16::try_from(many.min(SHELF)).unwrap_or(0) + 1,
    };
    let shelf = shelf.min(area.height.saturating_sub(head + rows + foot + 2));
    let inner = frame::boxed(pen, area, wide, head + rows + foot + shelf, &editor.title);
    let below = Rect {
        y: inner.bottom().saturating_sub(shelf),
        height: shelf,
        ..inner
    };
    canned::shelf(pen, below, editor);
    for (y, line) in (inner.y..inner.bottom()).zip(&note) {
        pen.put(inner.x, y, inner.width, line, theme.dim());
    }
    let text = Rect {
        y: inner.y + head,
        height: rows.min(inner.height.saturating_sub(head)),
        ..inner
    };
    let shown = |text: &str| {
        if editor.writing.is_secret() {
            "*".repeat(text.graphemes(true).count())
        } else {
            text.to_owned()
        }
    };
    let (whole, before) = (shown(editor.input.text()), shown(editor.input.before()));
    let cursor = typed(pen, text, &whole, &before);
    for (y, line) in (text.bottom() + 1..below.y).zip(&problem) {
        pen.put(inner.x, y, inner.width, line, theme.wrong());
    }
    cursor
}

/// A text that is typed, broken at the border and scrolled so that the cursor is seen; gives its
/// place. Broken by columns alone: lines that jump between words while one types tire the eye.
fn typed(pen: &mut Pen<'_>, area: Rect, text: &str, before: &str) -> Position {
    let lead = folded(before, area.width);
    let row = lead.len().saturating_sub(1);
    let column = lead.last().map_or(0, |line| columns(line));
    let from = (row + 1).saturating_sub(area.height.into());
    let lines = folded(text, area.width);
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(from)) {
        pen.put(area.x, y, area.width, line, Style::new());
    }
    let y = area.y + u16::try_from(row - from).unwrap_or(0);
    Position::new((area.x + column).min(area.right().saturating_sub(1)), y)
}

/// Lines of less than so many columns, so that the cursor always has a place behind them.
fn folded(text: &str, width: u16) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut wide = 0;
    for piece in text.graphemes(true) {
        let took = columns(piece);
        if piece == "\n" || piece == "\r\n" || wide + took >= width.max(2) {
            lines.push(String::new());
            wide = 0;
        }
        if !piece.contains('\n')
            && let Some(line) = lines.last_mut()
        {
            line.push_str(piece);
            wide += took;
        }
    }
    lines
}

fn question(pen: &mut Pen<'_>, area: Rect, state: &State, confirm: &Confirm) {
    let wide = 60.min(area.width.saturating_sub(8));
    let lines: Vec<String> = confirm
        .lines
        .iter()
        .flat_map(|line| pen.wrap(line, wide))
        .collect();
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let inner = frame::boxed(pen, area, wide, count + 2, &confirm.title);
    for (y, line) in (inner.y..inner.bottom()).zip(&lines) {
        pen.put(inner.x, y, inner.width, line, Style::new());
    }
    let last = inner.bottom().saturating_sub(1);
    let mut x = inner.x;
    let ascii = pen.theme.glyphs.ascii;
    // Which keys these are, Esc too: nobody should have to try it out.
    for bound in state.keys.at(Place::Question) {
        let pieces = [
            (names(&bound.chords, ascii), pen.theme.key()),
            (format!(" {}", bound.binding.words), Style::new()),
        ];
        let took = pen.pieces(x, last, inner.right().saturating_sub(x), &pieces);
        let part = Rect {
            x,
            y: last,
            width: took,
            height: 1,
        };
        pen.on(part, Target::Action(bound.binding.action));
        x += took + 5;
    }
}

fn unsaved(pen: &mut Pen<'_>, area: Rect, state: &State, selected: usize) {
    let theme = pen.theme;
    let listed: Vec<_> = state
        .unsaved
        .iter()
        .filter(|edit| !matches!(edit.standing, Standing::Saved(_)))
        .collect();
    let wide = 70.min(area.width.saturating_sub(8));
    // Two lines each, and room for the whole reason of the marked one.
    let count = u16::try_from(listed.len() * 2 + 3).unwrap_or(u16::MAX);
    let height = count.max(1).min(area.height.saturating_sub(4));
    let inner = frame::boxed(pen, area, wide, height, "Not saved on this machine yet");
    if listed.is_empty() {
        let words = "everything that you entered is saved";
        pen.put(inner.x, inner.y, inner.width, words, theme.good());
        return;
    }
    let selected = selected.min(listed.len() - 1);
    let from = frame::scrolled(selected, inner.height / 2, listed.len());
    let mut y = inner.y;
    for (at, edit) in listed.iter().enumerate().skip(from) {
        if y >= inner.bottom() {
            break;
        }
        let style = if at == selected {
            theme.selected()
        } else {
            Style::new()
        };
        pen.put(inner.x, y, inner.width, &edit.words, style);
        let (words, style) = match &edit.standing {
            Standing::Queued => ("waits for the daemon".to_owned(), theme.notice()),
            Standing::Sent | Standing::Saved(_) => ("being saved".to_owned(), theme.notice()),
            Standing::Unconfirmed(why) => (format!("not confirmed: {why}"), theme.wrong()),
            Standing::Refused(why) => (format!("not saved: {why}"), theme.wrong()),
        };
        y += 1;
        let most = if at == selected { 4 } else { 1 };
        for line in pen.wrap(&words, inner.width - 2).iter().take(most) {
            if y < inner.bottom() {
                pen.put(inner.x + 2, y, inner.width - 2, line, style);
                y += 1;
            }
        }
    }
}
