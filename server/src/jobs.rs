//! What the server does by itself, beside answering.

use std::time::Duration;

use redtag_protocol::stamp::Stamp;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    core::push::REPLAYS,
    storage::{Storage, StorageError},
};

/// How often it looks whether there is something to do.
const EVERY: Duration = Duration::from_hours(6);

/// How many outcomes are forgotten at once: a shop that was never tidied may have millions, and a
/// statement on them all would hold up the shop's writers on one engine and be cut off on another.
const SLICE: u32 = 2000;

/// Works until the server is to end.
pub async fn run(app: App) {
    loop {
        match forget(&*app.storage, app.clock.now(), &app.ending).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "old outcomes are forgotten"),
            Err(error) => tracing::warn!(%error, "old outcomes stay for now"),
        }
        tokio::select! {
            () = app.ending.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Forgets the outcomes of all shops that are older than any replay may be, and says how many. One
/// shop's trouble is not another's. What is left when the server is to end is left for the next
/// time.
async fn forget(
    storage: &dyn Storage,
    now: Stamp,
    ending: &CancellationToken,
) -> Result<u64, StorageError> {
    let age = u64::try_from(REPLAYS.as_millis()).unwrap_or(u64::MAX);
    let before = Stamp(now.0.saturating_sub(age));
    let mut count = 0;
    for shop in storage.shops().await? {
        while !ending.is_cancelled() {
            match storage.forget_outcomes(shop.id, before, SLICE).await {
                Ok(0) => break,
                Ok(some) => count += some,
                Err(error) => {
                    tracing::warn!(%error, shop = %shop.id, "a shop's old outcomes stay for now");
                    break;
                }
            }
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests;
