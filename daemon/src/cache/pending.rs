//! The operations whose effect is not in the confirmed documents yet, in memory: those that wait,
//! those on their way, and those that were acknowledged but not pulled.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use redtag_protocol::{
    entity::EntityRef, ids::DeviceId, ipc::SyncState, op::Operation, stamp::Seq,
};

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Saved here.
    Waiting,
    /// Handed to the network; no outcome yet. After a restart it waits again.
    Sent,
    /// The API has an outcome for it.
    Acked,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct PendingOp {
    /// The device id that numbered it.
    pub device: DeviceId,
    /// What it is.
    pub operation: Operation,
    /// How far it is.
    pub stage: Stage,
    /// Its place in the shop's order, from its outcome or from its pulled event.
    pub seq: Option<Seq>,
}

impl PendingOp {
    /// Whether its effect is not yet in a document of version `confirmed`, in a cache that holds
    /// every change up to `level`.
    pub fn replays(&self, confirmed: Seq, level: Seq) -> bool {
        self.seq.is_none_or(|seq| seq > confirmed && seq > level)
    }
}

/// All of them, in the order they were made on this machine.
#[derive(Debug, Default)]
pub struct Pending {
    ops: BTreeMap<i64, PendingOp>,
    by_key: HashMap<EntityRef, BTreeSet<i64>>,
    by_number: HashMap<(DeviceId, u64), i64>,
}

impl Pending {
    /// Puts one in at its place.
    pub fn insert(&mut self, place: i64, op: PendingOp) {
        self.by_key
            .entry(op.operation.edit.target())
            .or_default()
            .insert(place);
        self.by_number
            .insert((op.device, op.operation.number), place);
        self.ops.insert(place, op);
    }

    /// Takes one out.
    pub fn remove(&mut self, place: i64) -> Option<PendingOp> {
        let op = self.ops.remove(&place)?;
        self.by_number.remove(&(op.device, op.operation.number));
        let key = op.operation.edit.target();
        if let Some(places) = self.by_key.get_mut(&key) {
            places.remove(&place);
            if places.is_empty() {
                self.by_key.remove(&key);
            }
        }
        Some(op)
    }

    /// One of them.
    pub fn at(&self, place: i64) -> Option<&PendingOp> {
        self.ops.get(&place)
    }

    /// Where a device's operation stands.
    pub fn place(&self, device: DeviceId, number: u64) -> Option<i64> {
        self.by_number.get(&(device, number)).copied()
    }

    /// One of them, to be changed; not its device or number.
    pub fn at_mut(&mut self, place: i64) -> Option<&mut PendingOp> {
        self.ops.get_mut(&place)
    }

    /// All, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i64, &PendingOp)> {
        self.ops.iter().map(|(place, op)| (*place, op))
    }

    /// Those of one document, in order.
    pub fn of(&self, key: &EntityRef) -> impl Iterator<Item = &PendingOp> {
        self.by_key
            .get(key)
            .into_iter()
            .flatten()
            .filter_map(|place| self.ops.get(place))
    }

    /// The documents they are about, in the order of their first operation.
    pub fn keys(&self) -> Vec<EntityRef> {
        let mut keys: Vec<_> = self
            .by_key
            .iter()
            .map(|(key, places)| (places.first().copied(), *key))
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// Whether any is about this document.
    pub fn touches(&self, key: &EntityRef) -> bool {
        self.by_key.contains_key(key)
    }

    /// Where the edits of a document are, refusals aside.
    pub fn sync(&self, key: &EntityRef) -> SyncState {
        let mut state = SyncState::Acknowledged;
        for op in self.of(key) {
            match op.stage {
                Stage::Waiting => return SyncState::Waiting,
                Stage::Sent => state = SyncState::Sent,
                Stage::Acked => {}
            }
        }
        state
    }

    /// How many wait and how many are on their way.
    pub fn unsettled(&self) -> (u64, u64) {
        self.ops
            .values()
            .fold((0, 0), |(waiting, sent), op| match op.stage {
                Stage::Waiting => (waiting + 1, sent),
                Stage::Sent => (waiting, sent + 1),
                Stage::Acked => (waiting, sent),
            })
    }

    /// Takes out what was acknowledged and is covered by `level`, and gives what it was about.
    pub fn prune(&mut self, covered: impl Fn(&PendingOp) -> bool) -> Vec<EntityRef> {
        let done: Vec<i64> = self
            .ops
            .iter()
            .filter(|(_, op)| op.stage == Stage::Acked && covered(op))
            .map(|(place, _)| *place)
            .collect();
        done.into_iter()
            .filter_map(|place| self.remove(place))
            .map(|op| op.operation.edit.target())
            .collect()
    }
}
