//! Words that many rows share, such as makers and bays, each kept once. They are never let go of:
//! a shop has few.

use std::collections::HashMap;

use memchr::memmem::Finder;

use super::super::fold::fold;

/// The words.
#[derive(Debug, Default)]
pub(super) struct Pool {
    words: Vec<Word>,
    index: HashMap<Box<str>, u32>,
}

#[derive(Debug)]
struct Word {
    text: Box<str>,
    folded: Box<str>,
}

impl Pool {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.index.get(text) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(Word {
            text: text.into(),
            folded: fold(text).into(),
        });
        self.index.insert(text.into(), number);
        number
    }

    /// The number of a text that is known.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        self.index.get(text).copied()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// The text of a number.
    pub(super) fn text(&self, number: u32) -> &str {
        self.words.get(number as usize).map_or("", |it| &it.text)
    }

    /// The folded text of a number.
    pub(super) fn folded(&self, number: u32) -> &str {
        self.words.get(number as usize).map_or("", |it| &it.folded)
    }

    /// Which of them hold a word.
    pub(super) fn holding(&self, word: &Finder<'_>) -> Vec<bool> {
        let holds = |it: &Word| word.find(it.folded.as_bytes()).is_some();
        self.words.iter().map(holds).collect()
    }
}
