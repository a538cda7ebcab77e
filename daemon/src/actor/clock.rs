//! Time and randomness, the inputs of everything else.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use redtag_protocol::stamp::Stamp;

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
