//! The lock of an account on a bench that several people use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What opens an account on a shared bench. It guards the screen and derives no key. `Debug` never
/// shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pin(pub String);

/// How many digits a PIN has: from, to.
pub const DIGITS: (usize, usize) = (4, 12);

impl Pin {
    /// Why it is none: it has other signs than digits, too few or too many of them.
    pub fn unfit(&self) -> Option<String> {
        let (from, to) = DIGITS;
        let digits = self.0.bytes().all(|byte| byte.is_ascii_digit());
        (!digits || !(from..=to).contains(&self.0.len()))
            .then(|| format!("a PIN is {from} to {to} digits"))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(test)]
mod tests;
