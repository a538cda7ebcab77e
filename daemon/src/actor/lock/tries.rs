//! Wrong PINs: how many there were, and how long the next one waits.

use std::time::Duration;

use redtag_protocol::ipc::Lock;

use crate::{actor::clock, cache::MOST};

/// From so many wrong PINs on, each makes the next one wait.
const PATIENCE: u32 = 5;
/// How long after the first of those; twice as long after each that follows.
const PAUSE: Duration = Duration::from_secs(30);
/// How often the PIN of an account was wrong. Counted from the start of this daemon, a pause cannot be
/// cut short by setting the machine's clock, nor by starting the daemon anew.
pub(in crate::actor) struct Tries {
    pub(super) failures: u32,
    /// Since the machine started.
    not_before: Duration,
    /// Whether one is being looked at.
    pub(super) busy: bool,
}

impl Tries {
    /// So many were wrong, the last one just now for all that is known.
    pub(in crate::actor) fn new(failures: u32) -> Self {
        Self {
            failures,
            not_before: clock::since_boot() + pause(failures),
            busy: false,
        }
    }

    /// How the lock stands for a connection that has not shown the PIN.
    pub(super) fn state(&self) -> Lock {
        if self.failures >= MOST {
            return Lock::Spent;
        }
        let left = self.not_before.saturating_sub(clock::since_boot());
        if left.is_zero() {
            return Lock::Locked;
        }
        Lock::Waiting {
            seconds: left.as_secs().saturating_add(1),
        }
    }
}

/// How long to wait after so many wrong PINs.
pub(super) fn pause(failures: u32) -> Duration {
    match failures.checked_sub(PATIENCE) {
        Some(more) => PAUSE * 2_u32.saturating_pow(more),
        None => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests;
