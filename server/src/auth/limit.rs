//! Limits on how often: a bounded table of buckets, each filled at a steady rate.
//!
//! Kept as one number per key, the time at which the bucket is full again (the generic cell rate
//! algorithm of ATM's traffic contract). A bucket that is full again is forgotten, so an attacker
//! with a million addresses fills the table and no more; from then on keys that the table does not
//! know share one bucket.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The most buckets of one limiter.
pub const CAPACITY: usize = 50_000;

/// How much, how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many at once.
    pub burst: u32,
    /// Milliseconds until one more is granted.
    pub every: u64,
}

/// One limit, for many keys.
#[derive(Debug)]
pub struct Limiter {
    quota: Quota,
    capacity: usize,
    hasher: RandomState,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    /// When each bucket is full again, in milliseconds, by its key's hash.
    full_at: HashMap<u64, u64>,
    /// The bucket of all that found no room.
    shared: u64,
    /// When the table was last looked through for buckets that are full again.
    swept: u64,
}

impl Limiter {
    /// A limit for at most [`CAPACITY`] keys at a time.
    pub fn new(quota: Quota) -> Self {
        Self::with_capacity(quota, CAPACITY)
    }

    /// A limit for at most so many keys at a time.
    pub fn with_capacity(quota: Quota, capacity: usize) -> Self {
        Self {
            quota,
            capacity,
            hasher: RandomState::new(),
            table: Mutex::default(),
        }
    }

    /// Takes one from the key's bucket at `now` (milliseconds), or says in how many milliseconds
    /// there is one again.
    pub fn take(&self, key: impl Hash, now: u64) -> Result<(), u64> {
        let key = self.hasher.hash_one(key);
        let mut table = self.lock();
        let place = table.place(key, now, self.capacity);
        let full_at = (*place).max(now);
        let room = self.quota.every * u64::from(self.quota.burst.saturating_sub(1));
        match full_at.saturating_sub(now) {
            filled if filled > room => Err(filled - room),
            _ => {
                *place = full_at + self.quota.every;
                Ok(())
            }
        }
    }

    /// Puts one back: what was taken turned out to be rightful.
    pub fn put_back(&self, key: impl Hash) {
        let key = self.hasher.hash_one(key);
        if let Some(full_at) = self.lock().full_at.get_mut(&key) {
            *full_at = full_at.saturating_sub(self.quota.every);
        }
    }

    /// How many buckets there are now.
    pub fn len(&self) -> usize {
        self.lock().full_at.len()
    }

    /// Whether nobody has taken anything of late.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // A number is written in one go: a panic elsewhere leaves nothing half done.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn place(&mut self, key: u64, now: u64, capacity: usize) -> &mut u64 {
        // Looking through the table costs as much as the table is long: once a second at most.
        if self.full_at.len() >= capacity && now >= self.swept.saturating_add(1000) {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept = now;
        }
        if self.full_at.len() >= capacity && !self.full_at.contains_key(&key) {
            return &mut self.shared;
        }
        self.full_at.entry(key).or_default()
    }
}

#[cfg(test)]
mod tests;
