//! A transaction in one shop, held by the caller.

use std::{sync::Arc, time::Duration};

use redtag_protocol::{
    audit::Tally,
    entity::{EntityRef, Kind},
    ids::{DeviceId, InspectionId, ShopId},
    stamp::{Seq, Stamp},
};
use tokio::{
    sync::Mutex,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::{
    PostgresStorage, StorageError, convert,
    copy::events_of,
    flight::{Answer, Call, call},
    is_lost,
    line::{COMMIT, Line, OPENING, Purpose, Scope, opening},
    pool::Pool,
    shops::{
        all_buried, counted, documents, found, hash_at, hashes, last_number, list, listed, logs,
        open, outcomes, referred, refused, refused_creations, tombstones,
    },
    value::named,
    versions::{Known, Versions},
    write::{inserts, old_tombstones, on},
};
use crate::storage::{
    Changes, Event, Head, Logged, Pending, RefusedCreation, Stored, Tombstone, Transaction, count,
    shops::Order,
    sql::{hosted::HEAD_LOCK, shop as sql},
};

/// A caller who is silent for so long has forgotten the transaction, and others wait: well below
/// their patience.
const SILENCE: Duration = Duration::from_secs(5);

/// Documents counted at once, where nobody has counted yet.
const SLICE: u32 = 5_000;

/// The caller's end.
pub(super) struct Held {
    shop: ShopId,
    head: Head,
    order: Order,
    /// Over all documents as they are now; none until the first is written in a shop that nobody
    /// has counted.
    tally: Option<Tally>,
    known: Known,
    versions: Versions,
    lent: Arc<Mutex<Lent>>,
    pool: Pool,
    /// Ends with this.
    watch: AbortHandle,
}

/// What the caller has until it is silent for too long.
struct Lent {
    line: Option<Line>,
    used: Instant,
}

/// Waits until the shop's head is ours, and makes these calls right after.
pub(super) async fn begin(
    storage: &PostgresStorage,
    shop: ShopId,
    calls: Vec<Call<'_>>,
) -> Result<(Held, Vec<Answer>), StorageError> {
    let mut all = opening(Purpose::Write, Scope::Shop(shop));
    all.push(call(HEAD_LOCK, named! {shop: shop}));
    all.extend(calls);
    let mut locked = lock(storage, shop, &all).await;
    if storage.is_lost(&locked) {
        locked = lock(storage, shop, &all).await;
    }
    let (line, mut answers) = locked?;
    let more = answers.split_off(OPENING + 1);
    let row = answers.last().and_then(Answer::row);
    let row = row.ok_or(StorageError::NoShop(shop))?;
    let (head, tally) = (convert::head(row)?, convert::tally(row)?);
    let lent = Arc::new(Mutex::new(Lent {
        line: Some(line),
        used: Instant::now(),
    }));
    let transaction = Held {
        shop,
        head,
        order: Order::from(head),
        tally,
        known: storage.versions.take(shop, &head),
        versions: storage.versions.clone(),
        pool: storage.pool.clone(),
        watch: tokio::spawn(watch(shop, Arc::clone(&lent))).abort_handle(),
        lent,
    };
    Ok((transaction, more))
}

/// Takes a turn, a connection and the head, in this order.
async fn lock(
    storage: &PostgresStorage,
    shop: ShopId,
    calls: &[Call<'_>],
) -> Result<(Line, Vec<Answer>), StorageError> {
    let turn = storage.turn(shop).await?;
    let mut line = storage.line(Some(turn)).await?;
    let answers = line.fly(calls).await?;
    Ok((line, answers))
}

/// Takes the line away from a caller who forgot it.
async fn watch(shop: ShopId, lent: Arc<Mutex<Lent>>) {
    let mut next = Instant::now() + SILENCE;
    loop {
        sleep_until(next).await;
        let Ok(mut lent) = lent.try_lock() else {
            // Something is on its way.
            next = Instant::now() + SILENCE;
            continue;
        };
        next = lent.used + SILENCE;
        if next <= Instant::now() {
            if lent.line.take().is_some() {
                tracing::warn!(%shop, "a transaction was forgotten and rolled back");
            }
            return;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

impl Held {
    /// Makes these calls in one flight. Where one fails, or the caller gives up waiting, some may
    /// be done and some not, so the transaction can only be dropped then: every later call is
    /// [`StorageError::Lost`].
    async fn fly(&self, calls: &[Call<'_>]) -> Result<Vec<Answer>, StorageError> {
        let mut lent = self.lent.lock().await;
        let mut line = lent.line.take().ok_or(StorageError::Lost)?;
        let answers = line.fly(calls).await;
        is_lost(&self.pool, &answers);
        let answers = answers?;
        lent.line = Some(line);
        lent.used = Instant::now();
        Ok(answers)
    }
}

impl Held {
    /// Follows a set of changes in the tally. What is not known yet is read, in one flight, which
    /// is not made where all of it is.
    async fn follow(&mut self, changes: &Changes) -> Result<(), StorageError> {
        let shop = self.shop;
        let documents = changes.documents.iter().map(|it| it.key);
        let gone = changes.gone.iter().map(|it| it.key);
        let mut new: Vec<_> = documents.chain(gone).collect();
        new.retain(|key| !self.known.contains_key(key));
        let calls: Vec<_> = new
            .iter()
            .map(|key| on(sql::DOCUMENT_INDEX, shop, key))
            .collect();
        if self.tally.is_none() && count::concerns(changes) {
            self.tally = Some(self.count().await?);
        }
        let answers = if calls.is_empty() {
            Vec::new()
        } else {
            self.fly(&calls).await?
        };
        let mut answers = answers.into_iter();
        for key in new {
            let answer = answers.next().ok_or(StorageError::Lost)?;
            let version = answer
                .row()
                .map(|row| convert::unsigned(row, 0))
                .transpose()?;
            self.known.insert(key, version.map(Seq));
        }
        let documents = changes
            .documents
            .iter()
            .map(|it| (it.key, Some(it.version)));
        let gone = changes.gone.iter().map(|it| (it.key, None));
        for (key, now) in documents.chain(gone) {
            let former = self.known.get(&key).copied().flatten();
            if let Some(tally) = &mut self.tally {
                count::change(tally, &key, former, now);
            }
        }
        Ok(())
    }

    /// Counts all documents, once in the life of a shop, and holds no more than a slice of them.
    async fn count(&self) -> Result<Tally, StorageError> {
        let mut tally = Tally::default();
        let mut after = 0;
        loop {
            let given = named! {shop: self.shop, after: after, limit: i64::from(SLICE)};
            let answers = self.fly(&[call(sql::DOCUMENTS_COUNT, given)]).await?;
            let rows = answers.first().map_or(&[][..], |it| &it.rows);
            for row in rows {
                let version = convert::unsigned(row, 2)?;
                let key = convert::entity(row, 0, 1)?;
                count::change(&mut tally, &key, None, Some(Seq(version)));
                after = convert::number(version)?;
            }
            if rows.len() < SLICE as usize {
                return Ok(tally);
            }
        }
    }

    /// What is known once these changes are written.
    fn learn(&mut self, changes: &Changes) {
        let documents = changes
            .documents
            .iter()
            .map(|it| (it.key, Some(it.version)));
        let gone = changes.gone.iter().map(|it| (it.key, None));
        self.known.extend(documents.chain(gone));
    }
}

impl Transaction for Held {
    fn shop(&self) -> ShopId {
        self.shop
    }

    fn head(&self) -> Head {
        self.head
    }

    fn documents(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>> {
        Box::pin(async move {
            let answers = self.fly(&documents(self.shop, &keys)).await?;
            let found = found(&keys, &answers)?;
            let versions = found.iter().map(|it| it.as_ref().map(|it| it.version));
            self.known.extend(keys.into_iter().zip(versions));
            Ok(found)
        })
    }

    fn list(&mut self, kind: Kind) -> Pending<'_, Vec<Stored>> {
        Box::pin(async move {
            let answers = self.fly(&[list(self.shop, kind)]).await?;
            listed(kind, &answers)
        })
    }

    fn hashes(&mut self, seqs: Vec<Seq>) -> Pending<'_, Vec<Option<[u8; 32]>>> {
        Box::pin(async move {
            let calls: Vec<_> = seqs.iter().map(|seq| hash_at(self.shop, *seq)).collect();
            let answers = self.fly(&calls).await?;
            hashes(&seqs, &answers)
        })
    }

    fn outcomes(&mut self, device: DeviceId, from: u64, to: u64) -> Pending<'_, Vec<Logged>> {
        Box::pin(async move {
            let answers = self.fly(&[outcomes(self.shop, device, from, to)?]).await?;
            logs(&answers)
        })
    }

    fn last_number(&mut self, device: DeviceId) -> Pending<'_, u64> {
        Box::pin(async move {
            let answers = self.fly(&[last_number(self.shop, device)]).await?;
            counted(&answers)
        })
    }

    fn refused_creations(
        &mut self,
        device: DeviceId,
        keys: Vec<EntityRef>,
    ) -> Pending<'_, Vec<RefusedCreation>> {
        Box::pin(async move {
            let calls = refused_creations(self.shop, device, &keys);
            let answers = self.fly(&calls).await?;
            refused(&keys, &answers)
        })
    }

    fn tombstones(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Tombstone>>> {
        Box::pin(async move {
            let answers = self.fly(&tombstones(self.shop, &keys)).await?;
            all_buried(&keys, &answers)
        })
    }

    fn histories(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Vec<Event>>> {
        Box::pin(async move {
            let all = (Seq(0), Seq(u64::MAX));
            let calls = keys.iter();
            let calls = calls.map(|key| events_of(self.shop, key, all, u32::MAX));
            let answers = self.fly(&calls.collect::<Vec<_>>()).await?;
            let each = answers.iter();
            each.map(|it| it.rows.iter().map(convert::event).collect())
                .collect()
        })
    }

    fn referred(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<bool>> {
        Box::pin(async move {
            let asked: Vec<_> = keys.iter().map(|key| referred(self.shop, key)).collect();
            let can_be: Vec<_> = asked.iter().map(Option::is_some).collect();
            let calls: Vec<_> = asked.into_iter().flatten().collect();
            let mut answers = self.fly(&calls).await?.into_iter();
            let is_named =
                |asked: bool| asked && answers.next().is_some_and(|answer| answer.row().is_some());
            Ok(can_be.into_iter().map(is_named).collect())
        })
    }

    fn open(&mut self, below: Option<InspectionId>, most: u32) -> Pending<'_, Vec<Stored>> {
        Box::pin(async move {
            let answers = self.fly(&[open(self.shop, below, most)]).await?;
            // The same columns.
            listed(Kind::Inspection, &answers)
        })
    }

    fn forget_tombstones(&mut self, before: Stamp, most: u32) -> Pending<'_, (u64, Option<Seq>)> {
        Box::pin(async move {
            let old = old_tombstones(self.shop, before, most)?;
            let answers = self.fly(&[old]).await?;
            let rows = answers.iter().flat_map(|it| &it.rows);
            let old = rows.map(|row| {
                let version = Seq(convert::unsigned(row, 2)?);
                Ok((convert::entity(row, 0, 1)?, version))
            });
            let old = old.collect::<Result<Vec<_>, StorageError>>()?;
            let calls = old.iter();
            let calls = calls.map(|(key, _)| on(sql::TOMBSTONE_REMOVE, self.shop, key));
            self.fly(&calls.collect::<Vec<_>>()).await?;
            Ok((old.len() as u64, old.iter().map(|it| it.1).max()))
        })
    }

    fn write(&mut self, changes: Changes) -> Pending<'_, ()> {
        Box::pin(async move {
            self.order.take(&changes)?;
            self.follow(&changes).await?;
            let calls = inserts(self.shop, &changes, &self.known)?;
            self.fly(&calls).await?;
            self.learn(&changes);
            Ok(())
        })
    }

    fn commit(self: Box<Self>, head: Head) -> Pending<'static, ()> {
        self.finish(Changes::default(), head)
    }

    fn finish(mut self: Box<Self>, changes: Changes, head: Head) -> Pending<'static, ()> {
        Box::pin(async move {
            self.order.take(&changes)?;
            self.order.end(&head)?;
            self.follow(&changes).await?;
            let mut calls = inserts(self.shop, &changes, &self.known)?;
            let seq = convert::number(head.seq.0)?;
            let documents = self.tally.map(|it| convert::number(it.documents));
            let sum = self.tally.map(|it| it.sum.to_bytes());
            let set = named! {
                shop: self.shop, seq: seq, hash: &head.hash[..],
                ticket: convert::number(head.ticket)?, floor: convert::number(head.floor.0)?,
                summed: self.tally.map(|_| seq), documents: documents.transpose()?,
                sum: sum.as_ref().map(|it| &it[..]),
            };
            // The head is locked, so it is there, and setting it cannot miss. What any of these
            // refuses, it refuses with an error, and a commit after an error is a rollback.
            calls.push(call(sql::HEAD_SET, set));
            calls.push(call(COMMIT, Vec::new()));
            // Before the commit lets the next writer in, who will ask for it.
            self.learn(&changes);
            let known = std::mem::take(&mut self.known);
            self.versions.put(self.shop, &head, known);
            self.fly(&calls).await.map(drop)
        })
    }
}
