//! Local state: what the API confirmed, with the outbox replayed on top.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use redtag_protocol::{
    apply::{self, Change, Context},
    entity::{Entity, EntityRef, World},
    op::{Edit, Operation, Refusal},
    role::Role,
    stamp::Seq,
};

use super::{CacheError, PendingOp, Store, pending::Component};

/// Documents with the outbox applied, where it touches them; none where one is deleted here.
pub(super) type Overlay = HashMap<EntityRef, Option<Arc<Entity>>>;

impl Store {
    /// Works local state out again, of these documents and what hangs together with them, after
    /// their confirmed state or their operations changed, and shows it on the board.
    pub(super) fn refresh(&mut self, keys: &BTreeSet<EntityRef>) -> Result<(), CacheError> {
        if keys.is_empty() {
            return Ok(());
        }
        loop {
            let component = self.pending.component(keys);
            let (overlay, touched) = self.replay(&component)?;
            let mut grown = false;
            for (place, key) in touched {
                grown |= self.pending.note(place, key) && !component.keys.contains(&key);
            }
            // An alias leads to a document that has operations of its own.
            if !grown {
                return self.show_local(&component, overlay);
            }
        }
    }

    fn show_local(
        &mut self,
        component: &Component,
        mut overlay: Overlay,
    ) -> Result<(), CacheError> {
        for key in &component.keys {
            let shown = if let Some(local) = overlay.remove(key) {
                self.overlay.insert(*key, local.clone());
                local
            } else {
                self.overlay.remove(key);
                self.confirmed(key)?.map(|(_, entity)| entity)
            };
            match shown {
                Some(entity) => self.board.put(&entity),
                None => self.board.remove(key),
            }
        }
        self.review_refused(component.keys.iter())
    }

    /// Applies the operations of a component in order. What differs from the confirmed documents,
    /// and which operation touched what.
    fn replay(
        &self,
        component: &Component,
    ) -> Result<(Overlay, Vec<(i64, EntityRef)>), CacheError> {
        let mut ground = Ground::new(self, Some(&component.keys));
        let mut changed = BTreeSet::new();
        let mut touched = Vec::new();
        for place in &component.places {
            let Some(op) = self.pending.at(*place) else {
                continue;
            };
            let edit = &op.operation.edit;
            ground.load(edit)?;
            let target = ground.world.resolve(&edit.target());
            touched.push((*place, target));
            if !op.replays(ground.version(&target), self.meta.level) {
                continue;
            }
            // What cannot be replayed any more, such as a move from a state that has passed, waits
            // for the API's word; it stands in the timeline.
            let context = self.replay_context(op);
            let mut operation = Cow::Borrowed(&op.operation);
            // More than there is was seen in another life of the API's database; as the API does,
            // nothing counts as seen then.
            if operation.base > ground.version(&target).max(self.buried_at(&target)) {
                operation.to_mut().base = Seq(0);
            }
            if let Ok(change) = apply::apply_to(&mut ground.world, &operation, &context) {
                for (after, ..) in change.parts() {
                    changed.insert(after.key());
                    touched.push((*place, after.key()));
                }
            }
        }
        let overlay = changed
            .into_iter()
            .map(|key| (key, ground.world.entity(&key).cloned()))
            .collect();
        Ok((overlay, touched))
    }

    /// Where a document was deleted that is kept for the edits that wait on it; nought for others.
    fn buried_at(&self, key: &EntityRef) -> Seq {
        let deletion = self.gone.get(key).and_then(|gone| gone.deletion());
        deletion.and_then(|it| it.seq).unwrap_or_default()
    }

    /// What was saved stays on the screen even if the role has changed since; the API decides.
    pub(super) fn replay_context(&self, op: &PendingOp) -> Context {
        Context {
            shop: self.meta.shop,
            person: self.meta.person,
            role: Role::Owner,
            device: op.device,
            seq: op.seq,
            ticket: None,
        }
    }
}

/// The documents that operations land on, loaded as they are asked for.
#[derive(Debug)]
struct Ground<'a> {
    store: &'a Store,
    /// Those that are taken as confirmed and not with the outbox on top.
    bare: Option<&'a BTreeSet<EntityRef>>,
    world: World,
    known: HashSet<EntityRef>,
    versions: HashMap<EntityRef, Seq>,
}

impl<'a> Ground<'a> {
    fn new(store: &'a Store, bare: Option<&'a BTreeSet<EntityRef>>) -> Self {
        Self {
            store,
            bare,
            world: World::new(),
            known: HashSet::new(),
            versions: HashMap::new(),
        }
    }

    /// Loads what an edit needs.
    fn load(&mut self, edit: &Edit) -> Result<(), CacheError> {
        let mut others = Vec::new();
        if apply::needs_templates(edit) {
            others = self.store.template_keys();
        }
        loop {
            let mut wanted = apply::needs(edit, &self.world, self.store.meta.shop);
            wanted.append(&mut others);
            wanted.retain(|key| self.known.insert(*key));
            if wanted.is_empty() {
                break;
            }
            for key in wanted {
                self.fetch(&key)?;
            }
        }
        for key in apply::references(edit, &self.world) {
            if self.store.board.names(&key) {
                self.world.refer(key);
            }
        }
        for version in apply::versions(edit, &self.world) {
            let not_here = |id| {
                let key = EntityRef::Inspection(id);
                !self.known.contains(&key) && !self.store.is_unmade(&key)
            };
            let other = self.store.board.running(version, not_here);
            self.world.run(version, other);
        }
        Ok(())
    }

    fn fetch(&mut self, key: &EntityRef) -> Result<(), CacheError> {
        let store = self.store;
        let confirmed = match self.bare {
            Some(bare) if bare.contains(key) => store.confirmed(key)?,
            _ => match store.overlay.get(key) {
                Some(Some(local)) => {
                    self.world.insert(Arc::clone(local));
                    return Ok(());
                }
                // Deleted here, and not sent or not pulled yet: it can still be brought back.
                Some(None) => {
                    if let Some((_, entity)) = store.confirmed(key)? {
                        self.world.bury(entity);
                    }
                    return Ok(());
                }
                None => store.confirmed(key)?,
            },
        };
        match (confirmed, store.gone.get(key)) {
            (Some((version, entity)), _) => {
                self.versions.insert(*key, version);
                self.world.insert(entity);
            }
            (None, Some(gone)) => self.world.bury(Arc::clone(gone)),
            (None, None) => {}
        }
        Ok(())
    }

    /// The confirmed version of a document that was loaded bare.
    fn version(&self, key: &EntityRef) -> Seq {
        self.versions.get(key).copied().unwrap_or(Seq(0))
    }
}

/// Local state with further edits tried out on top, before they are saved.
#[derive(Debug)]
pub struct Scratch<'a> {
    ground: Ground<'a>,
    changed: BTreeSet<EntityRef>,
}

impl<'a> Scratch<'a> {
    /// Nothing tried out yet.
    pub fn new(store: &'a Store) -> Self {
        Self {
            ground: Ground::new(store, None),
            changed: BTreeSet::new(),
        }
    }

    /// The store below.
    pub fn store(&self) -> &'a Store {
        self.ground.store
    }

    /// A document as it would be.
    pub fn entity(&self, key: &EntityRef) -> Result<Option<Arc<Entity>>, CacheError> {
        if self.ground.known.contains(key) {
            return Ok(self.ground.world.entity(key).cloned());
        }
        self.ground.store.local(key)
    }

    /// The document that an edit goes to: where it names an alias, the one that was merged into.
    pub(super) fn target(&mut self, edit: &Edit) -> Result<EntityRef, CacheError> {
        self.ground.load(edit)?;
        Ok(self.ground.world.resolve(&edit.target()))
    }

    /// Tries an operation out: the change, or why the rules refuse it.
    pub fn apply(
        &mut self,
        operation: &Operation,
        context: &Context,
    ) -> Result<Result<Change, Refusal>, CacheError> {
        self.ground.load(&operation.edit)?;
        let world = &mut self.ground.world;
        let change = apply::begin(world, &operation.edit)
            .and_then(|()| apply::apply_to(world, operation, context));
        if let Ok(change) = &change {
            self.changed
                .extend(change.parts().map(|(after, ..)| after.key()));
        }
        Ok(change)
    }

    /// The documents that were changed; none where one is deleted.
    pub(super) fn into_changed(self) -> Overlay {
        let world = self.ground.world;
        self.changed
            .into_iter()
            .map(|key| (key, world.entity(&key).cloned()))
            .collect()
    }
}
