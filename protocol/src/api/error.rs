//! The body of every answer that is not a success.

use serde::{Deserialize, Serialize};

/// What went wrong, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Error {
    /// For programs. Later versions may add codes.
    pub error: String,
    /// For people: what is wrong and what to do.
    pub message: String,
    /// Names the request in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// With [`code::CHOOSE_SHOP`]: the shops to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shops: Vec<super::sign_in::Membership>,
    /// With [`code::NOT_A_MEMBER`] and [`code::DEVICE_REVOKED`]: in which epoch of the database that is so, as
    /// [`super::changes::Cursor::epoch_word`] writes it. A database that was put back to before
    /// somebody joined does not know them either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
}

/// The codes that clients act upon.
pub mod code {
    /// 400: the request cannot be read; the message names the field.
    pub const INVALID: &str = "invalid";
    /// 401: no token, or an expired or altered one.
    pub const UNAUTHORIZED: &str = "unauthorized";
    /// 401: wrong e-mail address, password or code; never which.
    pub const BAD_CREDENTIALS: &str = "bad_credentials";
    /// 401 at sign-in: the password is right, and a code of the second factor is wanted too; ask again
    /// with one.
    pub const SECOND_FACTOR_REQUIRED: &str = "second_factor_required";
    /// 403 at sign-in: the shop lets nobody of this role in without a second factor, and the person has
    /// none; `POST /v1/second-factor` makes one.
    pub const MUST_ENROL: &str = "must_enrol";
    /// 409: the second factor is not what the request takes it for.
    pub const SECOND_FACTOR: &str = "second_factor";
    /// 403: the role does not hold the permission.
    pub const FORBIDDEN: &str = "forbidden";
    /// 403: the batch's device is not the one of this sign-in, such as after a cloned home took
    /// the sign-in to its own; register the device again and push the same bytes.
    pub const OTHER_DEVICE: &str = "other_device";
    /// 403: the person is no member of the shop any more: a definite answer in the epoch that comes
    /// with it.
    pub const NOT_A_MEMBER: &str = "not_a_member";
    /// 403, and 400 at the token endpoint: somebody has taken this sign-in from its device. A definite
    /// answer: the device locks, seals what is unsent to the shop, destroys its key, and says so at
    /// `POST /v1/destroyed`.
    pub const DEVICE_REVOKED: &str = "device_revoked";
    /// 404: not there, or not in this shop.
    pub const NOT_FOUND: &str = "not_found";
    /// 409: the person belongs to several shops; sign in again and name one.
    pub const CHOOSE_SHOP: &str = "choose_shop";
    /// 409: another person of the shop has signed in with this device id; make a new one.
    pub const DEVICE_TAKEN: &str = "device_taken";
    /// 413: more than the endpoint takes.
    pub const TOO_LARGE: &str = "too_large";
    /// 429: wait as long as `Retry-After` says. 400 at the token endpoint (RFC 8628, section 3.5):
    /// wait five seconds longer between two questions from now on.
    pub const SLOW_DOWN: &str = "slow_down";
    /// 400 at the token endpoint (RFC 8628, section 3.5): nobody has decided yet; ask again.
    pub const AUTHORIZATION_PENDING: &str = "authorization_pending";
    /// 400 at the token endpoint (RFC 8628, section 3.5): the person refused.
    pub const ACCESS_DENIED: &str = "access_denied";
    /// 400 at the token endpoint (RFC 8628, section 3.5): the code is too old; begin again.
    pub const EXPIRED_TOKEN: &str = "expired_token";
    /// 500: a fault of the server; the log has it under the request id.
    pub const INTERNAL: &str = "internal";
    /// 400 at the token endpoint (RFC 6749, section 5.2): the sign-in has ended. The only answer that
    /// ends it; a fresh access token that is not taken (401) stops the queue until somebody signs in.
    pub const INVALID_GRANT: &str = "invalid_grant";
    /// 400 at the token endpoint (RFC 9449, section 8): prove again with the nonce of `DPoP-Nonce`.
    pub const USE_DPOP_NONCE: &str = "use_dpop_nonce";
    /// 400 at the token endpoint: the proof of the device key is missing or wrong.
    pub const INVALID_DPOP_PROOF: &str = "invalid_dpop_proof";
}
