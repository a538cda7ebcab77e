//! What time it is, as far as the API has told, and what is old by that.

use redtag_protocol::stamp::Stamp;

use super::{CacheError, Store, outbox};

/// How long to wait before looking again for what is old, in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// What was heard of the API's clock since the start.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Whether it told its time.
    date: bool,
    /// When old operations were dropped last.
    tidied: Option<Stamp>,
}

impl Store {
    /// Corrects stamps by the API's clock. Kept with the next transaction that writes the place.
    pub fn correct_clock(&mut self, api: Stamp, wall: Stamp) {
        let signed = |stamp: Stamp| i64::try_from(stamp.0).unwrap_or(i64::MAX);
        // The header has whole seconds: half of one is the best guess.
        self.meta.offset = signed(api).saturating_add(500).saturating_sub(signed(wall));
        self.heard.date = true;
    }

    /// This machine's clock was set by so many milliseconds: the correction takes them back, so
    /// that stamps go on as they were. Kept with the next transaction that writes the place.
    pub fn clock_jumped(&mut self, by: i64) {
        self.meta.offset = self.meta.offset.saturating_sub(by);
    }

    /// The time by the API's clock, as far as it is known.
    pub(super) fn corrected(&self, wall: Stamp) -> Stamp {
        Stamp(wall.0.saturating_add_signed(self.meta.offset))
    }

    /// Drops acknowledged operations that are old enough, once a day. Nothing is dropped where the
    /// API's clock was not heard since the start: this machine's own may stand anywhere.
    pub fn tidy_daily(&mut self, wall: Stamp) -> Result<(), CacheError> {
        let now = self.corrected(wall);
        let lately = |at: Stamp| now.0 < at.0.saturating_add(DAY);
        if !self.heard.date || self.heard.tidied.is_some_and(lately) {
            return Ok(());
        }
        self.tidy(now)?;
        self.heard.tidied = Some(now);
        Ok(())
    }

    /// Drops acknowledged operations that are old enough.
    pub(super) fn tidy(&mut self, now: Stamp) -> Result<(), CacheError> {
        self.transact(|tx| outbox::forget_old(tx, now))
    }
}
