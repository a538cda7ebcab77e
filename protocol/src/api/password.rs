//! `POST /v1/shops/{shop}/password`: a person's own new password.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The old one, and the new one. `Debug` shows neither.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Request {
    /// The password until now.
    pub current: String,
    /// A code of the second factor, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The password from now on: at least eight characters, and not one that everybody knows.
    pub new: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request(…)")
    }
}

/// It is changed. Every other sign-in of the person has ended, in all shops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changed {
    /// Always true.
    pub changed: bool,
}
