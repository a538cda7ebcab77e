//! Frames as few bytes, in one write: over a slow line every byte is waited for.
//!
//! A frame in which nothing changed writes nothing at all. A style is written whole where it changes,
//! so nothing depends on what stood before; no colour is written for a cell that has none, which
//! `NO_COLOR` asks for and crossterm does not keep (its empty colour is a reset). After a character
//! whose width terminals disagree about, the cursor is placed anew, so that a line stays in its
//! columns.

mod scroll;

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::{Buffer, Cell},
    layout::{Position, Rect, Size},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr as _;

/// A terminal that is written to frame by frame.
#[derive(Debug)]
pub(super) struct Thrifty<W> {
    out: W,
    /// What the frame adds so far.
    frame: String,
    /// What the terminal shows.
    shown: Buffer,
    /// Where the cursor shall be at the frame's end.
    wanted: Cursor,
    /// Where it was at the end of the last frame.
    stands: Cursor,
}

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// Nobody knows.
    Somewhere,
    Hidden,
    At(Position),
}

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Look = Look {
    fg: Color::Reset,
    bg: Color::Reset,
    modifier: Modifier::empty(),
};

/// Fewer blanks than this are written as they are.
const LEAST_BLANKS: usize = 4;

impl<W: Write> Thrifty<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            frame: String::new(),
            shown: Buffer::default(),
            wanted: Cursor::Hidden,
            stands: Cursor::Somewhere,
        }
    }

    /// Shows the changed cells on a screen of this size.
    fn show<'a>(&mut self, size: Size, cells: impl Iterator<Item = (u16, u16, &'a Cell)>) {
        let area = Rect::new(0, 0, size.width, size.height);
        if self.shown.area != area {
            self.shown = Buffer::empty(area);
        }
        let mut next = self.shown.clone();
        let mut count = 0;
        for (x, y, cell) in cells {
            // A window may have become smaller since the frame was made.
            if let Some(place) = next.cell_mut((x, y)) {
                place.clone_from(cell);
                count += 1;
            }
            for covered in 1..columns(cell.symbol()) {
                if let Some(place) = next.cell_mut((x + covered, y)) {
                    place.reset();
                }
            }
        }
        if count > usize::from(size.width)
            && let Some(scroll) = scroll::find(&self.shown, &next)
        {
            scroll.write(&mut self.frame);
            scroll.apply(&mut self.shown);
        }
        let before = std::mem::replace(&mut self.shown, next.clone());
        let changed = changed(&before, &next);
        let mut last = None;
        for row in changed.chunk_by(|one, other| one.1 == other.1) {
            self.row(row, size.width, &mut last);
        }
    }

    /// One row of changed cells, from the left.
    fn row(&mut self, cells: &[(u16, u16, &Cell)], width: u16, last: &mut Option<Position>) {
        let blanks = trailing_blanks(cells, width);
        let (written, blank) = cells.split_at(cells.len() - blanks);
        let mut look = PLAIN;
        for &(x, y, cell) in written {
            self.go(*last, Position::new(x, y));
            let wanted = Look {
                fg: cell.fg,
                bg: cell.bg,
                modifier: cell.modifier,
            };
            if wanted != look {
                self.dress(wanted);
                look = wanted;
            }
            self.frame.push_str(cell.symbol());
            *last = is_plain(cell.symbol()).then(|| Position::new(x + 1, y));
        }
        if look != PLAIN {
            self.dress(PLAIN);
        }
        if let Some(&(x, y, _)) = blank.first() {
            self.go(*last, Position::new(x, y));
            self.frame.push_str("\x1b[K");
            *last = Some(Position::new(x, y));
        }
    }

    fn go(&mut self, from: Option<Position>, to: Position) {
        // Writing to a string cannot fail.
        let _ = match from {
            Some(from) if from == to => Ok(()),
            Some(from) if from.y == to.y && to.x > from.x => match to.x - from.x {
                1 => write!(self.frame, "\x1b[C"),
                by => write!(self.frame, "\x1b[{by}C"),
            },
            _ => write!(self.frame, "\x1b[{};{}H", to.y + 1, to.x + 1),
        };
    }

    fn dress(&mut self, look: Look) {
        const WEIGHTS: [(Modifier, &str); 8] = [
            (Modifier::BOLD, ";1"),
            (Modifier::DIM, ";2"),
            (Modifier::ITALIC, ";3"),
            (Modifier::UNDERLINED, ";4"),
            (Modifier::SLOW_BLINK, ";5"),
            (Modifier::REVERSED, ";7"),
            (Modifier::HIDDEN, ";8"),
            (Modifier::CROSSED_OUT, ";9"),
        ];
        self.frame.push_str("\x1b[0");
        for (weight, code) in WEIGHTS {
            if look.modifier.contains(weight) {
                self.frame.push_str(code);
            }
        }
        self.colour(look.fg, 30);
        self.colour(look.bg, 40);
        self.frame.push('m');
    }

    /// A colour's code; `base` is 30 for what is written and 40 for what lies behind.
    fn colour(&mut self, colour: Color, base: u8) {
        let code = match colour {
            Color::Reset => return,
            Color::Black => base,
            Color::Red => base + 1,
            Color::Green => base + 2,
            Color::Yellow => base + 3,
            Color::Blue => base + 4,
            Color::Magenta => base + 5,
            Color::Cyan => base + 6,
            Color::Gray => base + 7,
            Color::DarkGray => base + 60,
            Color::LightRed => base + 61,
            Color::LightGreen => base + 62,
            Color::LightYellow => base + 63,
            Color::LightBlue => base + 64,
            Color::LightMagenta => base + 65,
            Color::LightCyan => base + 66,
            Color::White => base + 67,
            Color::Indexed(number) => {
                let _ = write!(self.frame, ";{};5;{number}", base + 8);
                return;
            }
            Color::Rgb(red, green, blue) => {
                let _ = write!(self.frame, ";{};2;{red};{green};{blue}", base + 8);
                return;
            }
        };
        let _ = write!(self.frame, ";{code}");
    }

    fn cursor(&mut self) {
        let drawn = !self.frame.is_empty();
        match (self.stands, self.wanted) {
            (stands, wanted) if stands == wanted && !drawn => {}
            (Cursor::Hidden, Cursor::Hidden) | (_, Cursor::Somewhere) => {}
            (_, Cursor::Hidden) => self.frame.push_str("\x1b[?25l"),
            (stands, Cursor::At(place)) => {
                self.go(None, place);
                if !matches!(stands, Cursor::At(_)) {
                    self.frame.push_str("\x1b[?25h");
                }
            }
        }
        self.stands = self.wanted;
    }
}

/// The cells to write to get from one screen to the other, row by row. ratatui's own comparison leaves
/// out the second half of a wide character that was written over, of which terminals make what they
/// like.
fn changed<'a>(before: &Buffer, next: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let mut cells = Vec::new();
    for y in 0..next.area.height {
        // Up to here the terminal's columns are in doubt; up to there they are covered.
        let (mut doubtful, mut covered) = (0, 0);
        for x in 0..next.area.width {
            let (old, new) = (&before[(x, y)], &next[(x, y)]);
            let same = old == new && x >= doubtful && x >= covered;
            if !same {
                doubtful = doubtful.max(x + columns(old.symbol()));
            }
            if x < covered {
                continue;
            }
            covered = x + columns(new.symbol());
            if !same {
                doubtful = doubtful.max(covered);
                cells.push((x, y, new));
            }
        }
    }
    cells
}

fn columns(symbol: &str) -> u16 {
    if symbol.len() == 1 {
        return 1;
    }
    u16::try_from(symbol.width().max(1)).unwrap_or(1)
}

/// How many cells at the end of the row are blanks up to the window's border.
fn trailing_blanks(cells: &[(u16, u16, &Cell)], width: u16) -> usize {
    let mut next = width;
    let mut count = 0;
    for &(x, _, cell) in cells.iter().rev() {
        let blank = cell.symbol() == " "
            && cell.bg == Color::Reset
            && !cell
                .modifier
                .intersects(Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT);
        if x + 1 != next || !blank {
            break;
        }
        next = x;
        count += 1;
    }
    if count < LEAST_BLANKS { 0 } else { count }
}

/// Whether every terminal moves by one column for it.
fn is_plain(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    chars.next().is_some() && chars.next().is_none() && symbol.width() == 1
}

impl<W: Write> Backend for Thrifty<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_some() {
            let size = self.size()?;
            self.show(size, content);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wanted = Cursor::Hidden;
        Ok(())
    }

    /// The place comes with [`Backend::set_cursor_position`].
    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.wanted = Cursor::At(position.into());
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Asking the terminal would take an answer from the reader of keys.
        match self.wanted {
            Cursor::At(place) => Ok(place),
            Cursor::Hidden | Cursor::Somewhere => Ok(Position::default()),
        }
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    /// Everything, whatever is asked for: parts are not needed here.
    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.frame.push_str("\x1b[0m\x1b[2J");
        self.shown.reset();
        self.stands = Cursor::Somewhere;
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        // Not crossterm's: it opens the terminal anew each time.
        match rustix::termios::tcgetwinsize(io::stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Ok(Size {
                width: size.ws_col,
                height: size.ws_row,
            }),
            _ => crossterm::terminal::size().map(|(width, height)| Size { width, height }),
        }
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::default(),
        })
    }

    /// Ends the frame: all of it in one piece that a terminal which can shows at once.
    fn flush(&mut self) -> io::Result<()> {
        self.cursor();
        if self.frame.is_empty() {
            return Ok(());
        }
        self.frame.insert_str(0, "\x1b[?2026h");
        self.frame.push_str("\x1b[?2026l");
        let written = self.out.write_all(self.frame.as_bytes());
        self.frame.clear();
        written?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests;
