//! Local state: what the API confirmed, with the outbox replayed on top.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use redtag_protocol::{
    apply::{self, Change, Context},
    entity::{Entity, EntityRef, World},
    op::{Edit, Operation, Refusal},
    role::Role,
    stamp::Seq,
};

use super::{CacheError, PendingOp, Store};

impl Store {
    /// Works a document's local state out again, after its confirmed state or its operations
    /// changed, and shows it on the board.
    pub(super) fn refresh(&mut self, key: &EntityRef) -> Result<(), CacheError> {
        if let Some(entity) = self.replayed(key)? {
            self.board.put(&entity);
            self.overlay.insert(*key, entity);
            return Ok(());
        }
        self.overlay.remove(key);
        match self.confirmed(key)? {
            Some((_, entity)) => self.board.put(&entity),
            None => self.board.remove(key),
        }
        Ok(())
    }

    /// The document with its operations applied; none where there is nothing to apply.
    fn replayed(&self, key: &EntityRef) -> Result<Option<Arc<Entity>>, CacheError> {
        if !self.pending.touches(key) {
            return Ok(None);
        }
        let confirmed = self.confirmed(key)?;
        let version = confirmed.as_ref().map_or(Seq(0), |(version, _)| *version);
        let mut present = confirmed.map(|(_, entity)| entity);
        let mut changed = false;
        for op in self.pending.of(key) {
            if !op.replays(version, self.meta.level) {
                continue;
            }
            let world = self.world(&op.operation.edit, present.as_ref(), None)?;
            // What cannot be replayed any more, such as a move from a state that has passed, waits
            // for the API's word; it stands in the timeline.
            if let Ok(change) = apply::apply(&world, &op.operation, &self.replay_context(op)) {
                present = change.after.entity().cloned();
                changed = true;
            }
        }
        Ok(present.filter(|_| changed))
    }

    /// What was saved stays on the screen even if the role has changed since; the API decides.
    fn replay_context(&self, op: &PendingOp) -> Context {
        Context {
            shop: self.meta.shop,
            person: self.meta.person,
            role: Role::Owner,
            device: op.device,
            seq: op.seq,
            ticket: None,
        }
    }

    /// The documents that an edit needs, with `present` as its target.
    fn world(
        &self,
        edit: &Edit,
        present: Option<&Arc<Entity>>,
        scratch: Option<&HashMap<EntityRef, Arc<Entity>>>,
    ) -> Result<World, CacheError> {
        let mut world = World::new();
        if let Some(present) = present {
            world.insert(Arc::clone(present));
        }
        let mut asked: HashSet<EntityRef> = present.map(|it| it.key()).into_iter().collect();
        loop {
            let mut wanted = apply::needs(edit, &world, self.meta.shop);
            wanted.retain(|key| asked.insert(*key));
            if wanted.is_empty() {
                break;
            }
            for key in wanted {
                let found = match scratch.and_then(|scratch| scratch.get(&key)) {
                    Some(entity) => Some(Arc::clone(entity)),
                    None => self.local(&key)?,
                };
                if let Some(entity) = found {
                    world.insert(entity);
                }
            }
        }
        Ok(world)
    }
}

/// Local state with further edits tried out on top, before they are saved.
#[derive(Debug)]
pub struct Scratch<'a> {
    store: &'a Store,
    changed: HashMap<EntityRef, Arc<Entity>>,
}

impl<'a> Scratch<'a> {
    /// Nothing tried out yet.
    pub fn new(store: &'a Store) -> Self {
        Self {
            store,
            changed: HashMap::new(),
        }
    }

    /// The store below.
    pub fn store(&self) -> &'a Store {
        self.store
    }

    /// A document as it would be.
    pub fn entity(&self, key: &EntityRef) -> Result<Option<Arc<Entity>>, CacheError> {
        match self.changed.get(key) {
            Some(entity) => Ok(Some(Arc::clone(entity))),
            None => self.store.local(key),
        }
    }

    /// Tries an operation out: the change, or why the rules refuse it.
    pub fn apply(
        &mut self,
        operation: &Operation,
        context: &Context,
    ) -> Result<Result<Change, Refusal>, CacheError> {
        let present = self.entity(&operation.edit.target())?;
        let world = self
            .store
            .world(&operation.edit, present.as_ref(), Some(&self.changed))?;
        let change = apply::begin(&world, &operation.edit)
            .and_then(|()| apply::apply(&world, operation, context));
        if let Ok(change) = &change {
            for (after, ..) in change.parts() {
                // A deletion waits for the API's word; until the cache keeps what is gone it stays
                // on the screen.
                if let Some(entity) = after.entity() {
                    self.changed.insert(after.key(), entity.clone());
                }
            }
        }
        Ok(change)
    }

    /// The documents that were changed.
    pub fn into_changed(self) -> HashMap<EntityRef, Arc<Entity>> {
        self.changed
    }
}
