//! Whether a bench shows what was saved there, by what the API has of it: the bench's own word for
//! what it need not show any more is what is judged here.

use std::collections::BTreeMap;

use redtag_protocol::{
    api::ops::Outcome,
    entity::{Entity, EntityRef},
    ids::DeviceId,
    merge::Write as _,
    op::Edit,
    stamp::Seq,
};
use redtag_server::storage::memory::Content;
use redtagd::cache::{PendingOp, Store};

use super::{
    checks::{self, Violation},
    world::World,
};

impl World {
    /// Now and then: what a bench has not confirmed yet is to be seen there.
    pub(crate) fn look_at(&mut self, b: usize) {
        if !self.rng.chance(60) {
            return;
        }
        let Some(store) = self.benches[b].store() else {
            return;
        };
        // Until the first page of a new copy the old one is on show, in which others may have
        // written over what the API has taken again since.
        if store.meta().cursor.is_none() || store.meta().copies.rebuilding() {
            return;
        }
        let id = self.shops[self.benches[b].shop].id;
        let found = self.api.disk.look(|all| {
            let content = all.content(id).expect("the shop is there");
            let mut found = self.shown(b, store, content);
            found.extend(self.dropped(b, store, content));
            found
        });
        self.violations.extend(found);
    }

    /// Whether the API's places mean what the bench's do, and its numbers are this bench's own.
    fn one_life(&self) -> bool {
        self.api.restores == 0 && !self.cloned
    }

    /// The latest own write of each field stands on the screen.
    fn shown(&self, b: usize, store: &Store, content: &Content) -> Vec<Violation> {
        let mut latest: BTreeMap<(EntityRef, String), (EntityRef, String)> = BTreeMap::new();
        for (_, op) in store.pending().iter() {
            let Some((key, field)) = field(&op.operation.edit) else {
                continue;
            };
            let (named, key) = (key, winner(store, key));
            // Once it is confirmed whoever has seen it may write over it.
            if self.is_confirmed(store, content, op, &key) {
                latest.remove(&(key, field));
                continue;
            }
            let text = serde_json::to_string(&op.operation.edit).unwrap_or_default();
            let token = text.find("zz").and_then(|at| text.get(at..at + 10));
            match token {
                Some(token) => drop(latest.insert((key, field), (named, token.to_owned()))),
                // An own write without a text of its own has taken the place.
                None => drop(latest.remove(&(key, field))),
            }
        }
        let mut violations = Vec::new();
        for ((key, field), (named, token)) in latest {
            if !matches!(store.local(&key), Ok(Some(_))) {
                // Its creation was refused; the write waits for the same.
                continue;
            }
            // What was written before a merger stays with the duplicate, wherever on the way.
            let on_the_way = way(store, named);
            let bodies = on_the_way
                .iter()
                .filter_map(|it| store.local(it).ok().flatten());
            let body: String = bodies.map(|it| body(&it)).collect();
            let name = &self.benches[b].name;
            let mut done = checks::visible::check(&body, &token, &field, name);
            if let Err(violation) = &mut done {
                let shown = store
                    .pending()
                    .iter()
                    .map(|(place, op)| format!("{place}: {op:?}"));
                violation.words += &shown.collect::<Vec<_>>().join("; ");
            }
            violations.extend(done.err());
        }
        violations
    }

    /// Whether an operation's effect is in the bench's confirmed copy.
    fn is_confirmed(
        &self,
        store: &Store,
        content: &Content,
        op: &PendingOp,
        key: &EntityRef,
    ) -> bool {
        // Nothing was heard of it yet.
        if op.seq.is_none() {
            return false;
        }
        let (confirmed, level) = (version(store, key), store.meta().level);
        if !self.one_life() {
            return !op.replays(confirmed, level);
        }
        match place(content, op.device, op.operation.number) {
            Some(seq) => seq <= confirmed || seq <= level,
            // Forgotten since: nobody knows.
            None => true,
        }
    }

    /// What the API has accepted and the bench has not pulled is still among what it shows on top.
    fn dropped(&self, b: usize, store: &Store, content: &Content) -> Option<Violation> {
        if !self.one_life() {
            return None;
        }
        let level = store.meta().level;
        let promises = self.witness.promises.iter();
        let promises = promises.filter(|it| it.bench == b && !it.released && !it.purged);
        let lost = promises
            .filter(|it| store.pending().at(it.place).is_none())
            .filter(|it| content.documents.contains_key(&it.edit.target()))
            .find(|it| {
                let seq = place(content, it.device, it.number);
                seq.is_some_and(|seq| seq > level && seq > version(store, &it.edit.target()))
            })?;
        let words = format!(
            "{} is level at {level} and shows no more what comes after it: {:?}",
            self.benches[b].name, lost.edit
        );
        Some(Violation::new(checks::visible::NAME, words))
    }
}

/// Where the API has put an operation that it accepted.
fn place(content: &Content, device: DeviceId, number: u64) -> Option<Seq> {
    let held = content.outcomes.get(&(device, number))?;
    match serde_json::from_str(&held.logged.outcome).ok()? {
        Outcome::Accepted { seq, .. } => Some(seq),
        Outcome::Refused { .. } => None,
    }
}

/// The version that a bench has confirmed of a document.
fn version(store: &Store, key: &EntityRef) -> Seq {
    let confirmed = store.confirmed(key).ok().flatten();
    confirmed.map_or(Seq(0), |(version, _)| version)
}

/// Where the edits of a document go: to the one that it was merged into, if it was.
fn winner(store: &Store, key: EntityRef) -> EntityRef {
    way(store, key).last().copied().unwrap_or(key)
}

/// A document, the one that it was merged into, and so on.
fn way(store: &Store, key: EntityRef) -> Vec<EntityRef> {
    let mut way = vec![key];
    while let Some(next) = way.last().and_then(|it| merged(store, it)) {
        if way.contains(&next) {
            break;
        }
        way.push(next);
    }
    way
}

fn merged(store: &Store, key: &EntityRef) -> Option<EntityRef> {
    match store.local(key).ok().flatten()?.as_ref() {
        Entity::Customer(it) => it.merged.as_ref().map(|it| EntityRef::Customer(it.value)),
        Entity::Vehicle(it) => it.merged.as_ref().map(|it| EntityRef::Vehicle(it.value)),
        _ => None,
    }
}

fn body(entity: &Entity) -> String {
    entity.to_body().unwrap_or_default()
}

/// The field that an edit writes.
fn field(edit: &Edit) -> Option<(EntityRef, String)> {
    let field = match edit {
        Edit::Customer { write, .. }
        | Edit::SettleCustomer { write, .. }
        | Edit::UndoCustomer { write, .. } => write.field(),
        Edit::Vehicle { write, .. }
        | Edit::SettleVehicle { write, .. }
        | Edit::UndoVehicle { write, .. } => write.field(),
        Edit::Inspection { write, .. }
        | Edit::SettleInspection { write, .. }
        | Edit::UndoInspection { write, .. } => write.field(),
        _ => return None,
    };
    Some((edit.target(), field))
}
