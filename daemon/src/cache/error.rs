//! What can go wrong with a cache.

use std::{cell::Cell, path::PathBuf};

use rusqlite::ErrorCode;

/// A cache that cannot be used, or a change that was not made; whatever was saved before stands.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The database refused; nothing of the transaction was kept.
    #[error("the local database failed: {0}")]
    Sql(#[source] rusqlite::Error),
    /// A stored row is not what was written.
    #[error("a stored row cannot be read: {0}")]
    Row(#[from] serde_json::Error),
    /// A file beside the database.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The library was built without encryption; it would store plaintext.
    #[error(
        "this build has no encryption for the cache, so nothing is stored; install another one"
    )]
    NoCipher,
    /// The key is not the one that the cache was made with. The file is untouched.
    #[error(
        "the cache at {path} was made with another key; it is untouched. Give back the secret \
         store that it was made with, or sign in again"
    )]
    WrongKey {
        /// The database.
        path: PathBuf,
    },
    /// A newer program wrote the cache.
    #[error(
        "the cache has schema {found} and this program knows {known}; it is untouched. Install \
         the newer program again"
    )]
    Newer {
        /// What the file says.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// The thread is gone.
    #[error("the cache is closed")]
    Closed,
}

thread_local! {
    /// Whether a statement of this thread, which owns one cache, met damage since it was asked.
    static MET: Cell<bool> = const { Cell::new(false) };
}

/// Whether any statement met damage since this was last asked, on this thread: a read, an edit or a
/// pull, whatever became of its error.
pub(super) fn met_damage() -> bool {
    MET.replace(false)
}

impl From<rusqlite::Error> for CacheError {
    fn from(error: rusqlite::Error) -> Self {
        let error = Self::Sql(error);
        if error.damaged() {
            MET.set(true);
        }
        error
    }
}

impl CacheError {
    /// Whether the disk is full, which a person can change.
    pub fn disk_full(&self) -> bool {
        matches!(self, Self::Sql(rusqlite::Error::SqliteFailure(error, _))
            if error.code == ErrorCode::DiskFull)
    }

    /// Whether pages of the file are not what was written; the index of notes aside, which is made
    /// anew by itself.
    pub fn damaged(&self) -> bool {
        use rusqlite::ffi::SQLITE_CORRUPT_VTAB;
        matches!(self, Self::Sql(rusqlite::Error::SqliteFailure(error, _))
            if matches!(error.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                && error.extended_code != SQLITE_CORRUPT_VTAB)
    }

    /// Names the file that failed.
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
