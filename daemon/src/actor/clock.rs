//! Time and randomness, the inputs of everything else.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use redtag_protocol::stamp::Stamp;
use rustix::time::{ClockId, clock_gettime};

use crate::core::Moment;

/// This machine's clock.
pub(super) fn wall() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Stamp(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// Random bytes. Where the system gives none, zeros: they only spread tries in time; ids and keys
/// are made elsewhere and fail instead.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::error!("the operating system gave no random bytes");
    }
    bytes
}

/// Now, counted from `begin`.
pub(super) fn moment(begin: Instant) -> Moment {
    let now = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    Moment {
        // Nought means “at once” in the machine.
        now: now.saturating_add(1),
        wall: wall(),
        random: random(),
    }
}

/// Time since the machine started, its sleep included; nobody sets it.
pub(super) fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let since = Duration::from_secs(seconds) + Duration::from_nanos(time.tv_nsec.unsigned_abs());
    #[cfg(test)]
    let since = since + PASSED.get();
    since
}

#[cfg(test)]
thread_local! {
    /// How much more time has passed, for a test whose actor runs on its own thread.
    static PASSED: std::cell::Cell<Duration> = const { std::cell::Cell::new(Duration::ZERO) };
}

/// Lets time pass.
#[cfg(test)]
pub(super) fn pass(time: Duration) {
    PASSED.set(PASSED.get() + time);
}

/// Less than this, in milliseconds, is a clock that is slewed or read late.
const JUMP: u64 = 2_000;

/// Notices when somebody sets this machine's clock.
pub(super) struct Watch {
    wall: Stamp,
    boot: Duration,
}

impl Watch {
    /// From now on.
    pub(super) fn new() -> Self {
        Self {
            wall: wall(),
            boot: since_boot(),
        }
    }

    /// By how many milliseconds the clock was set since it was last asked; none where it was not.
    pub(super) fn jumped(&mut self) -> Option<i64> {
        self.compare(wall(), since_boot())
    }

    fn compare(&mut self, wall: Stamp, boot: Duration) -> Option<i64> {
        let passed = boot.saturating_sub(self.boot).as_millis();
        let expected = self.wall.0.saturating_add(u64::try_from(passed).ok()?);
        *self = Self { wall, boot };
        let by = wall.0.checked_signed_diff(expected)?;
        (by.unsigned_abs() > JUMP).then_some(by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_is_noticed_and_sleep_and_drift_are_not() {
        let at = |wall, boot| (Stamp(wall), Duration::from_millis(boot));
        let mut watch = Watch {
            wall: Stamp(1_000_000),
            boot: Duration::from_millis(50),
        };
        for ((wall, boot), expected) in [
            (at(1_001_000, 1_050), None),
            // Eight hours of sleep.
            (at(29_801_000, 28_801_050), None),
            (at(29_802_500, 28_802_050), None),
            (at(33_402_500, 28_802_050), Some(3_600_000)),
            (at(33_403_500, 28_803_050), None),
            (at(1_000, 28_803_050), Some(-33_402_500)),
        ] {
            assert_eq!(watch.compare(wall, boot), expected, "{wall:?}");
        }
    }
}
