//! Saved means durable: what was called saved is there after the process died.

use super::Violation;

/// `promised`: place and number of what was called saved and has no outcome; `kept`: the places in
/// the outbox.
pub(crate) fn check(promised: &[(i64, u64)], kept: &[i64], name: &str) -> Result<(), Violation> {
    match promised.iter().find(|(place, _)| !kept.contains(place)) {
        Some((_, number)) => Err(Violation::new(
            "saved is durable",
            format!("{name} has lost its operation {number}, which was called saved"),
        )),
        None => Ok(()),
    }
}

pub(crate) fn can_fail() {
    assert!(check(&[(1, 1)], &[1, 2], "b").is_ok());
    assert!(check(&[(1, 1), (3, 2)], &[1, 2], "b").is_err());
}
