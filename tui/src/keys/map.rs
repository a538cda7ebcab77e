//! The keys that hold: the table's own, and over them what a person's file of keys says.

use crossterm::event::{KeyCode, KeyEvent};
use redtag_protocol::role::Role;

use super::{Action, Binding, Chord, Place};

/// A line of the table with the keys that it has here.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    /// The line.
    pub(crate) binding: &'static Binding,
    /// Any of these; none where a person took them all away. The palette still finds it.
    pub(crate) chords: Vec<Chord>,
}

/// The keys of every place.
#[derive(Debug, Clone)]
pub(crate) struct Keymap {
    places: Vec<(Place, Vec<Bound>)>,
}

/// Other keys for an action at a place.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    /// Where.
    pub(crate) place: Place,
    /// What.
    pub(crate) action: Action,
    /// With these; none: no key at all.
    pub(crate) chords: Vec<Chord>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = |binding: &'static Binding| Bound {
            binding,
            chords: binding.chords.to_vec(),
        };
        let places = Place::ALL.into_iter();
        Self {
            places: places
                .map(|place| (place, place.bindings().iter().map(bound).collect()))
                .collect(),
        }
    }
}

impl Keymap {
    /// The defaults with other keys over them. An override that would make a key mean two things at
    /// one place, or leave no way out, is not taken; its number and the reason are given back.
    pub(crate) fn with(overrides: &[Override]) -> (Self, Vec<(usize, String)>) {
        let mut taken: Vec<bool> = vec![true; overrides.len()];
        let mut refused = Vec::new();
        loop {
            let mut map = Self::default();
            for (it, _) in overrides.iter().zip(&taken).filter(|(_, taken)| **taken) {
                map.put(it);
            }
            let standing = overrides.iter().enumerate().filter(|(at, _)| taken[*at]);
            let wrong = standing
                .rev()
                .find_map(|(at, it)| Some((at, map.objection(it)?)));
            let Some((at, words)) = wrong else {
                refused.sort();
                return (map, refused);
            };
            taken[at] = false;
            refused.push((at, words));
        }
    }

    /// What a key does at a place. Capital letters count as small ones where they have no meaning of
    /// their own, because caps lock is on more often than one thinks, and Ctrl-J as Enter.
    pub(crate) fn find(&self, place: Place, key: &KeyEvent) -> Option<&'static Binding> {
        let chord = Chord::of(key);
        let find = |chord: Chord| {
            let everywhere = self.at(Place::Everywhere).iter();
            let everywhere = everywhere.filter(|_| !(place.types() && chord.is_typed()));
            let mut all = self.at(place).iter().chain(everywhere);
            all.find(|it| it.chords.contains(&chord))
        };
        // The Enter of a numeric pad, below tmux, and that of many scanners.
        let enter = || (chord == Chord::ctrl('j')).then_some(Chord::key(KeyCode::Enter));
        let found = find(chord)
            .or_else(|| find(chord.lower()?))
            .or_else(|| find(enter()?));
        found.map(|it| it.binding)
    }

    /// The first key of an action at a place, for people; none where a person took them all away.
    pub(crate) fn key(&self, place: Place, action: Action, ascii: bool) -> Option<String> {
        let mut lines = self.at(place).iter();
        let line = lines.find(|line| line.binding.action == action)?;
        Some(line.chords.first()?.name(ascii))
    }

    /// The lines of a place.
    pub(crate) fn at(&self, place: Place) -> &[Bound] {
        let found = self.places.iter().find(|(it, _)| *it == place);
        found.map_or(&[], |(_, bound)| bound)
    }

    /// The lines to show at a place: those that the role may use.
    pub(crate) fn offered(
        &self,
        place: Place,
        role: Option<Role>,
    ) -> impl Iterator<Item = &Bound> + use<'_> {
        let may = move |it: &&Bound| role.is_none_or(|role| role.may(it.binding.needs));
        self.at(place).iter().filter(may)
    }

    fn put(&mut self, it: &Override) {
        let Some((_, lines)) = self.places.iter_mut().find(|(place, _)| *place == it.place) else {
            return;
        };
        for line in lines.iter_mut().filter(|line| is(line, it)) {
            line.chords.clone_from(&it.chords);
        }
    }

    /// Why an override cannot stand beside all others; none where it can.
    fn objection(&self, it: &Override) -> Option<String> {
        if it.chords.is_empty() && it.action == Action::Quit && it.place == Place::Everywhere {
            return Some("leaving Redtag must have a key".to_owned());
        }
        for chord in &it.chords {
            let is_own = |line: &Bound| is(line, it) && line.binding.chords.contains(chord);
            let own = self.at(it.place).iter().any(is_own);
            if it.place.types() && chord.is_typed() && !own {
                return Some(format!(
                    "“{}” is typed here; take a key with Ctrl or Alt, or one with a name",
                    chord.name(true)
                ));
            }
            let others = match it.place {
                Place::Everywhere => Place::ALL.as_slice(),
                _ => &[it.place, Place::Everywhere],
            };
            for place in others {
                let typed = place.types() && it.place != *place && chord.is_typed();
                let clash = self
                    .at(*place)
                    .iter()
                    .find(|line| line.binding.action != it.action && line.chords.contains(chord));
                // The table itself lets what opens something close it as well.
                let meant = |clash: &&Bound| {
                    own && *place != it.place && clash.binding.chords.contains(chord)
                };
                if let Some(clash) = clash.filter(|it| !typed && !meant(it)) {
                    return Some(format!(
                        "“{}” means “{}” already ({}: {}); give that another key as well",
                        chord.name(true),
                        clash.binding.words,
                        place.id(),
                        clash.binding.action.id()
                    ));
                }
            }
        }
        None
    }
}

/// Whether an override is about this line. Digits mean themselves.
fn is(line: &Bound, it: &Override) -> bool {
    line.binding.action == it.action && !line.binding.is_fixed()
}

#[cfg(test)]
mod tests;
