//! A transaction as a session on the writing thread: the thread lends itself to one caller, who
//! sends it one step after the other.

use std::{sync::mpsc, time::Duration};

use redtag_protocol::{
    audit::Tally,
    entity::{EntityRef, Kind},
    ids::{DeviceId, InspectionId, ShopId},
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, Transaction as Sql, TransactionBehavior};
use tokio::sync::oneshot;

use super::{StorageError, convert::fault, copy, shops, worker::Workers, write};
use crate::storage::{
    Changes, Event, Head, Logged, Pending, RefusedCreation, Stored, Tombstone, Transaction,
    shops::Order,
};

/// A caller who is silent for so long has forgotten the transaction, and others wait.
const SILENCE: Duration = Duration::from_secs(10);

enum Step {
    /// Anything inside.
    Do(Box<dyn FnOnce(&Connection) + Send>),
    /// Write; whatever is refused ends it.
    Write(Changes, oneshot::Sender<Result<(), StorageError>>),
    /// The end: write what there is, set the head, commit.
    Commit(Changes, Head, oneshot::Sender<Result<(), StorageError>>),
}

/// The caller's end.
pub(super) struct Session {
    shop: ShopId,
    head: Head,
    order: Order,
    steps: mpsc::Sender<Step>,
}

/// What a session begins with: the head, and the last number of the device that was named.
type Start = (Head, u64);

/// Waits for the writing thread and begins, with the last number of a device.
pub(super) async fn begin(
    workers: &Workers,
    shop: ShopId,
    device: Option<DeviceId>,
) -> Result<(Session, u64), StorageError> {
    let (begun, ready) = oneshot::channel();
    let (steps, asked) = mpsc::channel();
    workers.lend(move |connection| hold(connection, shop, device, begun, &asked))?;
    let (head, last) = ready.await.map_err(|_| StorageError::Lost)??;
    let session = Session {
        shop,
        head,
        order: Order::from(head),
        steps,
    };
    Ok((session, last))
}

/// The thread's end. Whatever ends it but a commit rolls back.
fn hold(
    connection: &mut Connection,
    shop: ShopId,
    device: Option<DeviceId>,
    begun: oneshot::Sender<Result<Start, StorageError>>,
    asked: &mpsc::Receiver<Step>,
) {
    let start = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)
        .and_then(|sql| {
            let (head, tally) = shops::head(&sql, shop)?;
            let last = device.map_or(Ok(0), |device| shops::last_number(&sql, shop, device))?;
            Ok(((head, last), sql, tally))
        });
    let (sql, mut tally) = match start {
        Ok((start, sql, tally)) => {
            if begun.send(Ok(start)).is_err() {
                return;
            }
            (sql, tally)
        }
        Err(error) => {
            let _ = begun.send(Err(error));
            return;
        }
    };
    loop {
        match asked.recv_timeout(SILENCE) {
            Ok(Step::Do(step)) => step(&sql),
            Ok(Step::Write(changes, answer)) => {
                let done = write::write(&sql, shop, &changes, &mut tally);
                let refused = done.is_err();
                // A caller who gave up waiting gets nothing.
                let _ = answer.send(done);
                // Some rows may stand and others not: none of them is to be committed.
                if refused {
                    return;
                }
            }
            Ok(Step::Commit(changes, head, answer)) => {
                let _ = answer.send(commit(sql, shop, &changes, head, tally));
                return;
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                tracing::warn!(%shop, "a transaction was forgotten and rolled back");
                return;
            }
        }
    }
}

fn commit(
    sql: Sql<'_>,
    shop: ShopId,
    changes: &Changes,
    head: Head,
    mut tally: Option<Tally>,
) -> Result<(), StorageError> {
    write::write(&sql, shop, changes, &mut tally)?;
    shops::set_head(&sql, shop, head, tally)?;
    sql.commit().map_err(fault)
}

impl Session {
    fn step<T: Send + 'static>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Pending<'static, T> {
        let (answer, answered) = oneshot::channel();
        let sent = self.steps.send(Step::Do(Box::new(move |sql| {
            // A caller who gave up waiting gets nothing.
            let _ = answer.send(step(sql));
        })));
        Box::pin(async move {
            sent.map_err(|_| StorageError::Lost)?;
            answered.await.map_err(|_| StorageError::Lost)?
        })
    }
}

impl Transaction for Session {
    fn shop(&self) -> ShopId {
        self.shop
    }

    fn head(&self) -> Head {
        self.head
    }

    fn documents(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>> {
        let shop = self.shop;
        self.step(move |sql| shops::documents(sql, shop, &keys))
    }

    fn list(&mut self, kind: Kind) -> Pending<'_, Vec<Stored>> {
        let shop = self.shop;
        self.step(move |sql| shops::list(sql, shop, kind))
    }

    fn hashes(&mut self, seqs: Vec<Seq>) -> Pending<'_, Vec<Option<[u8; 32]>>> {
        let shop = self.shop;
        let each = move |sql: &Connection, seq| shops::hash_at(sql, shop, seq);
        self.step(move |sql| seqs.iter().map(|seq| each(sql, *seq)).collect())
    }

    fn outcomes(&mut self, device: DeviceId, from: u64, to: u64) -> Pending<'_, Vec<Logged>> {
        let shop = self.shop;
        self.step(move |sql| shops::outcomes(sql, shop, device, from, to))
    }

    fn last_number(&mut self, device: DeviceId) -> Pending<'_, u64> {
        let shop = self.shop;
        self.step(move |sql| shops::last_number(sql, shop, device))
    }

    fn refused_creations(
        &mut self,
        device: DeviceId,
        keys: Vec<EntityRef>,
    ) -> Pending<'_, Vec<RefusedCreation>> {
        let shop = self.shop;
        self.step(move |sql| shops::refused_creations(sql, shop, device, &keys))
    }

    fn tombstones(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Tombstone>>> {
        let shop = self.shop;
        self.step(move |sql| shops::tombstones(sql, shop, &keys))
    }

    fn histories(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Vec<Event>>> {
        let shop = self.shop;
        self.step(move |sql| copy::histories(sql, shop, &keys))
    }

    fn referred(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<bool>> {
        let shop = self.shop;
        self.step(move |sql| shops::referred(sql, shop, &keys))
    }

    fn open(&mut self, below: Option<InspectionId>, most: u32) -> Pending<'_, Vec<Stored>> {
        let shop = self.shop;
        self.step(move |sql| copy::open(sql, shop, below, most))
    }

    fn forget_tombstones(&mut self, before: Stamp, most: u32) -> Pending<'_, (u64, Option<Seq>)> {
        let shop = self.shop;
        self.step(move |sql| write::forget_tombstones(sql, shop, before, most))
    }

    fn write(&mut self, changes: Changes) -> Pending<'_, ()> {
        if let Err(error) = self.order.take(&changes) {
            return Box::pin(async { Err(error) });
        }
        let (answer, answered) = oneshot::channel();
        let sent = self.steps.send(Step::Write(changes, answer));
        Box::pin(async move {
            sent.map_err(|_| StorageError::Lost)?;
            answered.await.map_err(|_| StorageError::Lost)?
        })
    }

    fn commit(self: Box<Self>, head: Head) -> Pending<'static, ()> {
        self.finish(Changes::default(), head)
    }

    fn finish(mut self: Box<Self>, changes: Changes, head: Head) -> Pending<'static, ()> {
        if let Err(error) = self
            .order
            .take(&changes)
            .and_then(|()| self.order.end(&head))
        {
            return Box::pin(async { Err(error) });
        }
        let (answer, answered) = oneshot::channel();
        let sent = self.steps.send(Step::Commit(changes, head, answer));
        Box::pin(async move {
            sent.map_err(|_| StorageError::Lost)?;
            answered.await.map_err(|_| StorageError::Lost)?
        })
    }
}
