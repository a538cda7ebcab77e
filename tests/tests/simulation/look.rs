//! What is looked at while a world runs.

use redtag_protocol::api::changes::{Cursor, Line};
use redtagd::cache::Store;

use super::{
    api::Access,
    checks::{self, ApiDocs},
    world::World,
};

/// How many documents of the API's a bench shows.
pub(crate) fn shown(store: &Store) -> u64 {
    let shown = store.documents();
    shown.expect("a database in memory can be read")
}

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

    /// What is to be found in texts of other shops than this one: what its edits write, and its id.
    pub(crate) fn marks_of_others(&self, shop: usize) -> Vec<String> {
        let others = self.shops.iter().enumerate().filter(|(at, _)| *at != shop);
        others
            .flat_map(|(at, other)| {
                let id = other.id.to_string();
                // Its random end: ids of one moment begin alike.
                let end = id.rsplit('-').next().unwrap_or_default().to_owned();
                [format!("zz{at}q"), end]
            })
            .collect()
    }

    /// Before a page is read, whatever becomes of it: it is all of the bench's own shop.
    pub(crate) fn look_at_page(&mut self, b: usize, bytes: &[u8]) {
        let bench = &self.benches[b];
        let marks = self.marks_of_others(bench.shop);
        let done = checks::wall::check(std::iter::once(bytes), &marks, &bench.name);
        self.violations.extend(done.err());
    }

    /// When a page or a channel begins: it is a member's. By the document alone, as it is stored.
    pub(crate) fn look_at_let_in(&mut self, access: Access) {
        let belongs = self.belongs(access.shop, access.person);
        let done = checks::belongs::let_in(belongs, &access.person.to_string());
        self.violations.extend(done.err());
    }

    /// After a page: what was shown is shown still, and count and hash have found nothing.
    /// `before`: how many documents were shown; `swapped`: whether another copy took their place.
    pub(crate) fn look_at_copies(&mut self, b: usize, before: u64, swapped: bool, page: &[u8]) {
        let bench = &self.benches[b];
        let Some(store) = bench.store() else { return };
        let copies = &store.meta().copies;
        let gone = || {
            let lines = page.split(|byte| *byte == b'\n');
            let parsed = lines.filter_map(|line| Line::parse(line).ok());
            parsed.filter(|line| matches!(line, Line::Gone(_))).count() as u64
        };
        let done = checks::beside::check((before, shown(store)), swapped, gone, &bench.name);
        self.violations.extend(done.err());
        // A restore that drew no new epoch is what they are for, and what was left out.
        if !self.unrolled && !self.left_out {
            let done = checks::agrees::check(copies.why(), store.differs(), &bench.name);
            self.violations.extend(done.err());
        }
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
        if self.unrolled || self.left_out {
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
            .filter(|it| it.bench == b && !it.decided && !it.released && !it.purged)
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
}
