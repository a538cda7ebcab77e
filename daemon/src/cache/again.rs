//! What the line finds out about the queue: an API that was put back and has lost what it had
//! acknowledged, and a stroke that it takes no message for.

use std::collections::HashSet;

use redtag_protocol::{
    api::{changes::Cursor, devices::short},
    entity::EntityRef,
    ids::DeviceId,
    op::{Operation, Refusal, RefusalCode},
    stamp::{Seq, Stamp},
};

use super::{CacheError, Prepared, Stage, Store, outbox, outbox::Numbered, quarantine};

/// What the API says that it holds of one of this cache's device ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The device.
    pub device: DeviceId,
    /// The highest number that is decided.
    pub last: u64,
    /// The number of the first digest.
    pub from: u64,
    /// The beginnings of the digests of what was decided, none where that is not known any more.
    /// What is beyond them, up to `last`, is taken for held.
    pub digests: Vec<Option<[u8; 8]>>,
}

impl Held {
    /// Nothing is known yet of what is held from this number on.
    pub fn ask(device: DeviceId, from: u64) -> Self {
        Self {
            device,
            last: 0,
            from,
            digests: Vec::new(),
        }
    }

    /// The first number of which nothing was told yet.
    pub fn next(&self) -> u64 {
        self.from.saturating_add(self.digests.len() as u64)
    }

    /// Takes in what the API says of the numbers from [`Self::next`] on; whether there is more to
    /// ask for, and asking helps.
    pub fn told(&mut self, last: u64, digests: &[Option<[u8; 8]>]) -> bool {
        self.last = last;
        self.digests.extend(digests);
        !digests.is_empty() && self.next() <= last
    }

    /// What stands under a number, where that is known.
    fn digest(&self, number: u64) -> Option<[u8; 8]> {
        let at = number.checked_sub(self.from)?;
        *self.digests.get(usize::try_from(at).ok()?)?
    }

    /// Whether another operation stands under the number of this one.
    fn other(&self, it: &Numbered) -> bool {
        let found = self.digest(it.number).filter(|_| !it.scrubbed);
        found.is_some_and(|found| found != short(&Operation::digest(&it.bytes)))
    }
}

/// What was found out about operations that the API has lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// The documents that look different now.
    pub touched: Vec<EntityRef>,
    /// Whether some of it cannot go out under the numbers it had: it was numbered under a former
    /// device id, or its number went to another home's edit meanwhile. Then nothing waits again yet:
    /// the next [`Store::fork`] numbers all of it anew, in the order in which it was made.
    pub renumber: bool,
}

impl Store {
    /// What to ask the API for: of this device first, then of ids of the past under which there are
    /// acknowledged operations, the oldest first.
    pub fn asks(&self) -> Result<Vec<Held>, CacheError> {
        let own = self.meta.device;
        let lowest = outbox::lowest(&self.conn, own)?.unwrap_or(self.meta.next);
        let former = outbox::former(&self.conn, own)?;
        let all = std::iter::once((own, lowest)).chain(former);
        Ok(all.map(|(device, from)| Held::ask(device, from)).collect())
    }

    /// Lets acknowledged operations wait again that the API does not hold: those above its last
    /// number, and those under whose number it holds another. Where all of them can keep their
    /// numbers it notes in the same transaction that the API knows the device.
    ///
    /// A cloned home makes the second kind: its edit may take the number of one that a restored
    /// database has lost, before this home asks.
    pub fn reopen(&mut self, found: &[Held]) -> Result<Reopened, CacheError> {
        let own = self.meta.device;
        let mut lost = Vec::new();
        let mut renumber = false;
        let mut first = None;
        for held in found {
            outbox::each_of(&self.conn, held.device, |it| {
                let beyond = it.number > held.last;
                if it.acked && (beyond || held.other(&it)) {
                    lost.push(it.place);
                    renumber |= held.device != own || !beyond;
                } else if !it.acked
                    && held.device == own
                    && held.digest(it.number) == Some(short(&Operation::digest(&it.bytes)))
                {
                    // It was taken, and the answer is still to come: numbered anew it would be taken
                    // twice.
                    first = Some(it.number);
                }
            })?;
        }
        if renumber {
            let count = lost.len();
            tracing::warn!(
                count,
                "the API has lost what it had acknowledged; it is numbered anew"
            );
            self.lost = lost;
            self.first = first;
            return Ok(Reopened {
                touched: Vec::new(),
                renumber: first.is_none(),
            });
        }
        let mut meta = self.meta.clone();
        meta.registered = true;
        self.transact(|tx| {
            meta.write_identity(tx)?;
            for place in &lost {
                outbox::reopen_at(tx, *place)?;
            }
            Ok(())
        })?;
        self.meta = meta;
        (self.lost, self.first) = (Vec::new(), None);
        let mut touched = Vec::new();
        if !lost.is_empty() {
            let count = lost.len();
            tracing::warn!(count, "the API has lost what it had acknowledged");
            self.refill()?;
            let lost = lost.iter().filter_map(|place| self.pending.at(*place));
            touched.extend(lost.map(|op| op.operation.edit.target()));
            touched.sort_unstable();
            touched.dedup();
        }
        Ok(Reopened {
            touched,
            renumber: false,
        })
    }

    /// Whether an epoch, as [`Cursor::epoch_word`] writes it, is not the one of this copy. Of a copy
    /// that is begun anew it is not known; then it may be, where something was acknowledged.
    pub fn is_of_another_epoch(&self, epoch: &str) -> Result<bool, CacheError> {
        let cursor = self.meta.cursor.as_deref();
        match cursor.and_then(|it| it.parse::<Cursor>().ok()) {
            Some(own) => Ok(Cursor::epoch_word(own.epoch) != epoch),
            None => outbox::any_acked(&self.conn),
        }
    }

    /// Lets all that was acknowledged under the present device id wait again, under its numbers: the
    /// database that took it may be gone, and the one in its place cannot be asked. What it holds
    /// after all it answers as it did. What was acknowledged under a former id stays as it is, until
    /// an API can be asked for it.
    pub fn wait_again(&mut self) -> Result<(), CacheError> {
        let mut places = Vec::new();
        outbox::each_of(&self.conn, self.meta.device, |it| {
            if it.acked {
                places.push(it.place);
            }
        })?;
        if places.is_empty() {
            return Ok(());
        }
        self.transact(|tx| {
            places
                .iter()
                .try_for_each(|place| outbox::reopen_at(tx, *place))
        })?;
        self.refill()
    }

    /// Whether a copy is begun while there are acknowledged operations. The page has no cursor before
    /// it that could tell whether the database was put back meanwhile, so the API is to be asked.
    pub fn begins_blind(&self) -> Result<bool, CacheError> {
        Ok(self.meta.cursor.is_none() && outbox::any_acked(&self.conn)?)
    }

    /// Notes, durably, that the API is to be asked what it has of this device before anything else
    /// is sent.
    pub fn doubt(&mut self) -> Result<(), CacheError> {
        self.change_meta(|meta| meta.registered = false)
    }

    /// The furthest place that the API has given to an operation which no pull has told of yet.
    pub fn newest_acked(&self) -> Seq {
        let acked = self
            .pending
            .iter()
            .filter(|(_, op)| op.stage == Stage::Acked);
        acked.filter_map(|(_, op)| op.seq).max().unwrap_or_default()
    }

    /// The furthest place at which this page should tell of one of our acknowledged operations and
    /// does not: the API's database was put back behind our back, so that the cursor still fits
    /// and what came after it is lost. `acked`: [`Self::newest_acked`] when the page was asked for;
    /// what was acknowledged later may be missing from it.
    pub fn missed(&self, page: &Prepared, acked: Seq) -> Option<Seq> {
        let plain = |text: &str| {
            let cursor = text.parse::<Cursor>().ok();
            cursor.filter(|cursor| cursor.copying.is_none())
        };
        let from = self.meta.cursor.as_deref().and_then(plain)?;
        let end = page.end.as_ref().filter(|end| !end.filling)?;
        let to = plain(&end.cursor)?;
        let told: HashSet<i64> = self.own_told(page).into_iter().map(|it| it.0).collect();
        self.pending
            .iter()
            .filter(|(place, op)| op.stage == Stage::Acked && !told.contains(place))
            .filter_map(|(_, op)| op.seq)
            .filter(|seq| *seq > from.seq)
            .filter(|seq| *seq <= to.seq || (!end.more && *seq <= acked))
            .max()
    }

    /// Puts the first stroke without an outcome into quarantine: the API takes no message that
    /// large. Its numbers stay unused, which the API calls a gap: what comes after it is then
    /// numbered anew under a new device id. Gives what looks different now.
    pub fn give_up(&mut self, now: Stamp) -> Result<Vec<EntityRef>, CacheError> {
        let mut stroke = None;
        let mut places = Vec::new();
        for (place, op) in self.pending.iter() {
            if op.stage == Stage::Acked {
                continue;
            }
            let at = (op.device, op.operation.group);
            if *stroke.get_or_insert(at) != at {
                break;
            }
            places.push(place);
        }
        let refusal = Refusal::new(
            RefusalCode::Invalid,
            "the API, or something on the way to it, takes no message as large as this edit. It is \
             kept here: make it shorter and save it again, or have the limit raised and retry",
        );
        self.transact(|tx| {
            for place in &places {
                quarantine::take(tx, *place, &refusal, now)?;
            }
            Ok(())
        })?;
        for place in &places {
            if let Some(op) = self.pending.at(*place) {
                let key = op.operation.edit.target();
                *self.refused.entry(key).or_default() += 1;
            }
        }
        let touched = self.pending.take_out(&places);
        self.refresh(&touched)?;
        self.fill_unmade()?;
        Ok(touched.into_iter().collect())
    }
}
