//! The contract in its simplest form: maps behind a lock. The model that other engines are compared
//! with, and the storage of the simulation.
//!
//! A database outlives the process that has it open: [`Disk`] is the database, [`MemoryStorage`] one
//! process's opening of it. A crash ends the process at a storage step of one's choice; a backup is
//! a copy of the disk.

#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::new_without_default,
    reason = "for tests only"
)]

mod content;
mod control;
mod credentials;
mod fault;
mod key_copies;
mod pairings;
mod shops;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redtag_protocol::ids::{DeviceId, KeyCopyId, PassId, PersonId, SessionId, ShopId};
use tokio::{sync::Notify, time::Instant};

pub use self::{
    content::{Content, Held},
    fault::{Fault, Moment},
};
use super::{
    Device, Identity, KeyCopy, Pairing, Pass, Person, SecondFactor, Secret, Session, ShopRow,
    StorageError,
};

/// A caller who is silent for so long has forgotten the transaction, and others wait.
const SILENCE: Duration = Duration::from_secs(1);

/// What is durable, all of it.
#[derive(Clone, Default)]
pub struct Everything {
    pub epoch: u64,
    persons: BTreeMap<PersonId, Person>,
    shops: BTreeMap<ShopId, (ShopRow, Ready)>,
    memberships: BTreeSet<(PersonId, ShopId)>,
    devices: BTreeMap<(ShopId, DeviceId), Device>,
    sessions: BTreeMap<SessionId, Session>,
    secrets: BTreeMap<String, Secret>,
    pairings: BTreeMap<[u8; 32], Pairing>,
    second_factors: BTreeMap<PersonId, SecondFactor>,
    identities: BTreeMap<(String, String), Identity>,
    passes: BTreeMap<(ShopId, PassId), Pass>,
    key_copies: BTreeMap<(ShopId, KeyCopyId), KeyCopy>,
    contents: BTreeMap<ShopId, Arc<Content>>,
}

type Ready = bool;

impl Everything {
    /// One shop's rows.
    pub fn content(&self, shop: ShopId) -> Result<&Arc<Content>, StorageError> {
        self.contents.get(&shop).ok_or(StorageError::NoShop(shop))
    }
}

/// A database; clones are the same one.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<Everything>>);

impl Disk {
    /// An empty database.
    pub fn new(epoch: u64) -> Self {
        Self(Arc::new(Mutex::new(Everything {
            epoch,
            ..Everything::default()
        })))
    }

    /// A copy of all that is durable now.
    pub fn backup(&self) -> Everything {
        self.lock().clone()
    }

    /// Puts a backup in the place of what is there. What is open keeps the epoch that it was opened
    /// with: nobody may have the database open.
    pub fn restore(&self, backup: Everything) {
        *self.lock() = backup;
    }

    /// Draws the epoch anew, as `restore` does.
    pub fn roll(&self, epoch: u64) {
        self.lock().epoch = epoch;
    }

    /// Looks at what is durable, without a copy.
    pub fn look<T>(&self, look: impl FnOnce(&Everything) -> T) -> T {
        look(&self.lock())
    }

    /// Opens it, as a process does when it starts.
    pub fn open(&self) -> MemoryStorage {
        MemoryStorage(Arc::new(Process {
            epoch: self.lock().epoch,
            disk: self.clone(),
            turns: Mutex::default(),
            turn_over: Notify::new(),
            fault: Mutex::default(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Everything> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One process's opening of a database; clones are the same process.
#[derive(Clone)]
pub struct MemoryStorage(Arc<Process>);

struct Process {
    epoch: u64,
    disk: Disk,
    turns: Mutex<Turns>,
    turn_over: Notify,
    fault: Mutex<fault::Faults>,
}

/// Who may write.
#[derive(Default)]
struct Turns {
    last: u64,
    holders: BTreeMap<ShopId, Turn>,
}

#[derive(Clone, Copy)]
struct Turn {
    ticket: u64,
    heard_of: Instant,
}

impl MemoryStorage {
    /// The database.
    pub fn disk(&self) -> &Disk {
        &self.0.disk
    }

    /// What is to befall a later step, instead of what was planned before.
    pub fn plan(&self, fault: Option<Fault>) {
        self.0.faults().plan(fault);
    }

    /// Whether the process has died of a [`Fault`]: from then on every step answers
    /// [`Lost`](StorageError::Lost).
    pub fn is_dead(&self) -> bool {
        self.0.faults().is_dead()
    }

    /// How many steps there were since it was opened.
    pub fn steps(&self) -> u64 {
        self.0.faults().steps()
    }
}

impl Process {
    /// One step: an effect on what is durable, or the fault that was planned for it.
    fn step<T>(
        &self,
        effect: impl FnOnce(&mut Everything) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let fate = self.faults().next();
        match fate {
            None => effect(&mut self.disk.lock()),
            Some(Moment::Before) => Err(StorageError::Lost),
            Some(Moment::After) => {
                effect(&mut self.disk.lock())?;
                Err(StorageError::Lost)
            }
        }
    }

    fn faults(&self) -> MutexGuard<'_, fault::Faults> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a shop has no other writer.
    async fn turn(&self, shop: ShopId) -> u64 {
        loop {
            // Made before the look, so that no end of a turn is missed between the two.
            let over = self.turn_over.notified();
            let taken = self.turns().take(shop);
            match taken {
                Ok(ticket) => return ticket,
                // Whether it ended or its holder fell silent: looked at anew.
                Err(until) => drop(tokio::time::timeout_at(until, over).await),
            }
        }
    }

    /// Whether this transaction may still write, and that it was heard of.
    fn holds(&self, shop: ShopId, ticket: u64) -> Result<(), StorageError> {
        match self.turns().holders.get_mut(&shop) {
            Some(turn) if turn.ticket == ticket => {
                turn.heard_of = Instant::now();
                Ok(())
            }
            _ => Err(StorageError::Lost),
        }
    }

    fn let_go(&self, shop: ShopId, ticket: u64) {
        let mut turns = self.turns();
        if turns
            .holders
            .get(&shop)
            .is_some_and(|turn| turn.ticket == ticket)
        {
            turns.holders.remove(&shop);
            self.turn_over.notify_waiters();
        }
    }
}

impl Turns {
    /// Takes the turn and gives its ticket; or says until when to wait.
    fn take(&mut self, shop: ShopId) -> Result<u64, Instant> {
        let now = Instant::now();
        if let Some(turn) = self.holders.get(&shop)
            && turn.heard_of + SILENCE > now
        {
            return Err(turn.heard_of + SILENCE);
        }
        self.last += 1;
        let turn = Turn {
            ticket: self.last,
            heard_of: now,
        };
        self.holders.insert(shop, turn);
        Ok(turn.ticket)
    }
}
