//! `POST /v1/enrol`: a kiosk, which is nobody's in particular, by a token that is good once.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sign_in::Device;

/// The token and the device. `Debug` never shows the token. Answer: [`super::sign_in::SignedIn`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Request {
    /// As `redtag-server kiosk token` printed it.
    pub token: String,
    /// The device that signs in.
    pub device: Device,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}
