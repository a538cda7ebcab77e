//! Putting text where it belongs: cleaned, measured in columns, cut with a mark.

use std::ops::Range;

use nucleo_matcher::chars::normalize;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::{app::Target, theme::Theme};

/// A buffer with the theme that it is drawn in.
pub(super) struct Pen<'a> {
    /// What things look like.
    pub(super) theme: Theme,
    buffer: &'a mut Buffer,
    hits: Vec<(Rect, Target)>,
}

impl<'a> Pen<'a> {
    /// Draws on a buffer.
    pub(super) fn new(buffer: &'a mut Buffer, theme: &Theme) -> Self {
        Self {
            theme: *theme,
            buffer,
            hits: Vec::new(),
        }
    }

    /// What a click on an area means.
    pub(super) fn on(&mut self, area: Rect, target: Target) {
        self.hits.push((area, target));
    }

    /// What takes a click.
    pub(super) fn hits(self) -> Vec<(Rect, Target)> {
        self.hits
    }

    /// Text at a place, cut to a width. Gives the columns that it took.
    pub(super) fn put(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        if !self.buffer.area.contains((x, y).into()) {
            return 0;
        }
        let width = width.min(self.buffer.area.right().saturating_sub(x));
        let text = self.cut(text, width);
        let (end, _) = self.buffer.set_stringn(x, y, text, width.into(), style);
        end - x
    }

    /// Text that ends at the right border of the width.
    pub(super) fn put_right(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) {
        let text = self.cut(text, width);
        let took = columns(&text);
        self.put(x + width.saturating_sub(took), y, took, &text, style);
    }

    /// Several pieces one after the other. Gives the columns that they took.
    pub(super) fn pieces(&mut self, x: u16, y: u16, width: u16, pieces: &[(String, Style)]) -> u16 {
        let mut took = 0;
        for (text, style) in pieces {
            if took >= width {
                break;
            }
            took += self.put(x + took, y, width - took, text, *style);
        }
        took
    }

    /// A style over what is there.
    pub(super) fn style(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, style);
    }

    /// Blanks an area.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.rows().map(|row| row.y) {
            for x in area.x..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A line across with a title in it.
    pub(super) fn rule(&mut self, area: Rect, title: &[(String, Style)]) {
        let dim = self.theme.dim();
        let line = self.theme.glyphs.across.repeat(area.width.into());
        let span = Span::styled(line, dim);
        self.buffer
            .set_line(area.x, area.y, &Line::from(span), area.width);
        if !title.is_empty() {
            let mut pieces = vec![(" ".to_owned(), dim)];
            pieces.extend_from_slice(title);
            pieces.push((" ".to_owned(), dim));
            self.pieces(area.x + 1, area.y, area.width.saturating_sub(2), &pieces);
        }
    }

    /// A line down.
    pub(super) fn down(&mut self, x: u16, y: u16, height: u16) {
        let (glyph, style) = (self.theme.glyphs.down, self.theme.dim());
        for y in y..y + height {
            self.put(x, y, 1, glyph, style);
        }
    }

    /// The text, clean, in at most so many columns, with a mark where it was cut.
    pub(super) fn cut(&self, text: &str, width: u16) -> String {
        let text = self.theme.text(text);
        if columns(&text) <= width {
            return text;
        }
        let mark = self.theme.glyphs.more;
        let room = width.saturating_sub(columns(mark));
        let mut out = String::new();
        let mut took = 0;
        for piece in text.graphemes(true) {
            let wide = columns(piece);
            if took + wide > room {
                break;
            }
            out.push_str(piece);
            took += wide;
        }
        if width > 0 {
            out.push_str(mark);
        }
        out
    }

    /// The text, clean, in at most so many columns, cut so that the first of these words that stands in
    /// it is seen.
    pub(super) fn cut_around(&self, text: &str, width: u16, words: &[&str]) -> String {
        let clean = self.theme.text(text);
        let first = words.iter().filter_map(|word| find(&clean, word));
        let Some(at) = first.min_by_key(|at| at.start) else {
            return self.cut(text, width);
        };
        let mark = self.theme.glyphs.more;
        let room = width.saturating_sub(columns(mark));
        if columns(&clean) <= width || columns(&clean[..at.end]) <= room {
            return self.cut(text, width);
        }
        // From as far before it as leaves it whole, with a third of the room for what led to it; from
        // further where the end fits.
        let lead = room.saturating_sub(columns(&clean[at.clone()])) / 3;
        let from = clean[..at.start]
            .grapheme_indices(true)
            .map(|(from, _)| from)
            .find(|from| {
                columns(&clean[*from..at.start]) <= lead || columns(&clean[*from..]) <= room
            })
            .unwrap_or(at.start);
        format!("{mark}{}", self.cut(&clean[from..], room))
    }

    /// The text in lines of at most so many columns, broken between words where it can be. Line
    /// ends of the text itself are kept.
    pub(super) fn wrap(&self, text: &str, width: u16) -> Vec<String> {
        let width = width.max(1);
        let mut lines = Vec::new();
        for paragraph in text.split('\n') {
            let paragraph = self.theme.text(paragraph);
            let mut line = String::new();
            for word in paragraph.split_inclusive(' ') {
                let fits = columns(&line) + columns(word.trim_end()) <= width;
                if !fits && !line.is_empty() {
                    lines.push(std::mem::take(&mut line).trim_end().to_owned());
                }
                if columns(word.trim_end()) <= width {
                    line.push_str(word);
                    continue;
                }
                // A word longer than a line.
                for piece in word.graphemes(true) {
                    if columns(&line) + columns(piece) > width {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.push_str(piece);
                }
            }
            lines.push(line.trim_end().to_owned());
        }
        lines
    }
}

/// Where a word stands in a text, case and accents of Latin letters aside.
pub(super) fn find(text: &str, word: &str) -> Option<Range<usize>> {
    let word: Vec<char> = word.chars().map(fold).collect();
    if word.is_empty() {
        return None;
    }
    text.char_indices().find_map(|(at, _)| {
        let mut rest = text[at..].chars();
        let all = word.iter().all(|c| rest.next().map(fold) == Some(*c));
        all.then(|| at..text.len() - rest.as_str().len())
    })
}

fn fold(c: char) -> char {
    let plain = normalize(c);
    plain.to_lowercase().next().unwrap_or(plain)
}

/// How many columns a text takes on the screen.
pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}
