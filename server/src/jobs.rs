//! What the server does by itself, beside answering.

use std::time::Duration;

use redtag_protocol::{ids::ShopId, stamp::Stamp};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    core::push::REPLAYS,
    storage::{Storage, StorageError},
};

/// How often it looks whether there is something to do.
const EVERY: Duration = Duration::from_hours(6);

/// How many outcomes or tombstones are forgotten at once: a shop that was never tidied may have
/// millions, and a statement on them all would hold up the shop's writers on one engine and be cut
/// off on another.
const SLICE: u32 = 2000;

/// How long it is remembered that a document was deleted. A bench that was away for longer begins
/// anew.
const DELETED: Duration = Duration::from_hours(180 * 24);

/// Works until the server is to end.
pub async fn run(app: App) {
    loop {
        match forget(&*app.storage, app.clock.now(), &app.ending).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "old outcomes and tombstones are forgotten"),
            Err(error) => tracing::warn!(%error, "old outcomes and tombstones stay for now"),
        }
        tokio::select! {
            () = app.ending.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Forgets the outcomes of all shops that are older than any replay may be, and tombstones that are
/// older than any bench may be, and says how many. One shop's trouble is not another's. What is left
/// when the server is to end is left for the next time.
async fn forget(
    storage: &dyn Storage,
    now: Stamp,
    ending: &CancellationToken,
) -> Result<u64, StorageError> {
    let before = |age: Duration| {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        Stamp(now.0.saturating_sub(age))
    };
    let (replays, deleted) = (before(REPLAYS), before(DELETED));
    let mut count = 0;
    for shop in storage.shops().await? {
        let shop = shop.id;
        let outcomes = || storage.forget_outcomes(shop, replays, SLICE);
        count += slices(shop, ending, outcomes).await;
        let tombstones = || tombstones(storage, shop, deleted);
        count += slices(shop, ending, tombstones).await;
    }
    Ok(count)
}

/// Once, with nobody who could end it: for simulations, which have days pass at once.
#[cfg(any(test, feature = "testing"))]
pub async fn once(storage: &dyn Storage, now: Stamp) -> Result<u64, StorageError> {
    forget(storage, now, &CancellationToken::new()).await
}

/// Slice by slice until there is nothing more, and how many it were.
async fn slices<F: Future<Output = Result<u64, StorageError>>>(
    shop: ShopId,
    ending: &CancellationToken,
    forget: impl Fn() -> F,
) -> u64 {
    let mut count = 0;
    while !ending.is_cancelled() {
        match forget().await {
            Ok(0) => break,
            Ok(some) => count += some,
            Err(error) => {
                tracing::warn!(%error, %shop, "what is old in a shop stays for now");
                break;
            }
        }
    }
    count
}

/// Forgets a slice of a shop's tombstones. From then on a cursor from before them is no good: who
/// holds it may never have heard of them.
async fn tombstones(
    storage: &dyn Storage,
    shop: ShopId,
    before: Stamp,
) -> Result<u64, StorageError> {
    let mut transaction = storage.begin(shop).await?;
    let (count, highest) = transaction.forget_tombstones(before, SLICE).await?;
    if let Some(highest) = highest {
        let mut head = transaction.head();
        head.floor = head.floor.max(highest);
        transaction.commit(head).await?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests;
