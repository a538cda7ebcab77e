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

/// A server that ends does not wait longer.
const FAREWELL: Duration = Duration::from_secs(2);

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
    /// Sends what comes, one shop's hints as one, until the server has ended; then what is left,
    /// if that can be done at once.
    pub async fn send(mut self, address: Address, ended: CancellationToken) {
        let mut line = None;
        let mut news = HashMap::new();
        while let Some(()) = ended.run_until_cancelled(self.gather(&mut news)).await {
            let sending = self.deliver(&mut line, &address, &mut news);
            if ended.run_until_cancelled(sending).await.is_none() {
                break;
            }
        }
        self.take(&mut news);
        if !news.is_empty()
            && let Err(error) = send(&mut line, &address, &news, FAREWELL).await
        {
            let error = format!("{error:#}");
            tracing::debug!(error, "the other servers were not told of the last changes");
        }
    }

    /// Waits for the first hint. Loses nothing where it is given up.
    async fn gather(&mut self, news: &mut HashMap<ShopId, Seq>) {
        match self.0.recv().await {
            Some((shop, seq)) => newest(news, shop, seq),
            // Nobody is left who could tell anything; the end comes by itself.
            None => std::future::pending().await,
        }
    }

    /// Sends until it has succeeded. What came while the last try was under way goes out as one.
    async fn deliver(
        &mut self,
        line: &mut Option<Client>,
        address: &Address,
        news: &mut HashMap<ShopId, Seq>,
    ) {
        let mut backoff = Backoff::default();
        loop {
            self.take(news);
            let Err(error) = send(line, address, news, PATIENCE).await else {
                news.clear();
                return;
            };
            *line = None;
            let error = format!("{error:#}");
            tracing::warn!(
                error,
                "the other servers are not told; their benches hear later"
            );
            sleep(backoff.next()).await;
        }
    }

    /// What waits, without waiting.
    fn take(&mut self, news: &mut HashMap<ShopId, Seq>) {
        while let Ok((shop, seq)) = self.0.try_recv() {
            newest(news, shop, seq);
        }
    }
}

fn newest(news: &mut HashMap<ShopId, Seq>, shop: ShopId, seq: Seq) {
    let known = news.entry(shop).or_default();
    *known = seq.max(*known);
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
    patience: Duration,
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
    timeout(patience, sent)
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
