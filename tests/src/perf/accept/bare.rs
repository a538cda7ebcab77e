//! The floor of the embedded engine: a bare SQLCipher file for each shop, and the engine's own
//! statements on it, in the engine's order, with nothing decided between them.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use redtag_protocol::ids::ShopId;
use redtag_server::storage::{
    ShopKey,
    sql::{embedded, shop as sql},
};
use rusqlite::{
    Connection, OptionalExtension as _, TransactionBehavior, named_params, types::Null,
};

use super::{Timing, scene::Sample};
use crate::{now, perf::floor};

/// A shop's file, and who writes to it.
pub(super) struct Shop {
    path: PathBuf,
    key: ShopKey,
    id: ShopId,
    benches: Vec<Sample>,
}

impl Shop {
    /// A copy of a file that nobody has open.
    pub(super) fn copy(from: &Path, to: &Path, key: ShopKey, benches: &[Sample]) -> Result<Self> {
        std::fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
        let first = benches.first().context("a shop without benches")?;
        Ok(Self {
            path: to.to_owned(),
            key,
            id: first.sender.shop,
            benches: benches.to_vec(),
        })
    }
}

/// One thread for each shop, which writes for its benches in turn: a file has one writer at a time,
/// and nothing is quicker than one that never waits for another. Gives operations per second.
pub(super) fn run(shops: &[Shop], batch: u32, timing: Timing) -> Result<f64> {
    let written = Arc::new(AtomicU64::new(0));
    let ending = Arc::new(AtomicBool::new(false));
    let open = Arc::new(Barrier::new(shops.len() + 1));
    thread::scope(|scope| {
        let threads: Vec<_> = shops
            .iter()
            .map(|shop| {
                let (written, ending, open) = (written.clone(), ending.clone(), open.clone());
                scope.spawn(move || {
                    let connection = floor::open(&shop.path, &shop.key);
                    open.wait();
                    let mut connection = connection?;
                    for bench in shop.benches.iter().cycle() {
                        if ending.load(Ordering::Relaxed) {
                            break;
                        }
                        push(&mut connection, shop.id, bench, batch)?;
                        written.fetch_add(u64::from(batch), Ordering::Relaxed);
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        open.wait();
        pass(timing.warm);
        let (before, began) = (written.load(Ordering::Relaxed), Instant::now());
        pass(timing.measured);
        let done = written.load(Ordering::Relaxed) - before;
        let took = began.elapsed();
        ending.store(true, Ordering::Relaxed);
        for thread in threads {
            let ended = thread.join();
            ended.map_err(|_| anyhow::anyhow!("a thread of the floor panicked"))??;
        }
        #[expect(clippy::cast_precision_loss, reason = "some ten thousands")]
        let done = done as f64;
        Ok(done / took.as_secs_f64())
    })
}

#[expect(clippy::disallowed_methods, reason = "the threads work meanwhile")]
fn pass(time: Duration) {
    thread::sleep(time);
}

/// What an accepted batch of answers to one inspection makes the engine do.
fn push(connection: &mut Connection, shop: ShopId, bench: &Sample, batch: u32) -> Result<()> {
    let shop = shop.as_bytes();
    let device = bench.sender.device.as_bytes();
    let inspection = bench.inspection.as_bytes();
    let it = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (seq, ticket, floor, documents, sum) =
        it.prepare_cached(sql::HEAD)?
            .query_row(named_params! {":shop": shop}, |row| {
                let _: [u8; 32] = row.get(1)?;
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?,
                    row.get::<_, i64>(5)?,
                    row.get::<_, [u8; 16]>(6)?,
                ))
            })?;
    let number: Option<i64> = it
        .prepare_cached(sql::COUNTED)?
        .query_row(named_params! {":shop": shop, ":device": device}, |row| {
            row.get(0)
        })
        .optional()?;
    let number = number.unwrap_or(0);
    let key = named_params! {":shop": shop, ":kind": "inspection", ":id": inspection};
    let former: i64 = it
        .prepare_cached(sql::DOCUMENT_INDEX)?
        .query_row(key, |row| row.get(0))?;
    anyhow::ensure!(former <= seq, "a document of the future");
    it.prepare_cached(embedded::DOCUMENT_CHANGE)?
        .execute(named_params! {
            ":shop": shop, ":kind": "inspection", ":id": inspection,
            ":version": seq + i64::from(batch), ":body": &*bench.body,
        })?;
    for step in 1..=i64::from(batch) {
        it.prepare_cached(sql::EVENT_ADD)?.execute(named_params! {
            ":shop": shop, ":seq": seq + step, ":kind": "inspection", ":id": inspection,
            ":salt": bench.salt, ":hash": bench.hash,
        })?;
        it.prepare_cached(sql::PAYLOAD_ADD)?
            .execute(named_params! {
                ":shop": shop, ":seq": seq + step, ":body": &*bench.payload, ":digest": Null,
            })?;
    }
    for step in 1..=i64::from(batch) {
        it.prepare_cached(sql::OUTCOME_ADD)?
            .execute(named_params! {
                ":shop": shop, ":device": device, ":number": number + step,
                ":digest": bench.digest, ":body": &*bench.outcome,
                ":refused_kind": Null, ":refused_id": Null, ":at": i64::try_from(now())?,
            })?;
    }
    it.prepare_cached(sql::COUNTED_SET)?
        .execute(named_params! {
            ":shop": shop, ":device": device, ":last": number + i64::from(batch),
        })?;
    it.prepare_cached(sql::HEAD_SET)?.execute(named_params! {
        ":shop": shop, ":seq": seq + i64::from(batch), ":hash": bench.hash,
        ":ticket": ticket, ":floor": floor, ":summed": seq + i64::from(batch),
        ":documents": documents, ":sum": sum,
    })?;
    Ok(it.commit()?)
}
