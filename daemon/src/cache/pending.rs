//! The operations whose effect is not in the confirmed documents yet, in memory: those that wait,
//! those on their way, and those that were acknowledged but not pulled.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use redtag_protocol::{
    entity::EntityRef,
    ids::DeviceId,
    ipc::SyncState,
    op::{Edit, Operation},
    stamp::Seq,
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
    /// Above nought: its place is not beyond the copy that is shown, and yet its effect is not known
    /// to be in it. So it is when a database was restored and counts anew. It counts down with each
    /// page that comes after it: two pages on, one was asked for after the outcome.
    pub unsure: u8,
}

/// How many pages an operation stays unsure.
pub(super) const UNSURE: u8 = 2;

impl PendingOp {
    /// Whether its effect is not yet in a document of version `confirmed`, in a cache that holds
    /// every change up to `level`.
    pub fn replays(&self, confirmed: Seq, level: Seq) -> bool {
        self.seq
            .is_none_or(|seq| self.unsure > 0 || (seq > confirmed && seq > level))
    }
}

/// Operations and documents that hang together: what one does may matter to another.
#[derive(Debug, Default)]
pub(super) struct Component {
    /// The operations' places, in order.
    pub(super) places: BTreeSet<i64>,
    /// The documents they touch, and those that were asked for.
    pub(super) keys: BTreeSet<EntityRef>,
}

/// All of them, in the order they were made on this machine.
#[derive(Debug, Default)]
pub struct Pending {
    ops: BTreeMap<i64, PendingOp>,
    /// What an operation touches beyond its target: the other half of a merge, what an alias has
    /// become, what it brings back.
    also: HashMap<i64, BTreeSet<EntityRef>>,
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
        let other = match op.operation.edit {
            Edit::MergeCustomers { into, .. } => Some(EntityRef::Customer(into)),
            Edit::MergeVehicles { into, .. } => Some(EntityRef::Vehicle(into)),
            _ => None,
        };
        self.ops.insert(place, op);
        if let Some(other) = other {
            self.note(place, other);
        }
    }

    /// Notes that an operation touches a document; whether that is new.
    pub(super) fn note(&mut self, place: i64, key: EntityRef) -> bool {
        let new = self.by_key.entry(key).or_default().insert(place);
        if new {
            self.also.entry(place).or_default().insert(key);
        }
        new
    }

    /// What hangs together with these documents.
    pub(super) fn component(&self, keys: &BTreeSet<EntityRef>) -> Component {
        let mut component = Component::default();
        let mut next: Vec<EntityRef> = keys.iter().copied().collect();
        while let Some(key) = next.pop() {
            if !component.keys.insert(key) {
                continue;
            }
            for place in self.by_key.get(&key).into_iter().flatten() {
                if component.places.insert(*place) {
                    next.extend(self.ops.get(place).map(|op| op.operation.edit.target()));
                    next.extend(self.also.get(place).into_iter().flatten());
                }
            }
        }
        component
    }

    /// Takes one out.
    pub fn remove(&mut self, place: i64) -> Option<PendingOp> {
        let op = self.ops.remove(&place)?;
        self.by_number.remove(&(op.device, op.operation.number));
        let mut keys = self.also.remove(&place).unwrap_or_default();
        keys.insert(op.operation.edit.target());
        for key in keys {
            if let Some(places) = self.by_key.get_mut(&key) {
                places.remove(&place);
                if places.is_empty() {
                    self.by_key.remove(&key);
                }
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

    /// Those that touch one document, in order.
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

    /// The places of what was acknowledged and is in the copy that is shown, which holds every
    /// change up to `level`. A copy that was `built` after their outcome leaves nothing unsure.
    pub(super) fn covered(&self, level: Seq, built: bool) -> Vec<i64> {
        let covered = |op: &PendingOp| {
            op.stage == Stage::Acked
                && (built || op.unsure <= 1)
                && op.seq.is_some_and(|seq| seq <= level)
        };
        let all = self.ops.iter();
        all.filter(|(_, op)| covered(op))
            .map(|(place, _)| *place)
            .collect()
    }

    /// Counts a page for what is unsure.
    pub(super) fn count_page(&mut self) {
        for op in self.ops.values_mut() {
            op.unsure = op.unsure.saturating_sub(1);
        }
    }

    /// Takes these out and gives what they touched.
    pub(super) fn take_out(&mut self, places: &[i64]) -> BTreeSet<EntityRef> {
        let mut touched = BTreeSet::new();
        for place in places {
            touched.extend(self.also.get(place).into_iter().flatten());
            touched.extend(self.remove(*place).map(|op| op.operation.edit.target()));
        }
        touched
    }
}
