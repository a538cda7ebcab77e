//! What the line finds out about the queue: an API that was put back and has lost what it had
//! acknowledged, a stroke that it takes no message for, and a clock that jumped.

use std::collections::HashSet;

use redtag_protocol::{
    api::changes::Cursor,
    entity::EntityRef,
    ids::DeviceId,
    op::{Refusal, RefusalCode},
    stamp::{Seq, Stamp},
};

use super::{CacheError, Prepared, Stage, Store, outbox, quarantine};

/// What was found out about operations that the API has lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    /// The documents that look different now.
    pub touched: Vec<EntityRef>,
    /// Whether some of it went out under a former device id. Then nothing waits again yet: the next
    /// [`Store::fork`] numbers all of it anew, in the order in which it was made.
    pub renumber: bool,
}

impl Store {
    /// Device ids of the past under which there are acknowledged operations, the oldest first.
    pub fn former_devices(&self) -> Result<Vec<DeviceId>, CacheError> {
        outbox::former(&self.conn, self.meta.device)
    }

    /// Lets acknowledged operations wait again that the API knows nothing of: it has decided those
    /// of this device up to `last`, and those of former ones up to the number beside them. Notes in
    /// the same transaction that the API knows the device.
    pub fn reopen_above(
        &mut self,
        last: u64,
        former: &[(DeviceId, u64)],
    ) -> Result<Reopened, CacheError> {
        let mut gone = Vec::new();
        for (device, above) in former {
            if outbox::acked_above(&self.conn, *device, *above)? > 0 {
                gone.push((*device, *above));
            }
        }
        if !gone.is_empty() {
            tracing::warn!("the API has lost what it had acknowledged to a former device id");
            gone.push((self.meta.device, last));
            self.lost = gone;
            return Ok(Reopened {
                touched: Vec::new(),
                renumber: true,
            });
        }
        let mut meta = self.meta.clone();
        meta.registered = true;
        let again = self.transact(|tx| {
            meta.write_identity(tx)?;
            let above = outbox::acked_above(tx, meta.device, last)?;
            if above > 0 {
                outbox::reopen(tx, meta.device, last.saturating_add(1))?;
            }
            Ok(above)
        })?;
        self.meta = meta;
        let mut touched = Vec::new();
        if again > 0 {
            tracing::warn!(again, last, "the API has lost what it had acknowledged");
            self.refill()?;
            let device = self.meta.device;
            touched.extend(
                self.pending
                    .iter()
                    .filter(|(_, op)| op.device == device && op.operation.number > last)
                    .map(|(_, op)| op.operation.edit.target()),
            );
            touched.sort_unstable();
            touched.dedup();
        }
        Ok(Reopened {
            touched,
            renumber: false,
        })
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
        Ok(touched.into_iter().collect())
    }

    /// This machine's clock was set by so many milliseconds: the correction takes them back, so
    /// that stamps go on as they were. Kept with the next transaction that writes the place.
    pub fn clock_jumped(&mut self, by: i64) {
        self.meta.offset = self.meta.offset.saturating_sub(by);
    }
}
