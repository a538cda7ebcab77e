//! Every action of a place, of everywhere and of the board, found by its words.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use redtag_protocol::role::Role;

use super::Input;
use crate::keys::{Action, Binding, Chord, Keymap, Place};

/// Actions to choose from, and what was typed to find one.
#[derive(Debug)]
pub(crate) struct Palette {
    /// What was typed.
    pub(crate) input: Input,
    /// The marked one of those that are shown.
    pub(crate) selected: usize,
    offers: Vec<Offer>,
    /// The places of those that match, the best first.
    shown: Vec<usize>,
}

/// An action that can be chosen.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// What it does.
    pub(crate) binding: &'static Binding,
    /// Its keys.
    pub(crate) chords: Vec<Chord>,
    /// Where it is done.
    pub(crate) at: Reach,
}

/// Where an action is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Where the palette was opened.
    Here,
    /// Anywhere.
    Everywhere,
    /// On the board, to which one goes for it.
    Board,
}

impl Offer {
    /// What it does, and where.
    pub(crate) fn words(&self) -> String {
        match self.at {
            Reach::Here | Reach::Everywhere => self.binding.words.to_owned(),
            Reach::Board => format!("on the board: {}", self.binding.words),
        }
    }
}

impl Palette {
    /// What the role may do at a place, everywhere, and on the board, where one is at a screen
    /// above it.
    pub(crate) fn over(
        keys: &Keymap,
        place: Place,
        role: Option<Role>,
        above_the_board: bool,
    ) -> Self {
        let mut offers: Vec<Offer> = Vec::new();
        let board = above_the_board.then_some((Place::Board, Reach::Board));
        let places = [(place, Reach::Here), (Place::Everywhere, Reach::Everywhere)];
        for (from, at) in places.into_iter().chain(board) {
            for bound in keys.offered(from, role) {
                // What is typed cannot be chosen; and help on F1 and on ? is one thing. The same
                // action may mean two things at two places.
                let is_one = |it: &Offer| {
                    let (known, new) = (it.binding, bound.binding);
                    known.action == new.action && (at != Reach::Board || known.words == new.words)
                };
                let elsewhere = at == Reach::Board && is_of_a_list(bound.binding.action);
                if bound.binding.is_fixed() || elsewhere || offers.iter().any(is_one) {
                    continue;
                }
                offers.push(Offer {
                    binding: bound.binding,
                    chords: bound.chords.clone(),
                    at,
                });
            }
        }
        let mut palette = Self {
            input: Input::default(),
            selected: 0,
            offers,
            shown: Vec::new(),
        };
        palette.look();
        palette
    }

    /// Finds what matches the typed text, by letters in their order, case and accents aside.
    pub(crate) fn look(&mut self) {
        self.selected = 0;
        let pattern = Pattern::new(
            self.input.text().trim(),
            CaseMatching::Ignore,
            Normalization::Smart,
            AtomKind::Fuzzy,
        );
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut found: Vec<(u32, usize)> = Vec::new();
        for (at, offer) in self.offers.iter().enumerate() {
            // Without where it is done, so that the letters of that find nothing.
            let text = Utf32Str::new(offer.binding.words, &mut buffer);
            let words = pattern.score(text, &mut matcher);
            // The short word of the lowest line is what people remember.
            let hint = offer.binding.hint.unwrap_or_default();
            let hint = pattern.score(Utf32Str::new(hint, &mut buffer), &mut matcher);
            if let Some(score) = words.max(hint) {
                found.push((score, at));
            }
        }
        // Stable: what matches equally well stays in the table's order.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        self.shown = found.into_iter().map(|(_, at)| at).collect();
    }

    /// What matches, the best first.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Offer> {
        self.shown.iter().filter_map(|at| self.offers.get(*at))
    }

    /// How many match.
    pub(crate) fn count(&self) -> usize {
        self.shown.len()
    }

    /// The marked one.
    pub(crate) fn marked(&self) -> Option<&Offer> {
        self.shown().nth(self.selected)
    }

    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }
}

/// What means nothing before one sees the list that it is done in.
fn is_of_a_list(action: Action) -> bool {
    matches!(
        action,
        Action::Enter
            | Action::Back
            | Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::NextGroup
            | Action::PreviousGroup
            | Action::Help
            | Action::Quit
    )
}
