//! `POST /v1/second-factor`: a person's second factor, begun, confirmed and given up with the
//! password anew; `GET /v1/shops/{shop}/second-factor`: whether there is one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is to be done, and by whom. `Debug` shows neither password nor code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Request {
    /// The address that the person signs in with.
    pub email: String,
    /// The password, whatever sign-ins there are.
    pub password: String,
    /// A code: of the secret that is confirmed, or of the second factor that there is, or a recovery
    /// code of it. Not needed to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is to be done.
    pub wish: Wish,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("email", &self.email)
            .field("wish", &self.wish)
            .finish_non_exhaustive()
    }
}

/// What is to be done with a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Wish {
    /// Draws a secret. It asks nobody for anything until it is confirmed; beginning again draws
    /// another one. Answer: `begun`.
    Begin,
    /// Shows by a code that the secret arrived; from then on it is asked for. Answer: `codes`.
    Confirm,
    /// Draws recovery codes anew; those from before are good no more. Answer: `codes`.
    Codes,
    /// Gives it up. Answer: `removed`.
    Remove,
}

/// What was done. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Answer {
    /// A secret was drawn; this is the only time that it is shown.
    Begun {
        /// In base32 (RFC 4648), to be typed into an authenticator: codes of six digits, every 30
        /// seconds, SHA-1.
        secret: String,
        /// The same as an `otpauth:` address, to be shown as a picture.
        address: String,
    },
    /// Recovery codes, good once each; this is the only time that they are shown.
    Codes {
        /// Ten of them.
        codes: Vec<String>,
    },
    /// There is none any more.
    Removed,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Begun { .. } => "Begun(…)",
            Self::Codes { .. } => "Codes(…)",
            Self::Removed => "Removed",
        })
    }
}

/// How things stand with the caller's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standing {
    /// Whether a code is asked for at sign-in.
    pub confirmed: bool,
    /// How many recovery codes are left.
    pub codes: u32,
    /// Whether the shop lets nobody of the caller's role sign in without one.
    pub demanded: bool,
}
