//! `POST /oauth/device_authorization` and the device grant at `POST /oauth/token` (RFC 8628): a device
//! without a browser is let in by a person who has one.
//!
//! Both take forms, and ignore fields that they do not know, as RFC 6749 wants of every server.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{sign_in::Membership, token::Tokens};
use crate::ids::{DeviceId, PersonId};

/// `grant_type` of a device that asks whether it was let in.
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `client_id` of Redtag's own daemon.
pub const DAEMON: &str = "redtagd";

/// Where the token endpoint is.
pub const TOKEN_PATH: &str = "/oauth/token";

/// Where a person types the code.
pub const PAGE_PATH: &str = "/device";

/// A device asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Begin {
    /// The program, as the person is to read it. There is no register of programs.
    pub client_id: String,
    /// What people call the device; the program's name where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// Made with the cache; one is made where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<DeviceId>,
    /// The public half of the device's Ed25519 key, 32 bytes in unpadded base64url. With it every call
    /// of the token endpoint must be proven (RFC 9449); without it refresh tokens are good once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_key: Option<String>,
}

/// What the device shows and keeps. `Debug` shows neither code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Begun {
    /// What the device alone knows.
    pub device_code: String,
    /// What the person types, such as `BCDF-GHJK`.
    pub user_code: String,
    /// The page on which it is typed. There is no address that holds the code: it is typed by hand, so
    /// that nobody is let in by a link that somebody sent.
    pub verification_uri: String,
    /// Seconds until both codes are good no more.
    pub expires_in: u64,
    /// Seconds to wait between two questions.
    pub interval: u64,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun")
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

/// The token endpoint's form. `Debug` never shows what is in it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ask {
    /// [`DEVICE_CODE`] or `refresh_token`.
    pub grant_type: String,
    /// As at the beginning; with [`DEVICE_CODE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// With [`DEVICE_CODE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_code: Option<String>,
    /// With `refresh_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask")
            .field("grant_type", &self.grant_type)
            .finish_non_exhaustive()
    }
}

/// The device was let in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LetIn {
    /// Access and refresh token.
    #[serde(flatten)]
    pub tokens: Tokens,
    /// Who let it in.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The shop that the person chose.
    pub membership: Membership,
    /// The highest number that the API has decided for this device in this shop: 0 for a new one.
    pub last_number: u64,
}

/// What the token endpoint answers: to a device everything, to a renewal the tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Answer {
    /// To [`DEVICE_CODE`].
    LetIn(Box<LetIn>),
    /// To `refresh_token`.
    Renewed(Tokens),
}
