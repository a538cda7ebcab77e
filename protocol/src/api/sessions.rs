//! `GET /v1/shops/{shop}/sessions` lists sign-ins, `POST …/sessions/revoke` takes one from its device,
//! and `POST /v1/destroyed` is that device's word that it did what follows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{DeviceId, PersonId, SessionId},
    stamp::Stamp,
};

/// The sign-ins to the shop that have not ended, the newest first: of everybody for an owner, of
/// the caller for everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sessions {
    /// One each.
    pub sessions: Vec<Session>,
}

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Names it.
    pub id: SessionId,
    /// Whose it is.
    pub person: PersonId,
    /// How colleagues call the person.
    pub name: String,
    /// The device that it is on now.
    pub device: DeviceId,
    /// What people call the device; empty where nobody does.
    pub device_name: String,
    /// When it began.
    pub created: Stamp,
    /// When it was last renewed, which it is every ten minutes while a bench is on.
    pub used: Stamp,
    /// Whether it is the one that asks.
    pub own: bool,
}

/// Which sign-in is taken from its device: the caller's own, or anybody's for an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revoke {
    /// Which.
    pub session: SessionId,
}

/// It is revoked; doing it twice is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revoked {
    /// Whether this request did it.
    pub now: bool,
}

/// A device says that it has locked, sealed what was unsent to the shop, and destroyed its key. As
/// at the token endpoint: a form, with the device key's proof for `/v1/destroyed` in the `DPoP`
/// header.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Destroyed {
    /// The refresh token of the sign-in that was revoked.
    pub refresh_token: String,
}

impl fmt::Debug for Destroyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Destroyed(…)")
    }
}

/// It is noted; saying it twice is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Noted {
    /// Whether this request did it.
    pub now: bool,
}
