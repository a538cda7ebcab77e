//! What is looked at while a world runs.

use std::collections::BTreeMap;

use redtag_protocol::{
    api::changes::Cursor,
    entity::{Entity, EntityRef},
    merge::Write as _,
    op::Edit,
    stamp::Seq,
};

use redtagd::cache::Store;

use super::{
    checks::{self, ApiDocs},
    world::World,
};

impl World {
    /// The API's documents of a shop, as they are stored.
    pub(crate) fn api_docs(&self, shop: usize) -> ApiDocs {
        let id = self.shops[shop].id;
        self.api.disk.look(|all| {
            let content = all.content(id).expect("the shop is there");
            content
                .documents
                .values()
                .map(|it| {
                    let key = (it.key.kind().to_string(), it.key.id_text());
                    (key, (it.version.0, it.body.as_bytes().to_vec()))
                })
                .collect()
        })
    }

    /// After a page: the bench holds what the API held at its cursor.
    pub(crate) fn look_at_pulled(&mut self, b: usize) {
        if !self.rng.chance(300) {
            return;
        }
        let bench = &self.benches[b];
        let Some(store) = bench.store() else { return };
        let meta = store.meta();
        let cursor = meta
            .cursor
            .as_deref()
            .and_then(|it| it.parse::<Cursor>().ok());
        let Some(cursor) = cursor
            .filter(|it| it.seq == meta.seq && meta.level == meta.seq && !meta.copies.rebuilding())
        else {
            return;
        };
        // A restore that drew no new epoch leaves cursors that fit and documents that do not; count
        // and sum tell, once the bench is level with the shop.
        if self.unrolled {
            return;
        }
        // A cursor of a life that was undone by a restore says nothing of this one.
        let id = self.shops[bench.shop].id;
        let lives = self.api.disk.look(|all| {
            let content = all.content(id).ok()?;
            let event = content.events.get(&cursor.seq)?;
            Some(all.epoch == cursor.epoch && event.hash[..8] == cursor.hash)
        });
        if lives != Some(true) {
            return;
        }
        let api = self.api_docs(bench.shop);
        let done = checks::skip::check(&api, &bench.copies(), cursor.seq.0, &bench.name);
        self.violations.extend(done.err());
    }

    /// After a start: what was called saved is still there.
    pub(crate) fn look_at_durable(&mut self, b: usize) {
        let Some(store) = self.benches[b].store() else {
            return;
        };
        let kept: Vec<i64> = store
            .kept()
            .expect("a database in memory can be read")
            .iter()
            .map(|it| it.place)
            .collect();
        let refused = self.refused(b);
        let promised: Vec<_> = self
            .witness
            .promises
            .iter()
            .filter(|it| it.bench == b && !it.decided && !it.released)
            .filter(|it| !refused.contains(&(it.number, it.stamp.0)))
            .map(|it| (it.place, it.number))
            .collect();
        let name = &self.benches[b].name;
        let done = checks::durable::check(&promised, &kept, name);
        self.violations.extend(done.err());
    }

    /// Number and stamp of what lies in a bench's quarantine.
    pub(crate) fn refused(&self, b: usize) -> Vec<(u64, u64)> {
        let Some(store) = self.benches[b].store() else {
            return Vec::new();
        };
        let refused = store.quarantine(None);
        let refused = refused.expect("a database in memory can be read");
        refused.iter().map(|it| (it.number, it.stamp.0)).collect()
    }

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
        // The latest write of each field.
        let mut latest: BTreeMap<(EntityRef, String), (EntityRef, String)> = BTreeMap::new();
        let level = store.meta().level;
        for (_, op) in store.pending().iter() {
            let Some((key, field)) = field(&op.operation.edit) else {
                continue;
            };
            let (named, key) = (key, winner(store, key));
            // Once it is confirmed whoever has seen it may write over it.
            let confirmed = store.confirmed(&key).ok().flatten();
            let confirmed = confirmed.map_or(Seq(0), |(version, _)| version);
            if !op.replays(confirmed, level) {
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
            let body = match store.local(&key) {
                // What was written before a merger stays with the duplicate.
                Ok(Some(entity)) => match store.local(&named) {
                    Ok(Some(named)) => body(&entity) + &body(&named),
                    _ => body(&entity),
                },
                // Its creation was refused; the write waits for the same.
                _ => continue,
            };
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
        self.violations.extend(violations);
    }
}

/// Where the edits of a document go: to the one that it was merged into, if it was.
fn winner(store: &Store, mut key: EntityRef) -> EntityRef {
    for _ in 0..5 {
        let local = store.local(&key).ok().flatten();
        key = match local.as_deref() {
            Some(Entity::Customer(it)) => match &it.merged {
                Some(into) => EntityRef::Customer(into.value),
                None => return key,
            },
            Some(Entity::Vehicle(it)) => match &it.merged {
                Some(into) => EntityRef::Vehicle(into.value),
                None => return key,
            },
            _ => return key,
        };
    }
    key
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
