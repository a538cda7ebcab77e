//! A shop and its members, as documents that benches can pull.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    canned::Kept,
    ids::{CannedId, PersonId, ShopId},
    role::Role,
};

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shop {
    /// Its id.
    pub id: ShopId,
    /// Its name.
    pub name: String,
    /// What the owner chose.
    #[serde(default)]
    pub settings: Settings,
    /// The canned notes that it keeps besides those that templates bring along.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub canned: BTreeMap<CannedId, Kept>,
    /// Fields that a newer program wrote.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// What an owner may choose for the whole shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// Whether a template's photo requirements must be met before submitting. Off until photos
    /// can be taken: a shop that turns it on before then hands in nothing that asks for one.
    #[serde(default)]
    pub demand_photos: bool,
    /// Whether owners and dispatchers sign in with a second factor only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demand_second_factor: bool,
    /// Whether a device may be let in by a code that its person types on a page (RFC 8628).
    // What is so everywhere is not said: documents from before are as they were.
    #[serde(default = "on", skip_serializing_if = "Clone::clone")]
    pub device_codes: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            demand_photos: false,
            device_codes: true,
            demand_second_factor: false,
        }
    }
}

const fn on() -> bool {
    true
}

/// A person's place in one shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The person.
    pub id: PersonId,
    /// How colleagues call the person.
    pub name: String,
    /// The role in this shop.
    pub role: Role,
    /// Whether the membership has ended; the name stays for the timeline.
    #[serde(default)]
    pub removed: bool,
    /// Fields that a newer program wrote.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}
