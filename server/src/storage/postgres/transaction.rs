//! A transaction in one shop, held by the caller.

use std::{sync::Arc, time::Duration};

use redtag_protocol::{
    entity::{EntityRef, Kind},
    ids::{DeviceId, ShopId},
};
use tokio::{
    sync::Mutex,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::{
    PostgresStorage, StorageError, convert,
    flight::{Answer, Call, call},
    is_lost,
    line::{COMMIT, Line, OPENING, Purpose, Scope, opening},
    pool::Pool,
    shops::{
        counted, documents, found, last_number, list, listed, logs, outcomes, refused,
        refused_creations,
    },
    value::named,
    write::inserts,
};
use crate::storage::{
    Changes, Head, Logged, Pending, RefusedCreation, Stored, Transaction,
    shops::Order,
    sql::{hosted::HEAD_LOCK, shop as sql},
};

/// A caller who is silent for so long has forgotten the transaction, and others wait: well below
/// their patience.
const SILENCE: Duration = Duration::from_secs(5);

/// The caller's end.
pub(super) struct Held {
    shop: ShopId,
    head: Head,
    order: Order,
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
    let head = convert::head(row.ok_or(StorageError::NoShop(shop))?)?;
    let lent = Arc::new(Mutex::new(Lent {
        line: Some(line),
        used: Instant::now(),
    }));
    let transaction = Held {
        shop,
        head,
        order: Order::from(head),
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
            found(&keys, &answers)
        })
    }

    fn list(&mut self, kind: Kind) -> Pending<'_, Vec<Stored>> {
        Box::pin(async move {
            let answers = self.fly(&[list(self.shop, kind)]).await?;
            listed(kind, &answers)
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

    fn write(&mut self, changes: Changes) -> Pending<'_, ()> {
        Box::pin(async move {
            self.order.take(&changes)?;
            let calls = inserts(self.shop, &changes)?;
            self.fly(&calls).await.map(drop)
        })
    }

    fn commit(self: Box<Self>, head: Head) -> Pending<'static, ()> {
        self.finish(Changes::default(), head)
    }

    fn finish(mut self: Box<Self>, changes: Changes, head: Head) -> Pending<'static, ()> {
        Box::pin(async move {
            self.order.take(&changes)?;
            self.order.end(&head)?;
            let mut calls = inserts(self.shop, &changes)?;
            let set = named! {
                shop: self.shop, seq: convert::number(head.seq.0)?, hash: &head.hash[..],
                ticket: convert::number(head.ticket)?, floor: convert::number(head.floor.0)?,
            };
            // The head is locked, so it is there, and setting it cannot miss. What any of these
            // refuses, it refuses with an error, and a commit after an error is a rollback.
            calls.push(call(sql::HEAD_SET, set));
            calls.push(call(COMMIT, Vec::new()));
            self.fly(&calls).await.map(drop)
        })
    }
}
