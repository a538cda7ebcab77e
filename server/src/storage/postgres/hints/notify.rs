//! The side that speaks.

use std::{collections::HashMap, time::Duration};

use redtag_protocol::{ids::ShopId, stamp::Seq};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::{sleep, timeout},
};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

use super::{Backoff, CHANNEL, Hint};
use crate::storage::{StorageError, postgres::Address};

/// Beyond so many that wait, hints are dropped: the database is away, and then nothing is
/// committed either, or it is so slow that a heartbeat is quicker.
const WAITING: usize = 4096;

/// A round trip that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// A transaction of its own, whose commit need not reach the disk: a hint that a power cut takes
/// with it had nobody left to hear it.
const QUIET: &str = "SET synchronous_commit = off";

const NOTIFY: &str = "SELECT pg_notify($1, hint) FROM unnest($2::text[]) AS hint";

/// Takes hints for the other processes; never waits and never fails.
#[derive(Debug, Clone)]
pub struct Notifier(mpsc::Sender<(ShopId, Seq)>);

/// What a [`Notifier`] has taken.
#[derive(Debug)]
pub struct Outbox(mpsc::Receiver<(ShopId, Seq)>);

/// Both ends.
pub fn outbox() -> (Notifier, Outbox) {
    let (notifier, outbox) = mpsc::channel(WAITING);
    (Notifier(notifier), Outbox(outbox))
}

impl Notifier {
    /// The shop is at least at this sequence.
    pub fn tell(&self, shop: ShopId, seq: Seq) {
        match self.0.try_send((shop, seq)) {
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => tracing::debug!(%shop, "a hint is dropped"),
        }
    }
}

impl Outbox {
    /// Sends what comes, one shop's hints as one, until the server ends or nobody is left who could
    /// tell anything.
    pub async fn send(mut self, address: Address, ending: CancellationToken) {
        let mut line = None;
        let mut backoff = Backoff::default();
        loop {
            let first = tokio::select! {
                () = ending.cancelled() => return,
                first = self.0.recv() => first,
            };
            let Some(first) = first else { return };
            let mut news = HashMap::from([first]);
            loop {
                // What came while the last ones were under way goes out as one.
                while let Ok((shop, seq)) = self.0.try_recv() {
                    let newest: &mut Seq = news.entry(shop).or_default();
                    *newest = seq.max(*newest);
                }
                let sent = tokio::select! {
                    () = ending.cancelled() => return,
                    sent = send(&mut line, &address, &news) => sent,
                };
                let Err(error) = sent else { break };
                line = None;
                let error = format!("{error:#}");
                tracing::warn!(
                    error,
                    "the other servers are not told; their benches hear later"
                );
                tokio::select! {
                    () = ending.cancelled() => return,
                    () = sleep(backoff.next()) => {}
                }
            }
            backoff.reset();
        }
    }
}

/// One hint from a program that ends after it.
pub async fn tell(address: &Address, hint: Hint) -> Result<(), StorageError> {
    let sent = async {
        let client = connect(address).await?;
        notify(&client, vec![hint.to_string()]).await
    };
    timeout(PATIENCE, sent)
        .await
        .map_err(|_| StorageError::Lost)?
}

async fn send(
    line: &mut Option<Client>,
    address: &Address,
    news: &HashMap<ShopId, Seq>,
) -> Result<(), StorageError> {
    let hints = news
        .iter()
        .map(|(shop, seq)| Hint::At(*shop, *seq).to_string());
    let hints = hints.collect();
    let sent = async {
        let client = match line.take_if(|client| !client.is_closed()) {
            Some(client) => client,
            None => connect(address).await?,
        };
        notify(line.insert(client), hints).await
    };
    timeout(PATIENCE, sent)
        .await
        .map_err(|_| StorageError::Lost)?
}

async fn connect(address: &Address) -> Result<Client, StorageError> {
    let (client, connection) = address.connect().await?;
    // It ends with its client, and a broken one is found by the next that is sent.
    tokio::spawn(connection);
    client.batch_execute(QUIET).await.map_err(failed)?;
    Ok(client)
}

async fn notify(client: &Client, hints: Vec<String>) -> Result<(), StorageError> {
    let done = client.query(NOTIFY, &[&CHANNEL, &hints]).await;
    done.map(drop).map_err(failed)
}

fn failed(error: tokio_postgres::Error) -> StorageError {
    StorageError::Engine(error.into())
}
