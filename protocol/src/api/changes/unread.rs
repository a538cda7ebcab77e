//! A document's line as the API writes it, taken apart without a look into the body: most of a first
//! copy is such lines, and their bodies are read once anyway.

use crate::stamp::Seq;

/// A document on the wire whose body nobody has read yet.
///
/// The body is what stands where a body should. Only who has read it as one JSON value to its end
/// knows that the line was one; where that fails [`Line::parse`](super::Line::parse) says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadDocument<'a> {
    /// [`crate::entity::Kind`] as text.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
    /// The place of its last change.
    pub version: Seq,
    /// What should be its body.
    pub body: &'a str,
}

impl<'a> UnreadDocument<'a> {
    /// Takes a line apart, without its line end. None where it is not spelled as the API spells a
    /// document, whatever else it may be.
    pub fn split(line: &'a [u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let (kind, rest) = text(line.strip_prefix("{\"kind\":\"")?)?;
        let (id, rest) = text(rest.strip_prefix(",\"id\":\"")?)?;
        let (version, rest) = rest.strip_prefix(",\"version\":")?.split_once(',')?;
        // As JSON spells a number; Rust also takes a sign and leading zeros.
        let plain = version.bytes().all(|it| it.is_ascii_digit());
        let version = version.parse().ok().filter(|_| plain)?;
        let body = rest.strip_prefix("\"body\":")?.strip_suffix('}')?;
        Some(Self {
            kind,
            id,
            version: Seq(version),
            body,
        })
    }
}

/// A text after its first quote, and what follows its last one.
fn text(rest: &str) -> Option<(&str, &str)> {
    let (text, rest) = rest.split_once('"')?;
    let plain = |it: u8| it.is_ascii_graphic() && it != b'\\';
    text.bytes().all(plain).then_some((text, rest))
}

#[cfg(test)]
mod tests;
