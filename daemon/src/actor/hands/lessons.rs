//! What the pages of a pull teach the next ones.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

use redtag_protocol::stamp::Seq;

use crate::cache::Store;

/// How large a page is to be, in bytes: large enough that a commit is worth it, small enough for
/// several of them in memory.
const PAGE: usize = 512 << 10;

/// How many changes are asked for at first, at least and at most.
const FIRST: u32 = 400;
const MOST: u32 = 4_000;

/// What the pages before have taught.
#[derive(Debug)]
pub(in crate::actor) struct Lessons {
    /// How many changes to ask for.
    limit: AtomicU32,
    /// The place of the operation whose loss the API was asked about last.
    doubted: AtomicU64,
    /// Where the cache stood after the last page, while no other is on its way.
    place: Mutex<Option<Place>>,
}

/// Where a pull begins.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) cursor: Option<String>,
    /// What was acknowledged then; an older one only finds less.
    pub(super) acked: Seq,
}

impl Place {
    pub(super) fn of(store: &Store) -> Self {
        Self {
            cursor: store.meta().cursor.clone(),
            acked: store.newest_acked(),
        }
    }
}

impl Default for Lessons {
    fn default() -> Self {
        Self {
            limit: AtomicU32::new(FIRST),
            doubted: AtomicU64::new(0),
            place: Mutex::default(),
        }
    }
}

impl Lessons {
    /// Where the cache stands, once: a page that is not committed leaves it to be asked.
    pub(super) fn place(&self) -> Option<Place> {
        self.lock().take()
    }

    pub(super) fn stands(&self, place: Place) {
        *self.lock() = Some(place);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Place>> {
        // A place is whole whatever happened to the thread that put it there.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit.load(Ordering::Relaxed)
    }

    /// Whether the API is to be asked about an operation that should be at this place. What it
    /// says that it has is not asked for without end.
    pub(super) fn doubts(&self, seq: Seq) -> bool {
        self.doubted.swap(seq.0, Ordering::Relaxed) != seq.0
    }

    /// A page came that was not the last: so many bytes for what was asked.
    pub(super) fn came(&self, bytes: usize) {
        let limit = u64::from(self.limit());
        let size = u64::try_from(bytes).unwrap_or(u64::MAX).max(1);
        let fits = limit.saturating_mul(PAGE as u64) / size;
        // Not more than twice as many, for the next ones may be larger.
        let next = fits.clamp(1, limit * 2).min(u64::from(MOST));
        self.limit
            .store(u32::try_from(next).unwrap_or(MOST), Ordering::Relaxed);
    }

    /// A page broke off on its way: the next one is half as large.
    pub(super) fn broke_off(&self) {
        self.limit
            .store((self.limit() / 2).max(1), Ordering::Relaxed);
    }

    pub(super) fn too_much(&self) {
        self.limit
            .store((self.limit() / 4).max(1), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_as_large_as_the_ones_before_have_taught() {
        let size = Lessons::default();
        size.came(4 * PAGE);
        assert_eq!(size.limit(), FIRST / 4);
        size.came(0);
        assert_eq!(size.limit(), FIRST / 2);
        for _ in 0..20 {
            size.came(10);
        }
        assert_eq!(size.limit(), MOST);
        size.broke_off();
        assert_eq!(size.limit(), MOST / 2);
        for _ in 0..20 {
            size.too_much();
        }
        assert_eq!(size.limit(), 1);
        size.broke_off();
        assert_eq!(size.limit(), 1);
    }
}
