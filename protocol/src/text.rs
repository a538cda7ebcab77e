//! Text from outside: stripped of what could steer a terminal or mislead an eye, or refused.
//!
//! [`clean_line`] and [`clean_text`] strip, for text that must be shown whatever it holds.
//! [`bounded`] and [`bounded_text`] refuse, for text that a person or a script hands in.

mod escape;

use std::borrow::Cow;

/// A text that is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks where something is needed.
    #[error("{what} is empty")]
    Empty {
        /// The field in people's words.
        what: String,
    },
    /// More characters than allowed.
    #[error("{what} has {found} characters, at most {max} are allowed")]
    TooLong {
        /// The field in people's words.
        what: String,
        /// How many there are.
        found: usize,
        /// How many may be.
        max: usize,
    },
    /// A control, direction or invisible character.
    #[error("{what} has a hidden character ({found}) at position {position}; type it again")]
    Hidden {
        /// The field in people's words.
        what: String,
        /// The character as `U+001B`.
        found: String,
        /// Where, in characters from 1.
        position: usize,
    },
}

/// One line without control sequences and hidden characters; same as [`clean_line`].
pub fn clean(text: &str) -> Cow<'_, str> {
    clean_line(text)
}

/// One line: escape sequences and hidden characters go, line ends and tabs become a space.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    strip(text, false)
}

/// Several lines: as [`clean_line`], but keeps `\n` (also for `\r\n` and a lone `\r`).
pub fn clean_text(text: &str) -> Cow<'_, str> {
    strip(text, true)
}

/// One line of at most `max` characters, trimmed, or why it is refused. `what` names the field.
pub fn bounded(text: &str, what: &str, max: usize) -> Result<String, TextError> {
    check(text, what, max, false)
}

/// As [`bounded`], with line ends (`\r\n` becomes `\n`) and tabs (become a space) allowed.
pub fn bounded_text(text: &str, what: &str, max: usize) -> Result<String, TextError> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    check(&text, what, max, true)
}

/// Whether the character steers terminals or hides: controls, direction marks, separators of
/// lines and paragraphs, zero-width characters, tags. A joiner is kept: scripts and emoji need it.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn strip(text: &str, lines: bool) -> Cow<'_, str> {
    let allowed = |c: char| !is_hidden(c) || (lines && c == '\n');
    if text.chars().all(allowed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut open = escape::Open::default();
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = escape::skip(rest, &mut open).unwrap_or(after);
        match c {
            '\r' if after.starts_with('\n') => {}
            '\n' | '\r' => out.push(if lines { '\n' } else { ' ' }),
            '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if !is_hidden(c) => out.push(c),
            _ => {}
        }
    }
    Cow::Owned(out)
}

fn check(text: &str, what: &str, max: usize, lines: bool) -> Result<String, TextError> {
    let text = text.trim();
    let what = || what.to_owned();
    if text.is_empty() {
        return Err(TextError::Empty { what: what() });
    }
    let found = text.chars().count();
    if found > max {
        return Err(TextError::TooLong {
            what: what(),
            found,
            max,
        });
    }
    let bad = |&(_, c): &(usize, char)| is_hidden(c) && !(lines && c == '\n');
    match text.chars().enumerate().find(bad) {
        None => Ok(text.to_owned()),
        Some((at, c)) => Err(TextError::Hidden {
            what: what(),
            found: format!("U+{:04X}", u32::from(c)),
            position: at + 1,
        }),
    }
}

#[cfg(test)]
mod tests;
