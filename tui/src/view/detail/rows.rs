//! The lines of the pane: in the order in which they are read, and which of them stay where there is
//! no room for all.

use ratatui::{layout::Rect, style::Style};

use crate::view::pen::{Pen, columns};

/// The width of the words at the left.
pub(super) const LABEL: u16 = 10;

/// How much a line matters: where there is no room, the last go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The answer, and what went wrong with it.
    Answer,
    /// What is missing.
    Missing,
    /// Note and recommended work, also half typed.
    Written,
    /// The limits, and what the value is compared with.
    Rule,
    /// What the last visit said.
    Before,
    /// What the customer complains of.
    Concern,
    /// More of the rule; what is asked for and there.
    More,
    /// How the point is looked at.
    Hint,
    /// What is not there yet.
    Later,
}

/// A line: how much it matters, what it is about, and pieces.
pub(super) struct Row {
    pub(super) rank: Rank,
    pub(super) label: &'static str,
    pub(super) pieces: Vec<(String, Style)>,
}

impl Row {
    pub(super) fn new(rank: Rank, label: &'static str, pieces: Vec<(String, Style)>) -> Self {
        Self {
            rank,
            label,
            pieces,
        }
    }

    /// A line of one piece.
    pub(super) fn words(rank: Rank, label: &'static str, words: String, style: Style) -> Self {
        Self::new(rank, label, vec![(words, style)])
    }
}

/// The lines that there is room for, in their order; whether some had to go.
fn fitting(rows: &[Row], room: usize) -> (Vec<&Row>, bool) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| rows[*at].rank);
    order.truncate(room);
    order.sort_unstable();
    let kept: Vec<&Row> = order.into_iter().map(|at| &rows[at]).collect();
    let cut = kept.len() < rows.len();
    (kept, cut)
}

/// Draws the lines below the pane's head. Where some are left out, the last that is shown says so.
pub(super) fn lay(pen: &mut Pen<'_>, area: Rect, rows: &[Row]) {
    let x = area.x + 1 + LABEL;
    let room = area.width.saturating_sub(LABEL + 2);
    let dim = pen.theme.dim();
    let (rows, cut) = fitting(rows, area.height.saturating_sub(1).into());
    let mut y = area.y + 1;
    for (at, row) in rows.iter().enumerate() {
        if y >= area.bottom() {
            return;
        }
        let last = at + 1 == rows.len();
        // The place for the mark that something was left out.
        let room = if cut && last {
            room.saturating_sub(2)
        } else {
            room
        };
        pen.put(area.x + 1, y, LABEL, row.label, dim);
        let after = u16::try_from(rows.len() - at - 1).unwrap_or(0);
        let most = area.bottom().saturating_sub(y + after).max(1);
        y += draw(pen, Rect::new(x, y, room, most), &row.pieces);
    }
    if cut {
        let more = pen.theme.glyphs.more;
        pen.put_right(x, y.saturating_sub(1), room, more, dim);
    }
}

/// One line, broken where it is long and there is room below; gives the lines that it took.
fn draw(pen: &mut Pen<'_>, area: Rect, pieces: &[(String, Style)]) -> u16 {
    let whole: u16 = pieces.iter().map(|(text, _)| columns(text)).sum();
    let several = pieces.iter().any(|(text, _)| text.contains('\n'));
    let [(text, style)] = pieces else {
        pen.pieces(area.x, area.y, area.width, pieces);
        return 1;
    };
    if whole <= area.width && !several {
        pen.pieces(area.x, area.y, area.width, pieces);
        return 1;
    }
    let lines = pen.wrap(text, area.width);
    let cut = lines.len() > usize::from(area.height);
    let mut y = area.y;
    for line in lines.iter().take(area.height.into()) {
        let last = y + 1 == area.bottom();
        let more = if cut && last {
            pen.theme.glyphs.more
        } else {
            ""
        };
        pen.put(area.x, y, area.width, &format!("{line}{more}"), *style);
        y += 1;
    }
    y - area.y
}

#[cfg(test)]
mod tests;
