//! What the API has not taken, as it is listed: each edit with its place, which nothing else on this
//! machine ever has, and the place of the first of its stroke.

use std::collections::BTreeMap;

use redtag_protocol::{
    ids::DeviceId,
    ipc::SyncState,
    op::{Operation, Refusal},
};

use super::{CacheError, Stage, Store, quarantine};

/// An operation that the API has not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Its place in this machine's outbox.
    pub place: u64,
    /// The place of the first of its stroke.
    pub stroke: u64,
    /// The device that numbered it.
    pub device: DeviceId,
    /// What it is.
    pub operation: Operation,
    /// Where it is: waiting, sent or refused.
    pub sync: SyncState,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
}

/// Tells where strokes begin, of rows in the order of their places. Devices and numbers do not: a
/// cloned home has used them twice.
#[derive(Default)]
pub(super) struct Strokes {
    last: Option<(DeviceId, u64, u64, i64)>,
}

impl Strokes {
    /// The place of the first row of the stroke that this row is of.
    pub(super) fn begins(&mut self, place: i64, device: DeviceId, operation: &Operation) -> i64 {
        let (group, number) = (operation.group, operation.number);
        let begin = match self.last {
            Some((of, same, before, begin)) if (of, same) == (device, group) && number > before => {
                begin
            }
            _ => place,
        };
        self.last = Some((device, group, number, begin));
        begin
    }
}

impl Store {
    /// What the API has not taken, in the order in which it was saved: what waits, what is on its
    /// way, and in its place what was refused.
    pub fn unsent(&self) -> Result<Vec<Unsent>, CacheError> {
        let mut all = BTreeMap::new();
        for (place, op) in self.pending.iter() {
            let sync = match op.stage {
                Stage::Waiting => SyncState::Waiting,
                Stage::Sent => self.honest(SyncState::Sent),
                Stage::Acked => continue,
            };
            all.insert(place, (op.device, op.operation.clone(), sync, None));
        }
        for row in quarantine::rows(&self.conn)? {
            let (sync, refusal) = (SyncState::Refused, Some(row.refusal));
            all.insert(row.place, (row.device, row.operation, sync, refusal));
        }
        let mut strokes = Strokes::default();
        let named = |place: i64| u64::try_from(place).unwrap_or_default();
        let listed = all
            .into_iter()
            .map(|(place, (device, operation, sync, refusal))| Unsent {
                place: named(place),
                stroke: named(strokes.begins(place, device, &operation)),
                device,
                operation,
                sync,
                refusal,
            });
        Ok(listed.collect())
    }
}
