//! `POST /v1/shops/{shop}/devices`: registers a further device id under the present sign-in, when
//! a cloned or restored home was told that its own is in use twice.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::ids::DeviceId;

/// The new id. The session goes on under it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Request {
    /// Made by the bench.
    pub device: DeviceId,
    /// What people call the bench, such as its host name.
    pub name: String,
    /// Ids that the bench had before and has acknowledged operations of, at most [`FORMER`]: a
    /// database that was put back may have lost what it had acknowledged to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<DeviceId>,
    /// From which number on the API is to say what it holds: of `device`, then of each of `former`.
    /// Empty: of none. Asking does not change anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<u64>,
}

/// The most former ids in one request.
pub const FORMER: usize = 64;

/// The device is known now; doing it twice is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Registered {
    /// The highest number that the API has decided for it: 0 for a new one.
    pub last_number: u64,
    /// The same of each former id, in the order in which they were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<u64>,
    /// What stands under the numbers from those on that were asked for, in their order; at most
    /// [`DIGESTS`] in all, so that the later ones may be cut short or empty. What is missing up to
    /// the last number is there for the asking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Digests>,
}

/// The most numbers of which one answer tells.
pub const DIGESTS: usize = 8192;

/// The beginnings of the digests of what was decided under numbers that follow each other, none
/// where the outcome is not kept any more. A text of eight bytes each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
pub struct Digests(pub Vec<Option<[u8; 8]>>);

/// A text that is not one of digests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("digests are eight bytes each")]
pub struct DigestsError;

/// What says that nothing is kept.
const NONE: [u8; 8] = [0; 8];

/// The beginning of a digest.
pub fn short(digest: &[u8; 32]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    first
}

impl From<Digests> for String {
    fn from(it: Digests) -> Self {
        let bytes: Vec<u8> = it.0.iter().flat_map(|it| it.unwrap_or(NONE)).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl TryFrom<String> for Digests {
    type Error = DigestsError;

    fn try_from(text: String) -> Result<Self, DigestsError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| DigestsError)?;
        let (each, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(DigestsError);
        }
        let kept = |it: &[u8; 8]| (*it != NONE).then_some(*it);
        Ok(Self(each.iter().map(kept).collect()))
    }
}

#[cfg(test)]
mod tests;
