//! A place in a shop's order that proves of which life of the database it is.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{api::changes::Cursor, stamp::Seq};

/// A sequence and the first eight bytes of the shop's chain there. A database that was put back and
/// went on has another chain at the same number. 22 letters as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place {
    /// Everything up to here is meant.
    pub seq: Seq,
    /// The chain at that place.
    pub hash: [u8; 8],
}

/// A text that is not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a place in a shop's order is 16 bytes in 22 letters")]
pub struct PlaceError;

impl From<&Cursor> for Place {
    /// What a copy holds that goes on at this cursor, or is being made as of it.
    fn from(cursor: &Cursor) -> Self {
        Self {
            seq: cursor.seq,
            hash: cursor.hash,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 16];
        let (seq, hash) = bytes.split_at_mut(8);
        seq.copy_from_slice(&self.seq.0.to_be_bytes());
        hash.copy_from_slice(&self.hash);
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| PlaceError)?;
        let (seq, hash) = bytes.split_first_chunk().ok_or(PlaceError)?;
        Ok(Self {
            seq: Seq(u64::from_be_bytes(*seq)),
            hash: hash.try_into().map_err(|_| PlaceError)?,
        })
    }
}

impl TryFrom<String> for Place {
    type Error = PlaceError;

    fn try_from(text: String) -> Result<Self, PlaceError> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

#[cfg(test)]
mod tests;
