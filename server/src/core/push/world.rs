//! The documents that a stretch of operations needs, loaded ahead so that deciding never waits.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use redtag_protocol::{
    apply,
    entity::{Entity, EntityRef, Kind, World},
    ids::{DeviceId, PersonId, TemplateId},
    op::{Edit, Operation, Place},
    shop::Member,
    stamp::Seq,
};

use super::{batch::Received, recent::Documents};
use crate::{
    core::{
        entity, templates,
        told::{self, Told},
    },
    storage::{Changes, StorageError, Transaction},
};

/// Documents as this transaction has made them so far.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) world: World,
    /// What was known before, or has been read since.
    known: Documents,
    /// What the world alone holds now, to be known again afterwards, with the size of its body.
    lent: Vec<(EntityRef, usize)>,
    asked: HashSet<EntityRef>,
    /// What was told before of customers that are to be erased.
    pub(super) told: Told,
    /// Creations of this device that were refused, with the number that was to create.
    pub(super) refused: HashMap<EntityRef, u64>,
}

impl Loaded {
    /// Nothing is asked for yet; what is known already will not be read.
    pub(super) fn new(known: Documents) -> Self {
        Self {
            known,
            ..Self::default()
        }
    }

    /// The person's place in the shop, if there is one.
    pub(super) async fn member(
        &mut self,
        transaction: &mut dyn Transaction,
        person: PersonId,
    ) -> Result<Option<&Member>, StorageError> {
        let key = EntityRef::Member(person);
        if self.asked.insert(key) {
            self.fetch(transaction, vec![key]).await?;
        }
        Ok(self.world.member(person))
    }

    /// What is known once these changes are made.
    pub(super) fn after(mut self, changes: &Changes) -> Documents {
        for (key, bytes) in &self.lent {
            if let Some(entity) = self.world.entity(key) {
                self.known.learn(entity.clone(), *bytes);
            }
        }
        for stored in &changes.documents {
            if let Some(entity) = self.world.entity(&stored.key) {
                self.known.learn(entity.clone(), stored.body.len());
            }
        }
        for tombstone in &changes.gone {
            self.known.lend(&tombstone.key);
        }
        self.known
    }

    /// Loads what these operations touch and is not here yet.
    pub(super) async fn load(
        &mut self,
        transaction: &mut dyn Transaction,
        device: DeviceId,
        operations: &[Received],
    ) -> Result<(), StorageError> {
        let shop = transaction.shop();
        let edits = || {
            operations
                .iter()
                .filter_map(|it| it.operation.as_ref().ok())
                .map(|it| &it.edit)
        };
        self.find_places(transaction, operations).await?;
        // What was found tells what else is needed, until nothing new turns up. The settings are
        // for inspections that these operations will only create.
        let mut wanted = vec![EntityRef::Shop(shop)];
        if edits().any(apply::needs_templates) {
            let templates = transaction.list(Kind::Template).await?;
            wanted.extend(templates.into_iter().map(|it| it.key));
        }
        let mut missing = Vec::new();
        loop {
            self.recall(transaction, edits()).await?;
            wanted.extend(edits().flat_map(|edit| apply::needs(edit, &self.world, shop)));
            wanted.retain(|key| self.asked.insert(*key));
            if wanted.is_empty() {
                break;
            }
            missing.extend(self.fetch(transaction, std::mem::take(&mut wanted)).await?);
        }
        let named = edits().flat_map(|edit| apply::references(edit, &self.world));
        let named: Vec<EntityRef> = named.collect();
        if !named.is_empty() {
            let referred = transaction.referred(named.clone()).await?;
            for (key, _) in named.into_iter().zip(referred).filter(|(_, named)| *named) {
                self.world.refer(key);
            }
        }
        let versions = edits().flat_map(|edit| apply::versions(edit, &self.world));
        let versions: Vec<TemplateId> = versions.collect();
        templates::note_running(transaction, &mut self.world, versions).await?;
        if !missing.is_empty() {
            let refused = transaction.refused_creations(device, missing).await?;
            let refused = refused.into_iter().map(|it| (it.key, it.number));
            self.refused.extend(refused);
        }
        Ok(())
    }

    /// Reads the chain where the authors say that they stood.
    async fn find_places(
        &mut self,
        transaction: &mut dyn Transaction,
        operations: &[Received],
    ) -> Result<(), StorageError> {
        let head = transaction.head().seq;
        let read = operations
            .iter()
            .filter_map(|it| it.operation.as_ref().ok());
        let seen = read.filter_map(|it| Some(it.seen?.seq));
        let mut seqs: Vec<Seq> = seen
            .filter(|seq| *seq <= head && !self.known.knows(*seq))
            .collect();
        seqs.sort_unstable();
        seqs.dedup();
        if seqs.is_empty() {
            return Ok(());
        }
        let found = transaction.hashes(seqs.clone()).await?;
        for (seq, hash) in seqs.into_iter().zip(found) {
            if let Some(hash) = hash {
                self.known.pass(seq, &hash);
            }
        }
        Ok(())
    }

    /// Whether the version that the author of an operation had seen is of another life of the
    /// database: one of the future, or one that was seen at a place that this one never came by.
    pub(super) fn is_strange(&self, operation: &Operation, head: Seq) -> bool {
        let elsewhere = |seen: &Place| operation.base > seen.seq || !self.known.passed(seen);
        operation.base > head
            || (operation.base > Seq(0) && operation.seen.as_ref().is_some_and(elsewhere))
    }

    /// Loads what was told of customers that are to be erased: it is to be emptied, and it is all that
    /// is left of one whose tombstone is forgotten.
    async fn recall(
        &mut self,
        transaction: &mut dyn Transaction,
        edits: impl Iterator<Item = &Edit>,
    ) -> Result<(), StorageError> {
        let erasures = edits.filter(|edit| matches!(edit, Edit::EraseCustomer { .. }));
        let mut keys: Vec<EntityRef> = erasures
            .flat_map(|edit| self.world.same(&edit.target()))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys.retain(|key| self.asked.contains(key) && !self.told.knows(key));
        if keys.is_empty() {
            return Ok(());
        }
        let histories = transaction.histories(keys.clone()).await?;
        for (key, events) in keys.into_iter().zip(histories) {
            if !events.is_empty() && !self.world.is_known(&key) {
                self.world.recall(key, told::same(&events));
            }
            self.told.learn(key, &events);
        }
        Ok(())
    }

    /// Loads what was told of documents that are erased now, where that is not here yet: what was
    /// merged and erased at once was not known to be one.
    pub(super) async fn hear(
        &mut self,
        transaction: &mut dyn Transaction,
        mut erased: Vec<EntityRef>,
    ) -> Result<(), StorageError> {
        erased.retain(|key| !self.told.knows(key));
        if erased.is_empty() {
            return Ok(());
        }
        let histories = transaction.histories(erased.clone()).await?;
        for (key, events) in erased.into_iter().zip(histories) {
            self.told.learn(key, &events);
        }
        Ok(())
    }

    /// Loads documents and tombstones, and says which never were.
    async fn fetch(
        &mut self,
        transaction: &mut dyn Transaction,
        keys: Vec<EntityRef>,
    ) -> Result<Vec<EntityRef>, StorageError> {
        let mut new = Vec::new();
        for key in keys {
            let known = if changes_often(&key) {
                self.known.lend(&key).map(|(entity, bytes)| {
                    self.lent.push((key, bytes));
                    entity
                })
            } else {
                self.known.find(&key).cloned()
            };
            match known {
                Some(entity) => self.world.insert(entity),
                None => new.push(key),
            }
        }
        if new.is_empty() {
            return Ok(new);
        }
        let found = transaction.documents(new.clone()).await?;
        for stored in found.iter().flatten() {
            let entity = Arc::new(entity(stored)?);
            if changes_often(&stored.key) {
                self.lent.push((stored.key, stored.body.len()));
            } else {
                self.known.learn(entity.clone(), stored.body.len());
            }
            self.world.insert(entity);
        }
        let absent = new.into_iter().zip(&found);
        let absent = absent.filter(|(_, stored)| stored.is_none());
        let absent: Vec<EntityRef> = absent.map(|(key, _)| key).collect();
        if absent.is_empty() {
            return Ok(absent);
        }
        let mut never = Vec::new();
        let tombstones = transaction.tombstones(absent.clone()).await?;
        for (key, tombstone) in absent.into_iter().zip(tombstones) {
            match tombstone {
                None => never.push(key),
                Some(tombstone) if tombstone.erased => self.world.erase(key),
                Some(tombstone) => {
                    // Where it cannot come back any more it is as if it had never been.
                    let body = tombstone.body.as_deref();
                    match body.map(|body| Entity::from_body(key.kind(), body)) {
                        Some(Ok(entity)) => self.world.bury(Arc::new(entity)),
                        Some(Err(error)) => return Err(StorageError::garbled("tombstone", error)),
                        None => never.push(key),
                    }
                }
            }
        }
        Ok(never)
    }

    /// The refused operation that should have created what this one needs, if that is why it fails.
    pub(super) fn parent(&self, edit: &Edit, world: &World) -> Option<u64> {
        let mut keys = edit.mentions();
        if !edit.creates() {
            keys.push(edit.target());
        }
        keys.iter()
            .filter(|key| world.entity(key).is_none())
            .find_map(|key| self.refused.get(key).copied())
    }
}

/// Nearly every edit changes an inspection, and a document that nobody else holds is changed in
/// place.
fn changes_often(key: &EntityRef) -> bool {
    key.kind() == Kind::Inspection
}
