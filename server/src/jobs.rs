//! What the server does by itself, beside answering.

use std::time::Duration;

use redtag_protocol::stamp::Stamp;

use crate::{
    app::App,
    core::push::REPLAYS,
    storage::{Storage, StorageError},
};

/// How often it looks whether there is something to do.
const EVERY: Duration = Duration::from_hours(6);

/// Works until the server is to end.
pub async fn run(app: App) {
    loop {
        match forget(&*app.storage, app.clock.now()).await {
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

/// Forgets the outcomes of all shops that are older than any replay may be, and says how many.
async fn forget(storage: &dyn Storage, now: Stamp) -> Result<u64, StorageError> {
    let age = u64::try_from(REPLAYS.as_millis()).unwrap_or(u64::MAX);
    let before = Stamp(now.0.saturating_sub(age));
    let mut count = 0;
    for shop in storage.shops().await? {
        count += storage.forget_outcomes(shop.id, before).await?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests;
