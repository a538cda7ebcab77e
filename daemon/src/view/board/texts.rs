//! Texts side by side in one piece of memory, folded for searching. A text is stored once where its
//! spelling can be told from a rule, as it can of plates and names, and twice where it cannot.

use std::{borrow::Cow, str};

use super::super::fold::fold;

/// The longest text that is kept, in bytes; the rest of a longer one is not shown and not found.
const MOST: usize = 0xff00;

/// How a text is spelled, given its folded form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Same,
    Upper,
    Title,
}

const RULES: [Spelling; 3] = [Spelling::Same, Spelling::Upper, Spelling::Title];

/// Where a text lies. The default is an empty text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Text {
    start: u32,
    folded: u16,
    /// The length of the text as it is spelled, which lies behind the folded one; or, above
    /// [`MOST`], the rule that tells it.
    spelled: u16,
}

/// The texts.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    wasted: usize,
}

impl Texts {
    /// Stores a text in the place of a former one.
    pub(super) fn put(&mut self, former: Text, text: &str) -> Text {
        let text = clip(text);
        let folded = fold(text);
        let folded = clip(&folded);
        let rule = RULES
            .into_iter()
            .position(|rule| spell(folded.as_bytes(), rule).eq(text.bytes()));
        if self.folded(former) == folded.as_bytes() && self.text(former) == text {
            return former;
        }
        self.wasted += size(former);
        self.append(folded, rule.ok_or(text))
    }

    /// Stores a text of which only the folded form is needed.
    pub(super) fn put_folded(&mut self, former: Text, folded: &str) -> Text {
        let folded = clip(folded);
        if self.folded(former) == folded.as_bytes() {
            return former;
        }
        self.wasted += size(former);
        self.append(folded, Ok(0))
    }

    fn append(&mut self, folded: &str, spelled: Result<usize, &str>) -> Text {
        let Ok(start) = u32::try_from(self.bytes.len()) else {
            // Four gigabytes of names: what comes then is not kept.
            return Text::default();
        };
        self.bytes.extend_from_slice(folded.as_bytes());
        let spelled = match spelled {
            Ok(rule) => 0xffff - short(rule),
            Err(text) => {
                self.bytes.extend_from_slice(text.as_bytes());
                short(text.len())
            }
        };
        Text {
            start,
            folded: short(folded.len()),
            spelled,
        }
    }

    fn slice(&self, from: usize, length: usize) -> &[u8] {
        self.bytes.get(from..from + length).unwrap_or_default()
    }

    /// The folded form.
    pub(super) fn folded(&self, text: Text) -> &[u8] {
        self.slice(text.start as usize, usize::from(text.folded))
    }

    /// The text as it is spelled.
    pub(super) fn text(&self, text: Text) -> String {
        let bytes = if let Some(length) = kept(text) {
            let from = text.start as usize + usize::from(text.folded);
            Cow::Borrowed(self.slice(from, length))
        } else {
            let rule = RULES[usize::from(0xffff - text.spelled).min(2)];
            Cow::Owned(spell(self.folded(text), rule).collect())
        };
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether enough is wasted that copying the rest pays.
    pub(super) fn wasteful(&self) -> bool {
        self.wasted > 1 << 18 && self.wasted > self.bytes.len() / 3
    }

    /// Takes a text over from another store, which is about to go.
    pub(super) fn carry(&mut self, from: &Self, text: Text) -> Text {
        let Ok(start) = u32::try_from(self.bytes.len()) else {
            return Text::default();
        };
        let bytes = from.slice(text.start as usize, size(text));
        self.bytes.extend_from_slice(bytes);
        Text { start, ..text }
    }
}

/// How many bytes a text takes.
fn size(text: Text) -> usize {
    usize::from(text.folded) + kept(text).unwrap_or(0)
}

/// The length of the spelled text, where it is kept.
fn kept(text: Text) -> Option<usize> {
    (usize::from(text.spelled) <= MOST).then_some(usize::from(text.spelled))
}

/// The spelling by a rule. Only letters of ASCII change, so a folded text with others keeps them.
fn spell(folded: &[u8], rule: Spelling) -> impl Iterator<Item = u8> + '_ {
    let mut first = true;
    folded.iter().map(move |byte| {
        let upper = match rule {
            Spelling::Same => false,
            Spelling::Upper => true,
            Spelling::Title => first,
        };
        first = !byte.is_ascii_alphanumeric();
        if upper {
            byte.to_ascii_uppercase()
        } else {
            *byte
        }
    })
}

fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST)]
}

/// Lengths are clipped before.
fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
