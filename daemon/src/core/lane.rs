//! One kind of work: at most one running and one wanted.

use super::{Moment, Pace, backoff};

/// Names a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaneName {
    /// New access tokens.
    Refresh,
    /// Changes of others.
    Pull,
    /// Changes of ours.
    Push,
    /// A new device id.
    Register,
    /// The live channel.
    Live,
}

/// A lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lane {
    /// Whether it is on its way.
    pub(super) running: bool,
    /// Whether it is wanted, again if it runs.
    pub(super) wanted: bool,
    failures: u32,
    not_before: u64,
    /// Whether the API itself named `not_before`.
    held: bool,
}

impl Lane {
    /// A lane that is to begin.
    pub(super) fn wanted() -> Self {
        Self {
            wanted: true,
            ..Self::default()
        }
    }

    /// Whether it is to begin now.
    pub(super) fn due(&self, now: u64) -> bool {
        self.wanted && !self.running && now >= self.not_before
    }

    /// When it is to begin, if that is later.
    pub(super) fn later(&self) -> Option<u64> {
        (self.wanted && !self.running).then_some(self.not_before)
    }

    /// It begins.
    pub(super) fn begin(&mut self) {
        self.running = true;
        self.wanted = false;
    }

    /// It ended well.
    pub(super) fn done(&mut self) {
        *self = Self {
            wanted: self.wanted,
            ..Self::default()
        };
    }

    /// It failed and is wanted again after a while.
    pub(super) fn failed(&mut self, moment: Moment, pace: Pace) {
        self.running = false;
        self.wanted = true;
        self.failures = self.failures.saturating_add(1);
        let delay = backoff::delay(self.failures, pace.max_backoff, moment.random);
        self.not_before = moment.now.saturating_add(delay);
        self.held = false;
    }

    /// It stopped for no fault of its own and is wanted again at once.
    pub(super) fn again(&mut self) {
        self.running = false;
        self.wanted = true;
    }

    /// The API named the time of the next try.
    pub(super) fn hold(&mut self, until: u64) {
        self.running = false;
        self.wanted = true;
        self.not_before = until;
        self.held = true;
    }

    /// There is reason to try at once, unless the API asked for patience.
    pub(super) fn hurry(&mut self) {
        if !self.held {
            self.failures = 0;
            self.not_before = 0;
        }
    }
}
