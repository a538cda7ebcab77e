//! `GET /v1/version`: which program answers, and which versions of the API it speaks.

use serde::{Deserialize, Serialize};

/// What a server of this source speaks. A version stands for what a bench must be able to read:
///
/// 1. inspections whose every field names its writer in full;
/// 2. inspections with a table of writers ([`crate::inspection::Inspection`]). Those that were stored
///    under version 1 are sent as they are, and an inspection that changes is in the new form, so
///    that there is no speaking to benches which know only the first.
pub const SERVED: Range = Range { min: 2, max: 2 };

/// What a bench of this source understands.
pub const UNDERSTOOD: Range = Range { min: 1, max: 2 };

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
