//! `POST /v1/shops/{shop}/devices`: registers a further device id under the present sign-in, when
//! a cloned or restored home was told that its own is in use twice.

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
}
