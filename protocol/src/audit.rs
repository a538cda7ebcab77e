//! Count and hash of a set of documents, so that two sides can see whether they hold the same.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::stamp::Seq;

/// How many documents there are, and the sum of their hashes.
///
/// Each document counts with the first 16 bytes, big endian, of SHA-256 over its kind, a zero byte,
/// its id as text, a zero byte and its version as eight bytes, big endian; sums wrap at 2^128. So
/// the order in which documents come does not matter, and a change costs two hashes whatever the
/// size of the shop. It finds what was lost or mixed up; it is no proof against a forger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Tally {
    /// How many documents.
    pub documents: u64,
    /// The wrapping sum of their hashes.
    pub sum: Sum,
}

/// The sum of a [`Tally`]; 32 hex digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
pub struct Sum(pub u128);

/// A text that is not 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sum of documents is 32 hex digits")]
pub struct SumError;

impl Tally {
    /// Counts a document in. A change of a document is [`take_out`](Self::take_out) of its former
    /// version and this of the new one.
    pub fn add(&mut self, kind: &str, id: &str, version: Seq) {
        self.documents = self.documents.wrapping_add(1);
        self.sum.0 = self.sum.0.wrapping_add(weight(kind, id, version));
    }

    /// Takes out a document that was counted in with exactly these.
    pub fn take_out(&mut self, kind: &str, id: &str, version: Seq) {
        self.documents = self.documents.wrapping_sub(1);
        self.sum.0 = self.sum.0.wrapping_sub(weight(kind, id, version));
    }
}

impl Sum {
    /// As it is stored: sixteen bytes, big endian.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// From what was stored.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

fn weight(kind: &str, id: &str, version: Seq) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update(kind.as_bytes());
    hasher.update([0]);
    hasher.update(id.as_bytes());
    hasher.update([0]);
    hasher.update(version.0.to_be_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(first)
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Sum {
    type Err = SumError;

    fn from_str(text: &str) -> Result<Self, SumError> {
        // The parser of numbers would take a sign and fewer digits too.
        if text.len() != 32 || !text.bytes().all(|it| it.is_ascii_hexdigit()) {
            return Err(SumError);
        }
        u128::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| SumError)
    }
}

impl TryFrom<String> for Sum {
    type Error = SumError;

    fn try_from(text: String) -> Result<Self, SumError> {
        text.parse()
    }
}

impl From<Sum> for String {
    fn from(sum: Sum) -> Self {
        sum.to_string()
    }
}

#[cfg(test)]
mod tests;
