//! One shop's rows.

use std::collections::BTreeMap;

use redtag_protocol::{
    api::changes::Mark,
    audit::Tally,
    entity::{EntityRef, Kind},
    event::GENESIS,
    ids::{DeviceId, InspectionId},
    stamp::{Seq, Stamp},
};

use crate::storage::{
    Changes, Emptied, Event, Head, Logged, Page, PageLimit, Part, Piece, RefusedCreation,
    StorageError, Stored, Tombstone,
    copying::{Copying, TOP},
    count,
    filling::Filling,
};

/// The outcome of one number.
#[derive(Clone)]
pub struct Held {
    pub logged: Logged,
    pub at: Stamp,
}

/// All that a shop holds.
#[derive(Clone)]
pub struct Content {
    pub head: Head,
    pub documents: BTreeMap<EntityRef, Stored>,
    pub tombstones: BTreeMap<EntityRef, Tombstone>,
    pub events: BTreeMap<Seq, Event>,
    pub outcomes: BTreeMap<(DeviceId, u64), Held>,
    /// The last decided number of each device.
    pub counted: BTreeMap<DeviceId, u64>,
    /// Over all documents.
    pub tally: Tally,
}

impl Content {
    pub(super) fn new() -> Self {
        Self {
            head: Head {
                seq: Seq(0),
                hash: GENESIS,
                ticket: 0,
                floor: Seq(0),
            },
            documents: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            events: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            counted: BTreeMap::new(),
            tally: Tally::default(),
        }
    }

    pub(super) fn documents(&self, keys: &[EntityRef]) -> Vec<Option<Stored>> {
        keys.iter()
            .map(|key| self.documents.get(key).cloned())
            .collect()
    }

    pub(super) fn list(&self, kind: Kind) -> Vec<Stored> {
        let of_kind = |it: &&Stored| it.key.kind() == kind;
        self.documents.values().filter(of_kind).cloned().collect()
    }

    pub(super) fn page(&self, after: Seq, limit: PageLimit) -> Page {
        let mut filling = Filling::new(self.head, Some(self.tally), limit);
        let most = usize::try_from(limit.seqs.max(1)).unwrap_or(usize::MAX);
        for (seq, event) in self.events.range(after.next()..).take(most) {
            if filling.is_full() {
                break;
            }
            filling.event(event.clone());
            if let Some(it) = self.documents.values().find(|it| it.version == *seq) {
                filling.document(it.clone());
            }
            if let Some(it) = self.tombstones.values().find(|it| it.version == *seq) {
                filling.gone(Tombstone {
                    body: None,
                    ..it.clone()
                });
            }
        }
        filling.done()
    }

    pub(super) fn piece(
        &self,
        part: Part,
        after: Option<Mark>,
        upto: Seq,
        limit: PageLimit,
    ) -> Piece {
        let mut copying = Copying::new(upto, limit);
        let below = after.map_or(TOP, |mark| mark.id);
        match part {
            Part::Kind(kind) => {
                let wanted = |it: &Stored| !it.index.open && it.version <= upto;
                self.look(kind, &below, |_| true, wanted, &mut copying);
            }
            Part::Open => {
                let wanted = |it: &Stored| it.version <= upto;
                let kind = Kind::Inspection;
                self.look(kind, &below, |it| it.index.open, wanted, &mut copying);
                let mut named = self.documents(&copying.named());
                loop {
                    let found = self.documents(&Copying::become_of(&named));
                    if found.iter().flatten().next().is_none() {
                        break;
                    }
                    named.extend(found);
                }
                copying.name(named);
            }
            Part::History => self.history(after, upto, &mut copying),
        }
        copying.done(Some(self.tally))
    }

    fn look(
        &self,
        kind: Kind,
        below: &[u8; 16],
        of_part: impl Fn(&Stored) -> bool,
        wanted: impl Fn(&Stored) -> bool,
        copying: &mut Copying,
    ) {
        let documents = self.documents.values().rev();
        let mut documents = documents
            .filter(|it| it.key.kind() == kind && it.key.id() < below)
            .filter(|it| of_part(it));
        while !copying.is_full() {
            let Some(it) = documents.next() else {
                copying.end();
                return;
            };
            copying.look(*it.key.id(), wanted(it).then(|| it.clone()));
        }
    }

    fn history(&self, after: Option<Mark>, upto: Seq, copying: &mut Copying) {
        if let Some(mark) = after {
            self.take(mark, upto, copying);
        }
        let below = after.map_or(TOP, |mark| mark.id);
        let open = self.documents.values().rev();
        let mut open = open.filter(|it| it.index.open && *it.key.id() < below);
        while !copying.is_full() {
            let Some(it) = open.next() else {
                copying.end();
                return;
            };
            let id = *it.key.id();
            copying.look(id, None);
            self.take(Mark { id, seq: Seq(0) }, upto, copying);
        }
    }

    fn take(&self, mark: Mark, upto: Seq, copying: &mut Copying) {
        let key = EntityRef::from_parts(Kind::Inspection, mark.id);
        let events = self.timeline(&key, mark.seq, u32::MAX).into_iter();
        for event in events.take_while(|it| it.seq <= upto) {
            if copying.is_full() {
                return;
            }
            copying.event(event);
        }
    }

    pub(super) fn timeline(&self, key: &EntityRef, after: Seq, most: u32) -> Vec<Event> {
        let events = self.events.range(after.next()..).map(|(_, it)| it);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let events = events.filter(|it| it.key == *key).take(most);
        events.cloned().collect()
    }

    pub(super) fn tombstones(&self, keys: &[EntityRef]) -> Vec<Option<Tombstone>> {
        let each = keys.iter();
        each.map(|key| self.tombstones.get(key).cloned()).collect()
    }

    pub(super) fn histories(&self, keys: &[EntityRef]) -> Vec<Vec<Event>> {
        let each = keys.iter();
        each.map(|key| self.timeline(key, Seq(0), u32::MAX))
            .collect()
    }

    pub(super) fn referred(&self, keys: &[EntityRef]) -> Vec<bool> {
        let named = |key: &EntityRef| {
            self.documents.values().any(|it| match *key {
                EntityRef::Vehicle(id) => it.index.vehicle == Some(id),
                EntityRef::Customer(id) => it.index.customer == Some(id),
                _ => false,
            })
        };
        keys.iter().map(named).collect()
    }

    pub(super) fn open(&self, below: Option<InspectionId>, most: u32) -> Vec<Stored> {
        let below = below.map_or(TOP, |id| *id.as_bytes());
        let documents = self.documents.values().rev();
        documents
            .filter(|it| it.index.open && *it.key.id() < below)
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .cloned()
            .collect()
    }

    pub(super) fn forget_tombstones(&mut self, before: Stamp, most: u32) -> (u64, Option<Seq>) {
        let old = self.tombstones.values();
        let old = old.filter(|it| it.at < before && !it.erased);
        let mut old: Vec<_> = old.map(|it| (it.at, it.version, it.key)).collect();
        old.sort_unstable();
        old.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        for (_, _, key) in &old {
            self.tombstones.remove(key);
        }
        (old.len() as u64, old.iter().map(|it| it.1).max())
    }

    pub(super) fn hash_at(&self, seq: Seq) -> Option<[u8; 32]> {
        match seq {
            Seq(0) => Some(GENESIS),
            seq => self.events.get(&seq).map(|event| event.hash),
        }
    }

    pub(super) fn last_number(&self, device: DeviceId) -> u64 {
        self.counted.get(&device).copied().unwrap_or(0)
    }

    pub(super) fn outcomes(&self, device: DeviceId, from: u64, to: u64) -> Vec<Logged> {
        if from > to {
            return Vec::new();
        }
        self.outcomes
            .range((device, from)..=(device, to))
            .map(|(_, held)| held.logged.clone())
            .collect()
    }

    pub(super) fn refused_creations(
        &self,
        device: DeviceId,
        keys: &[EntityRef],
    ) -> Vec<RefusedCreation> {
        let mut found: BTreeMap<EntityRef, RefusedCreation> = BTreeMap::new();
        for ((_, number), held) in self.outcomes.range((device, 0)..=(device, u64::MAX)) {
            if let Some(key) = held.logged.refused.filter(|key| keys.contains(key)) {
                let number = *number;
                // In the order of their numbers, so that the last one stays.
                found.insert(key, RefusedCreation { key, number });
            }
        }
        found.into_values().collect()
    }

    pub(super) fn forget_outcomes(&mut self, before: Stamp, most: u32) -> u64 {
        let mut old: Vec<Stamp> = self.outcomes.values().map(|held| held.at).collect();
        old.retain(|at| *at < before);
        old.sort_unstable();
        let slice = usize::try_from(most.max(1)).unwrap_or(usize::MAX);
        let Some(last) = old.get(slice - 1).or(old.last()).copied() else {
            return 0;
        };
        let held = self.outcomes.len();
        self.outcomes.retain(|_, held| held.at > last);
        (held - self.outcomes.len()) as u64
    }

    /// Writes all of it. After an error this copy of the rows is good for nothing.
    pub(super) fn write(&mut self, changes: Changes) -> Result<(), StorageError> {
        for event in changes.events {
            self.events.insert(event.seq, event);
        }
        for Emptied { seq, digest } in changes.erase {
            let event = self.events.get_mut(&seq);
            if let Some(event) = event.filter(|it| it.digest.is_none()) {
                event.digest = Some(digest);
                event.payload = "{}".into();
            }
        }
        for document in changes.documents {
            let (key, version) = (document.key, document.version);
            self.tombstones.remove(&key);
            let former = self.documents.insert(key, document);
            let former = former.map(|it| it.version);
            count::change(&mut self.tally, &key, former, Some(version));
        }
        for tombstone in changes.gone {
            let key = tombstone.key;
            let former = self.documents.remove(&key).map(|it| it.version);
            count::change(&mut self.tally, &key, former, None);
            self.tombstones.insert(key, tombstone);
        }
        let Some(author) = changes.author else {
            return Ok(());
        };
        for logged in changes.log {
            let number = (author.device, logged.number);
            let held = Held {
                logged,
                at: author.at,
            };
            if self.outcomes.insert(number, held).is_some() {
                let words = format!("the number {} is decided already", number.1);
                return Err(StorageError::Constraint(words));
            }
        }
        self.counted.insert(author.device, author.last);
        Ok(())
    }
}
