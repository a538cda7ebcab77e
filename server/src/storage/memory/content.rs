//! One shop's rows.

use std::collections::BTreeMap;

use redtag_protocol::{
    entity::{EntityRef, Kind},
    event::GENESIS,
    ids::DeviceId,
    stamp::{Seq, Stamp},
};

use crate::storage::{
    Changes, Event, Head, Logged, Page, PageLimit, RefusedCreation, StorageError, Stored,
    Tombstone, filling::Filling,
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
        let mut filling = Filling::new(self.head, limit);
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
                filling.gone(it.clone());
            }
        }
        filling.done()
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
        for document in changes.documents {
            self.documents.insert(document.key, document);
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
