//! The hosted engine: PostgreSQL, one schema for all shops, behind row-level security.
//!
//! A call is one transaction on a pooled connection, most of them one flight to the server and
//! back: begin, say for which shop, ask or write, commit. The connection holds nothing between two
//! of them. Several API processes may use one database; what keeps their writers apart is the lock
//! on the shop's head.

pub mod guard;
pub mod hints;
pub mod setup;

mod address;
mod control;
mod convert;
mod copy;
mod credentials;
mod fault;
mod flight;
mod grants;
mod key_copies;
mod line;
mod migrate;
mod page;
mod pairings;
mod pool;
mod queue;
mod shops;
mod statement;
mod text;
mod transaction;
mod value;
mod versions;
mod write;

#[cfg(feature = "testing")]
mod peek;
#[cfg(feature = "testing")]
pub mod texts;

pub use address::{Address, AddressError, ConnectError, Connection, TrustError};
pub(super) use fault::fault;
pub(super) use text::numbered;

use std::{sync::Arc, time::Duration};

use deadpool::Runtime;
use redtag_protocol::ids::ShopId;
use tokio::time::timeout;

use self::{
    fault::no_line,
    flight::{Answer, Call, call},
    line::{Line, OPENING, Purpose, Scope, unit},
    pool::{Lines, Pool},
    queue::{Queues, Turn},
    value::named,
    versions::Versions,
};
use super::{StorageError, Wrap, sql, transfer};
use crate::keys::random;

/// Connections where the operator names no number. A transaction keeps one for some milliseconds,
/// most of them waiting for the disk, and writers of one shop take turns before they take one; so
/// this serves hundreds of shops. More only make the server's processors change places, and three
/// API processes stay well below PostgreSQL's own limit of a hundred.
pub const CONNECTIONS: usize = 16;

/// How long a call waits where nothing else is said: a bench that gets no answer gives up a request
/// later than that.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Where the database is and how its keys are had.
pub struct Options {
    /// The database, and the app role.
    pub address: Address,
    /// Wraps the keys of the shops.
    pub wrap: Arc<dyn Wrap>,
    /// At most so many connections are open at once.
    pub connections: usize,
    /// How long a call waits for a connection, or a writer for its turn, before it answers `Busy`.
    pub patience: Duration,
}

/// The hosted engine.
///
/// Dropping it closes the connections as soon as nothing is on its way.
pub struct PostgresStorage {
    address: Address,
    pool: Pool,
    wrap: Arc<dyn Wrap>,
    queues: Queues,
    versions: Versions,
    patience: Duration,
    epoch: u64,
}

impl std::fmt::Debug for PostgresStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStorage")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl PostgresStorage {
    /// Opens a database whose schema is there. It never changes a schema.
    ///
    /// # Errors
    ///
    /// [`StorageError::Connect`] where nobody lets us in, [`StorageError::Arriving`] where a move
    /// into the database is not finished, [`StorageError::Unfit`] for a role, schema
    /// or server that is not as it must be, [`StorageError::Newer`] for a newer schema.
    pub async fn open(options: Options) -> Result<Self, StorageError> {
        let Options {
            address,
            wrap,
            connections,
            patience,
        } = options;
        let address = address.writing();
        let (client, connection) = address.connect().await?;
        let connection = tokio::spawn(connection);
        let checked = guard::check(&client).await;
        drop(client);
        // Ends now that nobody can ask it anything; how is of no interest.
        let _ = connection.await;
        checked?;
        // How long a connection may take to make, the address knows.
        let pool = Pool::builder(Lines(address.clone()))
            .max_size(connections.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(patience))
            .build()
            .map_err(|error| StorageError::Engine(error.into()))?;
        let mut storage = Self {
            address,
            pool,
            wrap,
            queues: Queues::default(),
            versions: Versions::default(),
            patience,
            epoch: 0,
        };
        storage.epoch = storage.draw_epoch().await?;
        Ok(storage)
    }

    /// Reads the epoch, after drawing it where the database is new. A move into the database sets
    /// epoch and mark together, so in this order one of us sees the other.
    async fn draw_epoch(&self) -> Result<u64, StorageError> {
        let drawn = i64::from_be_bytes(random());
        let calls = vec![
            call(sql::control::EPOCH_DRAW, named! {epoch: drawn}),
            call(sql::control::EPOCH, Vec::new()),
            call(transfer::ARRIVING, Vec::new()),
        ];
        let answers = self.unit(Purpose::Write, Scope::Nobody, calls).await?;
        let row = answers.get(1).and_then(Answer::row);
        let epoch: i64 = convert::column(row.ok_or(StorageError::Lost)?, 0)?;
        if answers.get(2).is_some_and(|it| it.row().is_some()) {
            return Err(StorageError::Arriving);
        }
        Ok(epoch.cast_unsigned())
    }

    /// Makes these calls as a transaction of their own, in one flight. One that only reads is tried
    /// once more where the line broke.
    async fn unit(
        &self,
        purpose: Purpose,
        scope: Scope,
        calls: Vec<Call<'_>>,
    ) -> Result<Vec<Answer>, StorageError> {
        let calls = unit(purpose, scope, calls);
        let mut done = self.once(&calls).await;
        if self.is_lost(&done) && matches!(purpose, Purpose::Read) {
            done = self.once(&calls).await;
        }
        let mut answers = done?;
        // Without the commit's.
        answers.pop();
        Ok(answers.split_off(OPENING))
    }

    async fn once(&self, calls: &[Call<'_>]) -> Result<Vec<Answer>, StorageError> {
        self.line(None).await?.fly(calls).await
    }

    /// Whether the connection turned out to be dead, so that what can be done twice is to be done
    /// once more. The idle connections are from before the same restart; none is tried again.
    fn is_lost<T>(&self, done: &Result<T, StorageError>) -> bool {
        is_lost(&self.pool, done)
    }

    /// A connection from the pool.
    async fn line(&self, turn: Option<Turn>) -> Result<Line, StorageError> {
        match self.pool.get().await {
            Ok(client) => Ok(Line::new(client, turn)),
            Err(error) => Err(no_line(error)),
        }
    }

    /// A writer's turn in its shop.
    async fn turn(&self, shop: ShopId) -> Result<Turn, StorageError> {
        let turn = timeout(self.patience, self.queues.turn(shop)).await;
        turn.map_err(|_| StorageError::Busy)
    }
}

/// See [`PostgresStorage::is_lost`].
fn is_lost<T>(pool: &Pool, done: &Result<T, StorageError>) -> bool {
    let lost = matches!(done, Err(StorageError::Lost));
    if lost {
        drop(pool.retain(|_, _| false));
    }
    lost
}
