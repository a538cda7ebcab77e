//! The canned notes for a point, and which of them fit what was typed.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use redtag_protocol::{canned::Found, ids::PointKey};

use super::Input;

/// The canned notes for a point above the screen: one is chosen by its number, or by typing some of
/// its letters.
#[derive(Debug)]
pub(crate) struct CannedList {
    /// The point.
    pub(crate) point: PointKey,
    /// What it is called.
    pub(crate) label: String,
    /// All of them, the nearest first.
    pub(crate) all: Vec<Found>,
    /// What is typed.
    pub(crate) filter: Input,
    /// The marked one of those that fit.
    pub(crate) selected: usize,
}

impl CannedList {
    /// Those that fit.
    pub(crate) fn fitting(&self) -> Vec<&Found> {
        fitting(&self.all, self.filter.text())
    }

    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        let last = self.fitting().len().saturating_sub(1);
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let at = i64::try_from(self.selected).unwrap_or(i64::MAX);
        let place = at.saturating_add(by).clamp(0, last);
        self.selected = usize::try_from(place).unwrap_or(0);
    }
}

/// The notes that hold the letters of a text in their order, wherever they stand; all where it is
/// empty. What fits better comes first, and among equals the nearer one.
pub(crate) fn fitting<'a>(all: &'a [Found], text: &str) -> Vec<&'a Found> {
    let text = text.trim();
    if text.is_empty() {
        return all.iter().collect();
    }
    let pattern = Pattern::new(
        text,
        CaseMatching::Ignore,
        Normalization::Smart,
        AtomKind::Fuzzy,
    );
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let scored = all.iter().filter_map(|found| {
        let told = Utf32Str::new(&found.note.text, &mut letters);
        Some((pattern.score(told, &mut matcher)?, found))
    });
    let mut scored: Vec<_> = scored.collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, found)| found).collect()
}
