//! The embedded engine: SQLCipher, one control file and one file per shop under one directory.
//!
//! Each file has one writing thread and a few reading ones, which own their connections; calls
//! reach them as closures over a channel, and a transaction is a session on the writing thread.
//! Shops are opened when they are first asked for; [`MAX_OPEN`] stay open.
//!
//! Several processes may use one directory: SQLite's locks serialise their writers. Only one may
//! serve it, which [`ServeLock`] sees to.

mod backup;
mod control;
mod convert;
mod copy;
mod credentials;
mod key_copies;
mod lock;
mod migrate;
mod moved;
mod open;
mod page;
mod pairings;
mod restore;
mod rows;
mod session;
mod shops;
mod worker;
mod write;

#[cfg(test)]
pub(crate) mod tests;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use redtag_protocol::ids::ShopId;
use rusqlite::{Connection, OptionalExtension as _, named_params};

pub use backup::{Digest, Manifest};
pub use lock::{AlreadyServed, ServeLock};
pub use moved::{Moved, to as moved_to};
pub use restore::{Found, Restore, RestoreError};
pub use rows::{Alone, Listed};

use self::{
    convert::fault,
    lock::UseLock,
    migrate::Schema,
    worker::{Crew, File, Muster, Workers},
};
use super::{ShopKey, StorageError, Wrap, sql};

/// So many shops keep their files open; beyond it the one that was used longest ago is closed.
pub const MAX_OPEN: usize = 64;

/// Readers of each file.
const READERS: usize = 2;

/// Where the files lie and how their keys are had.
pub struct Options {
    /// The directory; made, with 0700, where it is not there.
    pub dir: PathBuf,
    /// The key of the control file.
    pub control_key: ShopKey,
    /// Wraps the keys of the shops' files.
    pub wrap: Arc<dyn Wrap>,
}

/// The embedded engine.
///
/// Dropping it finishes what was asked for, closes all files, which also writes their logs back, and
/// waits for the threads: some milliseconds, unless a [`Transaction`](super::Transaction) is still
/// held.
pub struct SqliteStorage {
    dir: PathBuf,
    wrap: Arc<dyn Wrap>,
    control: Workers,
    epoch: u64,
    shelf: Mutex<Shelf>,
    /// Dropped after what stands above, whose threads it waits for.
    threads: Muster,
    _in_use: UseLock,
}

impl std::fmt::Debug for SqliteStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStorage")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

/// The open shops, with the tick of their last use.
#[derive(Default)]
struct Shelf {
    open: HashMap<ShopId, (Arc<Workers>, u64)>,
    tick: u64,
}

impl Shelf {
    fn take(&mut self, shop: ShopId) -> Option<Arc<Workers>> {
        self.tick += 1;
        let (workers, used) = self.open.get_mut(&shop)?;
        *used = self.tick;
        Some(workers.clone())
    }

    /// Puts a shop in. Who holds the one that falls out goes on with it; its threads end after.
    fn put(&mut self, shop: ShopId, workers: Arc<Workers>) {
        self.tick += 1;
        self.open.insert(shop, (workers, self.tick));
        if self.open.len() > MAX_OPEN {
            let oldest = self.open.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(shop) = oldest.map(|(shop, _)| *shop) {
                self.open.remove(&shop);
            }
        }
    }
}

impl SqliteStorage {
    /// Opens the database under a directory, or makes it, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unreadable`] for a wrong key or a damaged file, [`StorageError::Newer`] for
    /// one of a newer program, [`StorageError::Missing`] where shops are there without their list,
    /// [`StorageError::Moved`] or [`StorageError::Moving`] where it lives elsewhere or is about to;
    /// nothing is changed then.
    pub async fn open(options: Options) -> Result<Self, StorageError> {
        open::directory(&options.dir)?;
        let in_use = UseLock::shared(&options.dir)?;
        // Under the lock, so that no move ends between this look and the opening.
        if let Some(Moved { to, .. }) = moved::to(&options.dir)? {
            let dir = named(&options.dir);
            return Err(StorageError::Moved { dir, to });
        }
        Self::open_as(options, in_use).await
    }

    async fn open_as(options: Options, in_use: UseLock) -> Result<Self, StorageError> {
        let shops = options.dir.join("shops");
        open::directory(&shops)?;
        let crew = Crew::default();
        let file = File {
            path: options.dir.join("control.db"),
            key: options.control_key,
            schema: Schema::Control,
            // Where there are shops, there was a list of them; and so there was where a restore that
            // was broken off has moved both aside.
            whole: open::any_database(&shops)? || restore::is_underway(&options.dir),
            crew: crew.clone(),
        };
        let control = Workers::start("control", file, READERS).await?;
        let epoch = control.write(epoch).await?;
        Ok(Self {
            dir: shops,
            wrap: options.wrap,
            control,
            epoch,
            shelf: Mutex::default(),
            threads: Muster(crew),
            _in_use: in_use,
        })
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        // The shelf is whole between any two statements; a panic beside it does not spoil it.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, shop: ShopId) -> PathBuf {
        self.dir.join(format!("{shop}.db"))
    }

    /// The threads of a shop's file. Two callers may open a shop at once; the second one's threads
    /// end unused.
    async fn workers(&self, shop: ShopId) -> Result<Arc<Workers>, StorageError> {
        if let Some(workers) = self.shelf().take(shop) {
            return Ok(workers);
        }
        let found: Option<(Vec<u8>, bool)> = self
            .control
            .read(move |it| {
                let mut query = it.prepare_cached(sql::control::SHOP_KEY).map_err(fault)?;
                query
                    .query_row(named_params! {":id": shop.as_bytes()}, |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })
                    .optional()
                    .map_err(fault)
            })
            .await?;
        let (wrapped, ready) = found.ok_or(StorageError::NoShop(shop))?;
        let key = self.wrap.unwrap(shop, &wrapped)?;
        let file = File {
            path: self.file(shop),
            key,
            schema: Schema::Shop(shop),
            whole: ready,
            crew: self.threads.0.clone(),
        };
        let workers = Arc::new(Workers::start(&shop.to_string(), file, READERS).await?);
        let mut open = self.shelf();
        if let Some(there) = open.take(shop) {
            return Ok(there);
        }
        open.put(shop, workers.clone());
        Ok(workers)
    }
}

/// Reads the epoch, after drawing it where the database is new.
fn epoch(connection: &Connection) -> Result<u64, StorageError> {
    let drawn = i64::from_be_bytes(random()?);
    connection
        .prepare_cached(sql::control::EPOCH_DRAW)
        .and_then(|mut it| it.execute(named_params! {":epoch": drawn}))
        .map_err(fault)?;
    let epoch: i64 = connection
        .prepare_cached(sql::control::EPOCH)
        .and_then(|mut it| it.query_row([], |row| row.get(0)))
        .map_err(fault)?;
    Ok(epoch.cast_unsigned())
}

/// Bytes from the system's generator.
fn random<const N: usize>() -> Result<[u8; N], StorageError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StorageError::Engine(error.into()))?;
    Ok(bytes)
}

fn named(path: &Path) -> String {
    path.display().to_string()
}
