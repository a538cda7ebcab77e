//! What a transaction is about to write: each change of a document with its event, chained, and the
//! head that goes with them.

use std::{collections::HashMap, sync::Arc};

use redtag_protocol::{
    apply::After,
    entity::{Entity, EntityRef, World},
    event::{self, Actor, Happening, What},
    op::Verdict,
    stamp::{Seq, Stamp},
};

use super::told::{self, Told};
use crate::{
    keys,
    storage::{Changes, Emptied, Event, Head, Index, StorageError, Stored, Tombstone},
};

/// What has become of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stands,
    Gone,
    Erased,
}

/// A change that may still be taken back with its group. What the document is now, only the world
/// knows: a second change can then be made in place.
pub(super) struct Entry {
    fate: Fate,
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
        after: &After,
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
            fate: match after {
                After::Stands(_) => Fate::Stands,
                After::Gone(_) => Fate::Gone,
                After::Erased(_) => Fate::Erased,
            },
            event: Event {
                seq,
                key: happening.entity,
                salt,
                hash,
                payload: payload.into(),
                digest: None,
            },
        })
    }
}

/// All changes that were decided for good since the transaction's beginning.
pub(super) struct Ledger {
    pen: Pen,
    documents: HashMap<EntityRef, (Seq, Fate)>,
    events: Vec<Event>,
    /// What the operator changed; a push has a world of its own.
    own: World,
}

impl Ledger {
    /// Nothing changed yet.
    pub(super) fn new(head: Head) -> Self {
        Self {
            pen: Pen { head },
            documents: HashMap::new(),
            events: Vec::new(),
            own: World::new(),
        }
    }

    /// To try changes with.
    pub(super) fn pen(&self) -> Pen {
        self.pen
    }

    /// Takes changes for good, with the pen that wrote them.
    pub(super) fn take(&mut self, entries: Vec<Entry>, pen: Pen) {
        for Entry { fate, event } in entries {
            self.documents.insert(event.key, (event.seq, fate));
            self.events.push(event);
        }
        self.pen = pen;
    }

    /// The head after all of it.
    pub(super) fn head(&self) -> Head {
        self.pen.head
    }

    /// The documents that are erased by it.
    pub(super) fn erased(&self) -> Vec<EntityRef> {
        let erased = self.documents.iter().filter(|(_, it)| it.1 == Fate::Erased);
        erased.map(|(key, _)| *key).collect()
    }

    /// What is to be written at the time `now`, with the documents as they are in `world`. One that
    /// changed several times is written once. Of what was `told` before, erasures empty what is to go.
    pub(super) fn changes(
        self,
        world: &World,
        told: &Told,
        now: Stamp,
    ) -> Result<Changes, StorageError> {
        let mut changes = Changes {
            events: self.events,
            ..Changes::default()
        };
        for (key, (version, fate)) in self.documents {
            let missing = || StorageError::garbled("document", format!("{key} was not kept"));
            match fate {
                Fate::Stands => {
                    let entity = world.entity(&key).ok_or_else(missing)?;
                    changes.documents.push(stored(key, version, entity)?);
                }
                Fate::Gone => {
                    let entity = world.buried(&key).ok_or_else(missing)?;
                    let body = stored(key, version, entity)?.body;
                    changes.gone.push(Tombstone {
                        key,
                        version,
                        at: now,
                        erased: false,
                        body: Some(body),
                    });
                }
                Fate::Erased => {
                    changes.erase.extend(told.of(&key));
                    let here = changes.events.iter_mut().filter(|it| it.key == key);
                    for event in here.filter(|it| !told::stays(it)) {
                        event.digest = Emptied::of(event).map(|it| it.digest);
                        event.payload = "{}".into();
                    }
                    changes.gone.push(Tombstone {
                        key,
                        version,
                        at: now,
                        erased: true,
                        body: None,
                    });
                }
            }
        }
        changes.documents.sort_unstable_by_key(|it| it.version);
        changes.gone.sort_unstable_by_key(|it| it.version);
        Ok(changes)
    }

    /// What the operator changed.
    pub(super) fn own_changes(mut self) -> Result<Changes, StorageError> {
        let world = std::mem::take(&mut self.own);
        // The operator deletes nothing, so no tombstone asks for the time.
        self.changes(&world, &Told::default(), Stamp(0))
    }

    /// One change by whoever runs the server.
    pub(super) fn operator(
        &mut self,
        entity: Entity,
        what: What,
        now: Stamp,
    ) -> Result<(), StorageError> {
        self.by(Actor::Operator, entity, what, now)
    }

    /// One change that is no operation.
    pub(super) fn by(
        &mut self,
        actor: Actor,
        entity: Entity,
        what: What,
        now: Stamp,
    ) -> Result<(), StorageError> {
        let happening = Happening {
            actor,
            stamp: now,
            accepted: Some(now),
            entity: entity.key(),
            verdict: Verdict::Applied,
            what,
        };
        let after = After::Stands(Arc::new(entity));
        let mut pen = self.pen;
        let entry = pen.write(&after, &happening)?;
        self.own.take(&after);
        self.take(vec![entry], pen);
        Ok(())
    }
}

fn stored(key: EntityRef, version: Seq, entity: &Entity) -> Result<Stored, StorageError> {
    let body = entity
        .to_body()
        .map_err(|error| StorageError::garbled("document", error))?;
    Ok(Stored {
        key,
        version,
        index: Index::of(entity),
        body: body.into(),
    })
}
