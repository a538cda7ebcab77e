//! A list that was scrolled by a line or a few: the terminal can move the lines itself, which is a
//! dozen bytes in place of the whole list. Deleting and inserting lines in a region is what every
//! terminal can, the Linux console included.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};

/// At most so many lines at once; a page is drawn anew.
const MOST: u16 = 3;
/// Fewer lines than this are not worth it.
const LEAST: u16 = 4;

/// Lines that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scroll {
    /// The first and the last line of the region.
    top: u16,
    bottom: u16,
    by: u16,
    up: bool,
}

/// What of the old screen only moved in the new one, where that is worth telling.
pub(super) fn find(old: &Buffer, new: &Buffer) -> Option<Scroll> {
    let mut best: Option<(u16, Scroll)> = None;
    for by in 1..=MOST {
        for up in [true, false] {
            let (count, scroll) = longest(old, new, by, up)?;
            if count >= LEAST && best.is_none_or(|(most, _)| count > most) {
                best = Some((count, scroll));
            }
        }
    }
    best.map(|(_, scroll)| scroll)
}

/// The longest run of lines that moved by so many; none in a window that is too low.
fn longest(old: &Buffer, new: &Buffer, by: u16, up: bool) -> Option<(u16, Scroll)> {
    let height = old.area.height.checked_sub(by)?;
    let mut best = (0, 0);
    let mut run = 0;
    for y in 0..height {
        // The line of the new screen, and the one that it was.
        let (to, from) = if up { (y, y + by) } else { (y + by, y) };
        let moved = line(new, to) == line(old, from) && line(old, to) != line(new, to);
        run = if moved { run + 1 } else { 0 };
        if run > best.0 {
            best = (run, y + 1 - run);
        }
    }
    let (count, top) = best;
    let scroll = Scroll {
        top,
        bottom: (top + count + by).saturating_sub(1),
        by,
        up,
    };
    Some((count, scroll))
}

fn line(buffer: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(buffer.area.width);
    let from = usize::from(y) * width;
    buffer.content.get(from..from + width).unwrap_or_default()
}

impl Scroll {
    /// Tells the terminal; the cursor is anywhere afterwards.
    pub(super) fn write(self, out: &mut String) {
        let code = if self.up { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "\x1b[{0};{1}r\x1b[{0};1H\x1b[{2}{code}\x1b[r",
            self.top + 1,
            self.bottom + 1,
            self.by
        );
    }

    /// Does the same to what is known to be on the screen.
    pub(super) fn apply(self, screen: &mut Buffer) {
        let width = usize::from(screen.area.width);
        let from = usize::from(self.top) * width;
        let to = (usize::from(self.bottom) + 1) * width;
        let by = usize::from(self.by) * width;
        let Some(region) = screen.content.get_mut(from..to) else {
            return;
        };
        let blank = if self.up {
            region.rotate_left(by);
            region.len() - by..region.len()
        } else {
            region.rotate_right(by);
            0..by
        };
        region[blank].iter_mut().for_each(Cell::reset);
    }
}
