//! What a transaction is about to write: each change of a document with its event, chained, and the
//! head that goes with them.

use std::{collections::HashMap, sync::Arc};

use redtag_protocol::{
    entity::{Entity, EntityRef},
    event::{self, Actor, Happening, What},
    op::Verdict,
    stamp::{Seq, Stamp},
};

use crate::{
    keys,
    storage::{Changes, Event, Head, StorageError, Stored},
};

/// A change that may still be taken back with its group.
pub(super) struct Entry {
    entity: Arc<Entity>,
    event: Event,
}

/// The end of the chain while changes are being decided. Copied for a group, so that a refused one
/// leaves no trace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub(super) head: Head,
}

impl Pen {
    /// Writes down one change at the next sequence.
    pub(super) fn write(
        &mut self,
        entity: Arc<Entity>,
        happening: &Happening,
    ) -> Result<Entry, StorageError> {
        let payload = serde_json::to_string(happening)
            .map_err(|error| StorageError::garbled("event", error))?;
        let salt: [u8; 16] = keys::random();
        let digest = event::payload_digest(&salt, payload.as_bytes());
        let seq = self.head.seq.next();
        let hash = event::chain(&self.head.hash, seq, &digest);
        self.head.seq = seq;
        self.head.hash = hash;
        Ok(Entry {
            entity,
            event: Event {
                seq,
                key: happening.entity,
                salt,
                hash,
                payload: payload.into(),
            },
        })
    }
}

/// All changes that were decided for good since the transaction's beginning.
pub(super) struct Ledger {
    pen: Pen,
    documents: HashMap<EntityRef, (Seq, Arc<Entity>)>,
    events: Vec<Event>,
}

impl Ledger {
    /// Nothing changed yet.
    pub(super) fn new(head: Head) -> Self {
        Self {
            pen: Pen { head },
            documents: HashMap::new(),
            events: Vec::new(),
        }
    }

    /// To try changes with.
    pub(super) fn pen(&self) -> Pen {
        self.pen
    }

    /// Takes changes for good, with the pen that wrote them.
    pub(super) fn take(&mut self, entries: Vec<Entry>, pen: Pen) {
        for Entry { entity, event } in entries {
            self.documents.insert(event.key, (event.seq, entity));
            self.events.push(event);
        }
        self.pen = pen;
    }

    /// The head after all of it.
    pub(super) fn head(&self) -> Head {
        self.pen.head
    }

    /// What is to be written. A document that changed several times is written once.
    pub(super) fn changes(self) -> Result<Changes, StorageError> {
        let mut documents = self
            .documents
            .into_iter()
            .map(|(key, (version, entity))| {
                let body = entity
                    .to_body()
                    .map_err(|error| StorageError::garbled("document", error))?;
                Ok(Stored {
                    key,
                    version,
                    body: body.into(),
                })
            })
            .collect::<Result<Vec<_>, StorageError>>()?;
        documents.sort_unstable_by_key(|it| it.version);
        Ok(Changes {
            documents,
            events: self.events,
            ..Changes::default()
        })
    }

    /// One change by whoever runs the server.
    pub(super) fn operator(
        &mut self,
        entity: Entity,
        what: What,
        now: Stamp,
    ) -> Result<(), StorageError> {
        let happening = Happening {
            actor: Actor::Operator,
            stamp: now,
            accepted: Some(now),
            entity: entity.key(),
            verdict: Verdict::Applied,
            what,
        };
        let mut pen = self.pen;
        let entry = pen.write(Arc::new(entity), &happening)?;
        self.take(vec![entry], pen);
        Ok(())
    }
}
