//! What the API refused to create, with all that was done to it: shown, marked, as part of the quarantine.
//! It is no document: nothing can be done to it but what is done to the refused edits themselves.

use std::{collections::BTreeSet, sync::Arc};

use redtag_protocol::{
    entity::{Entity, EntityRef},
    ids::DeviceId,
    op::Operation,
    template::Template,
};

use super::{CacheError, PendingOp, Stage, Store, local::Scratch, quarantine};

impl Store {
    /// A document as people see it: with the outbox applied, or else as it was refused.
    pub fn shown(&self, key: &EntityRef) -> Result<Option<Arc<Entity>>, CacheError> {
        Ok(self.local(key)?.or_else(|| self.unmade.get(key).cloned()))
    }

    /// The versions of templates that the API refused. They are offered to nobody.
    pub fn refused_templates(&self) -> Vec<Template> {
        let unmade = self.unmade.values();
        let templates = unmade.filter_map(|entity| match entity.as_ref() {
            Entity::Template(template) => Some(template.clone()),
            _ => None,
        });
        templates.collect()
    }

    /// Whether there is no such document but in quarantine.
    pub fn is_unmade(&self, key: &EntityRef) -> bool {
        self.unmade.contains_key(key)
    }

    /// Works it out anew where one of these documents, or what is refused of them, is another.
    pub(super) fn review_refused<'a>(
        &mut self,
        mut keys: impl Iterator<Item = &'a EntityRef>,
    ) -> Result<(), CacheError> {
        let concerned = |key| self.refused.contains_key(key) || self.unmade.contains_key(key);
        if keys.any(concerned) {
            self.fill_unmade()?;
        }
        Ok(())
    }

    /// Works it out anew, and shows it on the board.
    pub(super) fn fill_unmade(&mut self) -> Result<(), CacheError> {
        let former = std::mem::take(&mut self.unmade);
        if former.is_empty() && self.refused.is_empty() {
            return Ok(());
        }
        let refused = quarantine::rows(&self.conn)?;
        let mut wanted = BTreeSet::new();
        for it in &refused {
            let target = it.operation.edit.target();
            if it.operation.edit.creates() && self.local(&target)?.is_none() {
                wanted.insert(target);
            }
        }
        if !wanted.is_empty() {
            let mut scratch = Scratch::new(self);
            for it in refused {
                if !wanted.contains(&it.operation.edit.target()) {
                    continue;
                }
                let context = self.replay_context(&waiting(it.device, it.operation.clone()));
                if let Err(refusal) = scratch.apply(&it.operation, &context)? {
                    // Why it was refused may show here as well. The outbox has it all the same.
                    let code = refusal.code;
                    tracing::debug!(?code, "a refused edit is not shown in its document");
                }
            }
            for (key, entity) in scratch.into_changed() {
                if let (true, Some(entity)) = (wanted.contains(&key), entity) {
                    self.unmade.insert(key, entity);
                }
            }
        }
        for key in former.keys().filter(|key| !self.unmade.contains_key(key)) {
            match self.local(key)? {
                Some(entity) => self.board.put(&entity),
                None => self.board.remove(key),
            }
        }
        for entity in self.unmade.values() {
            self.board.put(entity);
        }
        Ok(())
    }
}

/// A refused operation, as one that waits.
fn waiting(device: DeviceId, operation: Operation) -> PendingOp {
    PendingOp {
        device,
        operation,
        stage: Stage::Waiting,
        seq: None,
        unsure: 0,
    }
}
