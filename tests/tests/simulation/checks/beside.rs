//! While another copy is built, the one before it stays and is shown.

use super::Violation;

/// `before` and `after` a page: how many documents are shown. `swapped`: whether the copy that was
/// built took its place. `gone`: how many the page says are deleted.
pub(crate) fn check(
    (before, after): (u64, u64),
    swapped: bool,
    gone: impl FnOnce() -> u64,
    name: &str,
) -> Result<(), Violation> {
    if swapped || after >= before || after + gone() >= before {
        return Ok(());
    }
    Err(Violation::new(
        "what is shown stays until the next copy is whole",
        format!("{name} showed {before} documents and shows {after}"),
    ))
}

pub(crate) fn can_fail() {
    assert!(check((9, 9), false, || 0, "b").is_ok());
    assert!(check((9, 8), false, || 1, "b").is_ok());
    assert!(check((9, 7), true, || 0, "b").is_ok());
    assert!(check((9, 8), false, || 0, "b").is_err());
    assert!(check((9, 0), false, || 0, "b").is_err());
}
