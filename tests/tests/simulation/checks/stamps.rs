//! Stamps of one cache only grow, unless the last was more than a minute ahead of the corrected
//! clock: then that clock was wrong, and the stamp waits for it.

use redtag_protocol::stamp::Stamp;

use super::Violation;

const AHEAD: u64 = 60_000;

/// `now`: the bench's corrected clock at the later one.
pub(crate) fn check(before: Stamp, after: Stamp, now: u64) -> Result<(), Violation> {
    let grows = after > before || before.0 >= now.saturating_add(AHEAD);
    let bounded = after.0 <= now.saturating_add(AHEAD);
    if grows && bounded {
        return Ok(());
    }
    Err(Violation::new(
        "stamps are monotone",
        format!("{} after {} at {now}", after.0, before.0),
    ))
}

pub(crate) fn can_fail() {
    assert!(check(Stamp(5), Stamp(6), 4).is_ok());
    assert!(check(Stamp(100_000), Stamp(60_004), 4).is_ok());
    assert!(check(Stamp(5), Stamp(5), 4).is_err());
    assert!(check(Stamp(5), Stamp(70_000), 4).is_err());
}
