//! Every statement, against the real schema and as the app role.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    Vec::new()
}
