//! The benches at which the demo's people sit: they number their edits and push them.

use redtag_protocol::{
    api::ops::Outcome,
    ids::{DeviceId, PersonId, ShopId},
    op::{Edit, MAX_BATCH, Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
};
use serde_json::value::{RawValue, to_raw_value};

use super::{SeedError, unknown};
use crate::{
    core::push::{self, Recent, Sender},
    keys,
    storage::{Storage, StorageError},
};

/// One member's bench.
pub(super) struct Bench {
    key: String,
    role: Role,
    person: PersonId,
    device: DeviceId,
    /// The last number given.
    number: u64,
    waiting: Vec<Operation>,
    tickets: u64,
}

impl Bench {
    /// Puts an edit in the outbox.
    pub(super) fn write(&mut self, edit: Edit, at: Stamp) {
        self.number += 1;
        self.waiting.push(Operation {
            number: self.number,
            group: self.number,
            stamp: at,
            base: Seq(0),
            seen: None,
            schema: SCHEMA,
            edit,
        });
    }

    /// The provisional number of a new inspection.
    pub(super) fn label(&mut self) -> String {
        self.tickets += 1;
        format!("~{}-{}", self.device.code(), self.tickets)
    }
}

/// All of them.
pub(super) struct Benches {
    shop: ShopId,
    opened: Stamp,
    /// Everything pushed so far is known everywhere: these benches are always online.
    seen: Seq,
    recent: Recent,
    all: Vec<Bench>,
}

impl Benches {
    pub(super) fn new(shop: ShopId, opened: Stamp) -> Self {
        Self {
            shop,
            opened,
            seen: Seq(0),
            recent: Recent::default(),
            all: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, key: &str, person: PersonId, role: Role) {
        self.all.push(Bench {
            key: key.to_owned(),
            role,
            person,
            device: DeviceId::from_parts(self.opened.0, keys::random()),
            number: 0,
            waiting: Vec::new(),
            tickets: 0,
        });
    }

    /// The bench of a member.
    pub(super) fn of(&mut self, key: &str) -> Result<&mut Bench, SeedError> {
        let found = self.all.iter_mut().find(|it| it.key == key);
        found.ok_or_else(|| unknown("a member", key))
    }

    /// A member.
    pub(super) fn person(&mut self, key: &str) -> Result<PersonId, SeedError> {
        Ok(self.of(key)?.person)
    }

    /// The dispatcher's.
    pub(super) fn desk(&mut self) -> Result<&mut Bench, SeedError> {
        self.first(Role::Dispatcher)
    }

    /// The owner's.
    pub(super) fn owner(&mut self) -> Result<&mut Bench, SeedError> {
        self.first(Role::Owner)
    }

    fn first(&mut self, role: Role) -> Result<&mut Bench, SeedError> {
        let found = self.all.iter_mut().find(|it| it.role == role);
        found.ok_or_else(|| unknown("a member of role", role.as_str()))
    }

    /// Pushes every outbox, one bench after the other.
    pub(super) async fn send(&mut self, storage: &dyn Storage) -> Result<(), SeedError> {
        let before = storage.head(self.shop).await?.seq;
        self.seen = self.seen.max(before);
        for bench in &mut self.all {
            let waiting = std::mem::take(&mut bench.waiting);
            let sender = Sender {
                person: bench.person,
                shop: self.shop,
                device: bench.device,
            };
            for batch in waiting.chunks(MAX_BATCH) {
                if let Some(seq) =
                    push_batch(storage, &self.recent, sender, batch, self.seen).await?
                {
                    self.seen = seq;
                }
            }
        }
        Ok(())
    }
}

async fn push_batch(
    storage: &dyn Storage,
    recent: &Recent,
    sender: Sender,
    batch: &[Operation],
    seen: Seq,
) -> Result<Option<Seq>, SeedError> {
    let ops = batch
        .iter()
        .map(|operation| {
            let mut operation = operation.clone();
            if !operation.edit.creates() {
                operation.base = seen;
            }
            to_raw_value(&operation)
        })
        .collect::<Result<Vec<Box<RawValue>>, _>>()
        .map_err(|error| StorageError::garbled("operation", error))?;
    let at = batch.iter().map(|it| it.stamp).max().unwrap_or_default();
    let pushed = push::push(storage, recent, sender, &ops, at).await?;
    let decided = pushed.answer.outcomes.iter().zip(batch);
    for (numbered, operation) in decided {
        if let Outcome::Refused { refusal } = &numbered.outcome {
            let words = format!("{:?}: {}", operation.edit, refusal.words);
            return Err(SeedError::Refused(words));
        }
    }
    if let Some(ending) = pushed.answer.ending {
        return Err(SeedError::Refused(format!("{ending:?}")));
    }
    Ok(pushed.seq)
}
