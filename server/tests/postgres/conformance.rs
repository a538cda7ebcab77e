//! The storage's contract, rule by rule, as the embedded engine is tested by it.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    Vec::new()
}
