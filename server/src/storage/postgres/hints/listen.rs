//! The side that hears.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{
    StreamExt as _,
    stream::{FuturesUnordered, poll_fn},
};
use redtag_protocol::ids::ShopId;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_postgres::AsyncMessage;
use tokio_util::sync::CancellationToken;

use super::{Backoff, CHANNEL, Hint};
use crate::{
    hub::Hub,
    storage::{Storage, StorageError, postgres::Address},
};

/// A server that has not begun to listen by then will not.
const PATIENCE: Duration = Duration::from_secs(10);

/// So many heads are read at once; the pool is for requests.
const READS: usize = 4;

/// Hears what other processes say about the shops that somebody listens to here, and lets the hub
/// know, until the server ends. Connects again where the line breaks; after each connect it looks
/// at all of these shops, for what was said in between is lost.
pub async fn listen(
    address: Address,
    hub: Hub,
    storage: Arc<dyn Storage>,
    ending: CancellationToken,
) {
    let mut backoff = Backoff::default();
    loop {
        let heard = tokio::select! {
            () = ending.cancelled() => return,
            heard = hear(&address, &hub, &*storage, &mut backoff) => heard,
        };
        let Err(error) = heard;
        let error = format!("{error:#}");
        tracing::warn!(
            error,
            "the other servers are not heard; benches here hear of them later"
        );
        tokio::select! {
            () = ending.cancelled() => return,
            () = sleep(backoff.next()) => {}
        }
    }
}

/// Hears until the line breaks.
async fn hear(
    address: &Address,
    hub: &Hub,
    storage: &dyn Storage,
    backoff: &mut Backoff,
) -> Result<std::convert::Infallible, StorageError> {
    let (client, mut connection) = address.connect().await?;
    let mut messages = poll_fn(move |task| connection.poll_message(task));
    let words = format!("LISTEN {CHANNEL}");
    let listening = client.batch_execute(&words);
    tokio::pin!(listening);
    let mut listens = false;
    let deadline = Instant::now() + PATIENCE;
    // The shops to look at, once however often one is named, and whether who listens is to be woken
    // in any case.
    let mut wanted: HashMap<ShopId, bool> = HashMap::new();
    let mut reads = FuturesUnordered::new();
    loop {
        while reads.len() < READS
            && let Some((shop, wake)) = wanted.iter().next().map(|(shop, wake)| (*shop, *wake))
        {
            wanted.remove(&shop);
            reads.push(async move { (shop, wake, storage.head(shop).await) });
        }
        tokio::select! {
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    if let Some((shop, wake)) = wanting(note.channel(), note.payload(), hub) {
                        *wanted.entry(shop).or_default() |= wake;
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(StorageError::Engine(error.into())),
                None => return Err(StorageError::Lost),
            },
            done = &mut listening, if !listens => {
                done.map_err(|error| StorageError::Engine(error.into()))?;
                listens = true;
                backoff.reset();
                tracing::debug!("the other servers are heard");
                wanted.extend(hub.watched().into_iter().map(|shop| (shop, true)));
            }
            () = sleep_until(deadline), if !listens => return Err(StorageError::Lost),
            Some((shop, wake, head)) = reads.next() => match head {
                Ok(head) if wake => hub.wake(shop, head.seq),
                Ok(head) => hub.tell(shop, head.seq),
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::debug!(%shop, error, "a hint could not be followed");
                }
            },
        }
    }
}

/// The shop that a notification makes worth a look, and whether to wake who listens. Anything may
/// be said on the channel by whoever may connect to the database.
fn wanting(channel: &str, payload: &str, hub: &Hub) -> Option<(ShopId, bool)> {
    if channel != CHANNEL {
        return None;
    }
    match payload.parse() {
        Ok(Hint::At(shop, seq)) => hub.is_behind(shop, seq).then_some((shop, false)),
        Ok(Hint::Look(shop)) => hub.is_watched(shop).then_some((shop, true)),
        Err(_) => {
            tracing::debug!("something on the channel that is no hint");
            None
        }
    }
}
