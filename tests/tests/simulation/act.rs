//! What people do at benches: strokes of random edits to what they see there.

use std::collections::BTreeSet;

use redtag_protocol::{entity::Kind, ipc::SyncState, op::Edit};
use redtagd::{
    cache::{Clock, Unsent},
    core::{Input, Session},
    view,
};

use super::{
    checks,
    edits::{edit, token_of},
    templates,
    witness::Promise,
    world::{World, say},
};

impl World {
    /// Somebody does something somewhere.
    pub(crate) fn act(&mut self) {
        let b = self.rng.index(self.benches.len());
        if self.benches[b].store().is_none() {
            return;
        }
        match self.rng.below(100) {
            0..3 => self.decide(b),
            3..6 => self.step(b, Input::SyncWanted),
            6..16 if *self.benches[b].machine.session() != Session::In => {
                self.sign_in(b);
            }
            _ => self.stroke(b),
        }
    }

    /// A stroke: one edit, or a few that belong together.
    fn stroke(&mut self, b: usize) {
        let count = if self.rng.chance(150) {
            self.rng.between(2, 5)
        } else {
            1
        };
        let shop = self.benches[b].shop;
        let mut edits = Vec::new();
        if self.rng.chance(120) {
            self.tokens += 1;
            let token = format!("zz{shop}q{:06}", self.tokens);
            if let Some(store) = self.benches[b].store() {
                edits = templates::stroke(&mut self.rng, store, &token);
            }
        }
        let count = if edits.is_empty() { count } else { 0 };
        for _ in 0..count {
            self.tokens += 1;
            let token = format!("zz{shop}q{:06}", self.tokens);
            let Some(store) = self.benches[b].store() else {
                return;
            };
            let known = &self.shops[shop].made;
            edits.extend(edit(
                &mut self.rng,
                store,
                known,
                (&token, self.weather.rare),
            ));
        }
        if edits.is_empty() {
            return;
        }
        for edit in &edits {
            // What a template is made of is nobody's to edit.
            if edit.creates() && edit.target().kind() != Kind::Template {
                self.shops[shop].made.push(edit.target());
            }
        }
        self.save(b, edits);
    }

    fn save(&mut self, b: usize, edits: Vec<Edit>) {
        let clock = Clock(self.wall(b));
        let kept = edits.clone();
        let saved = self.with_store(b, "save", |store| store.save(edits, clock));
        let Some(saved) = saved else { return };
        let saved = match saved {
            Ok(saved) => saved,
            Err(error) => {
                say!(self, "{}: not saved: {error}", self.benches[b].name);
                return;
            }
        };
        say!(
            self,
            "{}: saved {}: {kept:?}",
            self.benches[b].name,
            saved.first
        );
        self.saved(b, saved.first..=saved.last, clock);
    }

    /// Edits were called saved: notes what was promised, and tells the machine.
    fn saved(&mut self, b: usize, numbers: std::ops::RangeInclusive<u64>, clock: Clock) {
        let Some(store) = self.benches[b].store() else {
            return;
        };
        let device = store.meta().device;
        let mut stamp = None;
        let mut promised = Vec::new();
        for number in numbers {
            let Some((place, op)) = store
                .pending()
                .place(device, number)
                .and_then(|place| Some((place, store.pending().at(place)?)))
            else {
                self.violate("saved is durable", format!("number {number} is nowhere"));
                return;
            };
            stamp = Some(op.operation.stamp);
            promised.push(Promise {
                bench: b,
                place,
                device,
                number,
                stamp: op.operation.stamp,
                base: op.operation.base.0,
                seen: op.operation.seen,
                edit: op.operation.edit.clone(),
                token: token_of(&op.operation.edit),
                decided: false,
                released: false,
                purged: false,
            });
        }
        let (waiting, _) = store.pending().unsettled();
        let now = clock.0.0.saturating_add_signed(store.meta().offset);
        if let (Some(stamp), Some(before)) = (stamp, self.benches[b].stamped)
            && let Err(violation) = checks::stamps::check(before, stamp, now)
        {
            self.violations.push(violation);
        }
        self.benches[b].stamped = stamp;
        if self.rng.chance(25) && self.healed.is_none() {
            say!(self, "{}: the last of it is poison", self.benches[b].name);
            self.benches[b]
                .poison
                .extend(promised.last().map(|it| it.place));
        }
        self.witness.promises.extend(promised);
        self.step(b, Input::Edited { waiting });
    }

    /// A person decides about a refused stroke.
    fn decide(&mut self, b: usize) {
        let Some(store) = self.benches[b].store() else {
            return;
        };
        let mut refused = store.unsent().expect("a database in memory can be read");
        refused.retain(|it| it.sync == SyncState::Refused);
        let Some(which) = self.rng.pick(&refused) else {
            return;
        };
        let (number, whole) = (which.place, which.stroke);
        let clock = Clock(self.wall(b));
        let again = self.rng.chance(500);
        let mut strokes = BTreeSet::from([whole]);
        if again {
            together(&refused, &mut strokes);
        }
        let listed = view::outbox(store, 0, u32::MAX).expect("a database in memory can be read");
        let named = listed.rows.into_iter().find(|it| it.number == number);
        let with = named.map_or_else(Vec::new, |it| it.with);
        let goes = |it: &&Unsent| {
            if again {
                strokes.contains(&it.stroke)
            } else {
                it.place == number || with.contains(&it.place)
            }
        };
        let mut stroke: Vec<_> = refused
            .iter()
            .filter(goes)
            .map(|it| (it.operation.number, it.operation.stamp))
            .collect();
        let done = self.with_store(b, "decide", |store| {
            if again {
                store
                    .retry(number, clock)
                    .map(|saved| Some(saved.first..=saved.last))
            } else {
                store.discard(number).map(|_| None)
            }
        });
        if done.is_none() {
            // The process died of it: it may have been done, and nobody was told.
            self.witness
                .released(b, |it| stroke.contains(&(it.number, it.stamp)));
        }
        let Some(Ok(numbers)) = done else { return };
        say!(
            self,
            "{}: {} given up or tried again ({again})",
            self.benches[b].name,
            number
        );
        // What the rules refused here already stays as it was.
        if let Some(store) = self.benches[b].store() {
            let rest = store.unsent().expect("a database in memory can be read");
            let rest = rest.iter().filter(|it| it.sync == SyncState::Refused);
            let rest: BTreeSet<_> = rest
                .map(|it| (it.operation.number, it.operation.stamp))
                .collect();
            stroke.retain(|it| !rest.contains(it));
        }
        self.witness
            .released(b, |it| stroke.contains(&(it.number, it.stamp)));
        if let Some(numbers) = numbers {
            self.saved(b, numbers, clock);
        }
    }
}

/// Adds the strokes that were refused together with these: the creations that they depend on, and what
/// depends on those.
fn together(refused: &[Unsent], strokes: &mut BTreeSet<u64>) {
    let links: Vec<(u64, u64)> = refused
        .iter()
        .filter_map(|it| {
            let parent = it.refusal.as_ref()?.parent?;
            let of =
                |other: &&Unsent| (other.device, other.operation.number) == (it.device, parent);
            Some((it.stroke, refused.iter().find(of)?.stroke))
        })
        .collect();
    loop {
        let before = strokes.len();
        for (child, parent) in &links {
            if strokes.contains(child) || strokes.contains(parent) {
                strokes.extend([*child, *parent]);
            }
        }
        if strokes.len() == before {
            return;
        }
    }
}
