//! Commits that need not be on the disk when they return.
//!
//! What was saved here is promised to a person, and is durable before anybody hears of it. What the
//! API gives is another matter: a page commits together with its cursor, so that a page which a
//! power cut takes back is fetched again; an outcome that it takes back belongs to an operation
//! that waits again, is sent again under its number, and gets the same outcome from what the API
//! keeps. In the write-ahead log a later commit is never there without the ones before it, and
//! every save makes all of them durable.

use super::{CacheError, Store};

/// How commits are made now.
#[derive(Debug, Default)]
pub(super) struct Durability {
    /// Whether the work at hand asks for no more than order.
    lazy: bool,
    /// Whether the connection was told so.
    told_lazy: bool,
}

struct Lazily<'a>(&'a mut Store);

impl Drop for Lazily<'_> {
    fn drop(&mut self) {
        // After a panic as well: what is saved next is a promise again.
        self.0.durability.lazy = false;
    }
}

impl Store {
    /// Runs work whose commits may be lost in a power cut, because the API gives the same again.
    /// Their order among other commits is kept, and the end of the program loses nothing.
    pub fn lazily<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, CacheError>,
    ) -> Result<T, CacheError> {
        self.durability.lazy = true;
        work(Lazily(self).0)
    }

    /// Before each transaction: ends one that is open behind it, and tells the connection what the
    /// work at hand asks for. Where it cannot be told there is no transaction.
    pub(super) fn tell_durability(&mut self) -> Result<(), CacheError> {
        self.make_way();
        self.tell_lazy()
    }

    /// Tells the connection what the work at hand asks for.
    pub(super) fn tell_lazy(&mut self) -> Result<(), CacheError> {
        let Durability { lazy, told_lazy } = self.durability;
        if lazy != told_lazy {
            let how = if lazy { "NORMAL" } else { "FULL" };
            self.conn.pragma_update(None, "synchronous", how)?;
            self.durability.told_lazy = lazy;
        }
        Ok(())
    }
}
