//! A text that is being typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use redtag_protocol::text;
use unicode_segmentation::UnicodeSegmentation as _;

/// The most characters of one line, and of several, as the protocol takes them.
const LINE: usize = 200;
const TEXT: usize = 10_000;

/// A text with a cursor. What comes in is stripped of control sequences.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Input {
    text: String,
    /// A byte position on a border of what a person sees as one character.
    cursor: usize,
    lines: bool,
}

impl Input {
    /// One line.
    pub(crate) fn line(text: &str) -> Self {
        Self::new(text, false)
    }

    /// Several lines.
    pub(crate) fn lines(text: &str) -> Self {
        Self::new(text, true)
    }

    fn new(given: &str, lines: bool) -> Self {
        let mut input = Self {
            lines,
            ..Self::default()
        };
        input.paste(given);
        input
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text without blanks around; none where nothing is left.
    pub(crate) fn trimmed(&self) -> Option<String> {
        let text = self.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Whether nothing was typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether it takes several lines.
    pub(crate) fn takes_lines(&self) -> bool {
        self.lines
    }

    /// What stands before the cursor.
    pub(crate) fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Whether no line comes after the one the cursor is in.
    pub(crate) fn at_last_line(&self) -> bool {
        !self.text[self.cursor..].contains('\n')
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Puts a text where the cursor is, as text whatever it holds.
    pub(crate) fn paste(&mut self, given: &str) {
        let clean = if self.lines {
            text::clean_text(given)
        } else {
            text::clean_line(given)
        };
        let most = if self.lines { TEXT } else { LINE };
        let room = most.saturating_sub(self.text.chars().count());
        let taken: String = clean.chars().take(room).collect();
        self.text.insert_str(self.cursor, &taken);
        self.cursor += taken.len();
    }

    /// A new line, where it takes several.
    pub(crate) fn new_line(&mut self) {
        if self.lines {
            self.paste("\n");
        }
    }

    /// Takes a key that types or moves; whether it was one.
    pub(crate) fn key(&mut self, key: &KeyEvent) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(c) if !ctrl && !alt => self.paste(c.encode_utf8(&mut [0; 4])),
            KeyCode::Char('a') if ctrl => self.cursor = self.line_start(),
            KeyCode::Char('e') if ctrl => self.cursor = self.line_end(),
            KeyCode::Char('u') if ctrl => self.cut(self.line_start()),
            KeyCode::Char('w') if ctrl => self.cut(self.word_left()),
            KeyCode::Backspace if alt => self.cut(self.word_left()),
            KeyCode::Backspace => self.cut(self.left()),
            KeyCode::Delete => {
                let end = self.right();
                self.text.replace_range(self.cursor..end, "");
            }
            KeyCode::Left if ctrl || alt => self.cursor = self.word_left(),
            KeyCode::Right if ctrl || alt => self.cursor = self.word_right(),
            KeyCode::Left => self.cursor = self.left(),
            KeyCode::Right => self.cursor = self.right(),
            KeyCode::Home => self.cursor = self.line_start(),
            KeyCode::End => self.cursor = self.line_end(),
            KeyCode::Up if self.lines => self.vertical(true),
            KeyCode::Down if self.lines => self.vertical(false),
            _ => return false,
        }
        true
    }

    fn cut(&mut self, from: usize) {
        self.text.replace_range(from..self.cursor, "");
        self.cursor = from;
    }

    fn left(&self) -> usize {
        let last = self.before().grapheme_indices(true).next_back();
        last.map_or(0, |(at, _)| at)
    }

    fn right(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    fn word_left(&self) -> usize {
        let word = self.before().unicode_word_indices().next_back();
        word.map_or(0, |(at, _)| at)
    }

    fn word_right(&self) -> usize {
        let word = self.text[self.cursor..].unicode_word_indices().next();
        word.map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
    }

    fn line_start(&self) -> usize {
        self.before().rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        let rest = &self.text[self.cursor..];
        rest.find('\n')
            .map_or(self.text.len(), |at| self.cursor + at)
    }

    /// To the same column of the line above or below; to the text's end where there is none.
    fn vertical(&mut self, up: bool) {
        let column = self.text[self.line_start()..self.cursor]
            .graphemes(true)
            .count();
        let start = if up {
            match self.line_start().checked_sub(1) {
                Some(end) => self.text[..end].rfind('\n').map_or(0, |at| at + 1),
                None => return self.cursor = 0,
            }
        } else {
            match self.line_end() {
                end if end == self.text.len() => return self.cursor = end,
                end => end + 1,
            }
        };
        let line = self.text[start..].split('\n').next().unwrap_or_default();
        let place = line.grapheme_indices(true).nth(column);
        self.cursor = start + place.map_or(line.len(), |(at, _)| at);
    }
}

#[cfg(test)]
mod tests;
