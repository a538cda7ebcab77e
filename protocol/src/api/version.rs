//! `GET /v1/version`: which program answers, and which versions of the API it speaks.

use serde::{Deserialize, Serialize};

/// The API version of this source.
pub const API: u16 = 1;

/// What the server speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Version {
    /// Always `redtag-server`; anything else answering here is another program.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// The API versions it speaks.
    pub api: Range,
    /// The operation schemas it takes.
    pub schema: Range,
}

/// An inclusive range of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Range {
    /// The oldest.
    pub min: u16,
    /// The newest.
    pub max: u16,
}

impl Range {
    /// The newest version that both sides speak.
    pub fn common(self, other: Self) -> Option<u16> {
        let newest = self.max.min(other.max);
        (newest >= self.min.max(other.min)).then_some(newest)
    }
}
