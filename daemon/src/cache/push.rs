//! What is sent, and what its answer does to the outbox. Only an outcome takes an operation out of
//! it.

use std::collections::BTreeSet;

use redtag_protocol::{
    api::ops::{self, Answer, Ending, Outcome},
    entity::EntityRef,
    ids::DeviceId,
    op::{MAX_BATCH_BYTES, RefusalCode},
    stamp::{Seq, Stamp},
};
use serde_json::value::RawValue;

use super::{CacheError, Stage, Store, outbox, pending::UNSURE, quarantine};

/// Operations on their way.
#[derive(Debug)]
pub struct Batch {
    /// The request's body.
    pub body: Vec<u8>,
    /// How many operations it holds.
    pub count: usize,
    /// The device that numbered them.
    pub device: DeviceId,
}

/// What an answer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// How many operations got an outcome.
    pub outcomes: usize,
    /// How many of those were refused.
    pub refused: usize,
    /// The furthest place in the shop's order among them.
    pub seq: Option<Seq>,
    /// How many still wait.
    pub waiting: u64,
    /// Why the rest was not decided. A gap that could not be filled is given as a fork: the
    /// numbering is beyond repair, and a new device id begins another.
    pub ending: Option<Ending>,
    /// The documents that look different now.
    pub touched: Vec<EntityRef>,
}

impl Store {
    /// The next batch: at most `most` operations (but always one whole group) and a mebibyte, in
    /// order, groups whole. None where nothing waits. They count as sent from here on.
    pub fn batch(&mut self, most: usize) -> Result<Option<Batch>, CacheError> {
        // Room for the names and brackets around them.
        const FRAME: usize = 256;
        let device = self.meta.device;
        let first = self.first.filter(|_| self.asks_first());
        let mut groups: Vec<(u64, Vec<i64>)> = Vec::new();
        let mut before = None;
        for (place, op) in self.pending.iter() {
            if op.stage == Stage::Acked || op.device != device {
                continue;
            }
            if first.is_some_and(|first| op.operation.group > first) {
                break;
            }
            // What damage has taken out of the middle ends the batch: what lies behind it the API
            // may hold, and within one batch it would call it a gap.
            if before.is_some_and(|before| op.operation.number != before + 1) {
                break;
            }
            before = Some(op.operation.number);
            if let Some((group, places)) = groups.last_mut()
                && *group == op.operation.group
            {
                places.push(place);
                continue;
            }
            if groups.len() > most {
                break;
            }
            groups.push((op.operation.group, vec![place]));
        }
        let mut ops: Vec<Box<RawValue>> = Vec::new();
        let mut sent = Vec::new();
        let mut size = FRAME;
        for (_, places) in groups {
            let mut raw = Vec::with_capacity(places.len());
            for place in &places {
                let text = String::from_utf8(outbox::bytes(&self.conn, *place)?)
                    .map_err(|error| CacheError::Row(serde::de::Error::custom(error)))?;
                raw.push(RawValue::from_string(text)?);
            }
            let bytes: usize = raw.iter().map(|raw| raw.get().len() + 1).sum();
            let full = ops.len() + raw.len() > most || size + bytes > MAX_BATCH_BYTES;
            if full && !ops.is_empty() {
                break;
            }
            size += bytes;
            ops.append(&mut raw);
            sent.extend(places);
        }
        if ops.is_empty() {
            return Ok(None);
        }
        let count = ops.len();
        let body = serde_json::to_vec(&ops::Batch { device, ops })?;
        for place in sent {
            if let Some(op) = self.pending.at_mut(place) {
                op.stage = Stage::Sent;
            }
        }
        Ok(Some(Batch {
            body,
            count,
            device,
        }))
    }

    /// What was sent waits again: no answer came. Gives what it was about.
    pub fn unsend(&mut self) -> Vec<EntityRef> {
        let mut touched = Vec::new();
        let sent: Vec<i64> = self
            .pending
            .iter()
            .filter(|(_, op)| op.stage == Stage::Sent)
            .map(|(place, _)| place)
            .collect();
        for place in sent {
            if let Some(op) = self.pending.at_mut(place) {
                op.stage = Stage::Waiting;
                touched.push(op.operation.edit.target());
            }
        }
        touched.dedup();
        touched
    }

    /// Takes the answer to a batch of `device`, in one transaction.
    pub fn answered(
        &mut self,
        device: DeviceId,
        answer: &Answer,
        now: Stamp,
    ) -> Result<Decided, CacheError> {
        let now = self.corrected(now);
        let mut accepted = Vec::new();
        let mut refused = Vec::new();
        for numbered in &answer.outcomes {
            let Some(place) = self.pending.place(device, numbered.number) else {
                continue;
            };
            match &numbered.outcome {
                Outcome::Accepted { verdict, seq } => accepted.push((place, *verdict, *seq)),
                Outcome::Refused { refusal } => refused.push((place, refusal.clone())),
            }
        }
        let reopen = match &answer.ending {
            Some(Ending::Gap { expected }) => Some(*expected),
            _ => None,
        };
        // Where its pulled event was seen the shown copy may hold its effect already.
        let level = self.meta.level;
        let seen =
            |place: &i64, seq: Seq| self.pending.at(*place).and_then(|it| it.seq) == Some(seq);
        let covered: Vec<i64> = accepted
            .iter()
            .filter(|(place, _, seq)| *seq <= level && seen(place, *seq))
            .map(|(place, ..)| *place)
            .collect();
        let erased: Vec<EntityRef> = refused
            .iter()
            .filter(|(_, refusal)| refusal.code == RefusalCode::Erased)
            .filter_map(|(place, _)| Some(self.pending.at(*place)?.operation.edit.target()))
            .filter(|key| matches!(key, EntityRef::Customer(_)))
            .collect();
        let unsure = |seq| if seq <= level { UNSURE } else { 0 };
        self.transact(|tx| {
            for (place, verdict, seq) in &accepted {
                outbox::acked(tx, *place, *seq, *verdict, now)?;
            }
            outbox::cover(tx, &covered)?;
            for (place, refusal) in &refused {
                quarantine::take(tx, *place, refusal, now)?;
            }
            // What a customer's right has erased is kept nowhere, not even as refused.
            for key in &erased {
                quarantine::scrub(tx, key)?;
            }
            match reopen {
                Some(expected) => outbox::reopen(tx, device, expected),
                None => Ok(()),
            }
        })?;
        self.unsend();
        let mut touched = BTreeSet::new();
        // What was accepted and lies ahead of every confirmed document is shown already as it will
        // be: a long queue would have all of it worked out anew with every answer.
        let copies = &self.meta.copies;
        let level = self.meta.seq.max(level);
        let ahead = |seq: Seq| seq > level && !copies.filling && !copies.rebuilding();
        let ahead: Vec<bool> = accepted.iter().map(|(.., seq)| ahead(*seq)).collect();
        let mut again = BTreeSet::new();
        for ((place, _, seq), ahead) in accepted.iter().zip(ahead) {
            if let Some(op) = self.pending.at_mut(*place) {
                op.stage = Stage::Acked;
                op.seq = Some(*seq);
                op.unsure = unsure(*seq);
                let key = op.operation.edit.target();
                if !ahead {
                    again.insert(key);
                }
                touched.insert(key);
            }
        }
        for (place, _) in &refused {
            if let Some(op) = self.pending.at(*place) {
                let key = op.operation.edit.target();
                *self.refused.entry(key).or_default() += 1;
            }
            again.extend(self.pending.take_out(&[*place]));
        }
        let mut ending = answer.ending.clone();
        if let Some(expected) = reopen {
            self.refill()?;
            if self.pending.place(device, expected).is_none() {
                ending = Some(Ending::DeviceForked { at: expected });
            }
        }
        if !self.lost.is_empty() && !self.asks_first() {
            // What it holds is answered: now the rest can be numbered anew with what it has lost.
            ending = Some(Ending::DeviceForked { at: 1 });
        }
        again.extend(self.pending.take_out(&covered));
        self.refresh(&again)?;
        if !refused.is_empty() {
            self.fill_unmade()?;
        }
        touched.extend(again);
        let (waiting, _) = self.pending.unsettled();
        Ok(Decided {
            outcomes: accepted.len() + refused.len(),
            refused: refused.len(),
            seq: accepted.iter().map(|(_, _, seq)| *seq).max(),
            waiting,
            ending,
            touched: touched.into_iter().collect(),
        })
    }

    /// Whether there are operations whose outcome the API holds, to be asked for before others are
    /// numbered anew.
    fn asks_first(&self) -> bool {
        let first = self.first.unwrap_or(0);
        let mut own = self.pending.iter().map(|(_, op)| op);
        own.any(|op| {
            op.device == self.meta.device && op.stage != Stage::Acked && op.operation.group <= first
        })
    }

    /// Takes a new device id and numbers everything without an outcome anew, in order and in the
    /// same groups, with what [`Self::reopen`] found to be lost. Durable when it returns; the
    /// API must be told of the id before the next push.
    pub fn fork(&mut self, device: DeviceId) -> Result<u64, CacheError> {
        let mut meta = self.meta.clone();
        meta.device = device;
        meta.registered = false;
        meta.next = 1;
        let lost = std::mem::take(&mut self.lost);
        let done = self.transact(|tx| {
            for place in &lost {
                outbox::reopen_at(tx, *place)?;
            }
            let mut group = None;
            for (place, op) in outbox::load(tx, meta.level)? {
                if op.stage == Stage::Acked {
                    continue;
                }
                let mut operation = op.operation;
                let former = (op.device, operation.group);
                operation.number = meta.next;
                operation.group = match group {
                    Some((old, new)) if old == former => new,
                    _ => meta.next,
                };
                group = Some((former, operation.group));
                meta.next += 1;
                outbox::renumber(tx, place, device, &operation)?;
            }
            meta.write(tx)
        });
        if let Err(error) = done {
            self.lost = lost;
            return Err(error);
        }
        self.meta = meta;
        self.first = None;
        self.refill()?;
        Ok(self.meta.next - 1)
    }
}
