//! `POST /v1/token` (RFC 6749, section 6): a refresh token for new tokens, as a form, with the
//! device key's proof in the `DPoP` header (RFC 9449).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The form.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Request {
    /// Always `refresh_token`.
    pub grant_type: String,
    /// The refresh token.
    pub refresh_token: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("grant_type", &self.grant_type)
            .finish_non_exhaustive()
    }
}

/// Access and refresh token. `Debug` never shows them.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// A signed token for the other endpoints.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    /// The next refresh token; it must be kept durably before it is used.
    pub refresh_token: String,
    /// The shop's public key, as an age recipient (`age1…`, X25519): what a device has not sent when
    /// its membership ends is sealed to it, and opened by the shop. Not said by older APIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_to: Option<String>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
