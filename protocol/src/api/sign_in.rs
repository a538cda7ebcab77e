//! `POST /v1/sign-in`: e-mail and password from Redtag's own client, for shops without a browser.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::token::Tokens;
use crate::{
    ids::{DeviceId, PersonId, ShopId},
    role::Role,
};

/// Who signs in, on which device. `Debug` shows neither password nor code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Request {
    /// The address the member was added with.
    pub email: String,
    /// The password.
    pub password: String,
    /// A code of the second factor, where the person has one: by time, or for recovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The shop, where the person belongs to several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<ShopId>,
    /// The device that signs in.
    pub device: Device,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// A device as it introduces itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// Made with the cache.
    pub id: DeviceId,
    /// What people call the bench, such as its host name.
    pub name: String,
    /// The public half of its Ed25519 key, 32 bytes in unpadded base64url (as `x` in RFC 8037).
    pub key: String,
}

/// A shop that the person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    /// The shop.
    pub shop: ShopId,
    /// Its name.
    pub name: String,
    /// The person's role there.
    pub role: Role,
}

/// The sign-in succeeded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// The person.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
    /// The address that stands for the person, where the request did not say it: a kiosk's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The shop that was signed in to.
    pub membership: Membership,
    /// Access and refresh token.
    pub tokens: Tokens,
    /// The highest number that the API has decided for this device in this shop: 0 for a new one.
    pub last_number: u64,
}
