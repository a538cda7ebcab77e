//! `GET /v1/shops/{shop}/tokens` lists the access tokens of scripts, `POST …/tokens` makes one, and
//! `POST …/tokens/end` takes one back. A script sends its token as “Authorization: Bearer …” to the
//! addresses that are open to its [`Scope`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    event::Scope,
    ids::{PassId, PersonId},
    stamp::Stamp,
};

/// For how many days a token is good where nobody says.
pub const DAYS: u64 = 90;

/// The longest life of a token, in days.
pub const MOST_DAYS: u64 = 366;

/// The tokens of the shop that are good, the newest first: of everybody for an owner, of the caller for
/// everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// One each.
    pub tokens: Vec<Token>,
}

/// What is known of a token, which does not show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// Names it. As a device id it is the one that the token pushes operations under.
    pub id: PassId,
    /// As whom it acts.
    pub person: PersonId,
    /// How colleagues call the person.
    pub name: String,
    /// What the person calls the token.
    pub called: String,
    /// What it may do, at most: never more than the person.
    pub scope: Scope,
    /// When it was made.
    pub created: Stamp,
    /// When it is good no more.
    pub expires: Stamp,
}

/// A token is wanted; whoever wants it shows once more who they are, since it outlives the sign-in.
/// `Debug` shows neither password nor code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Request {
    /// The caller's password.
    pub password: String,
    /// A code of the second factor, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it is called, such as the script's name.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// For how many days, at most [`MOST_DAYS`].
    pub days: u64,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("name", &self.name)
            .field("scope", &self.scope)
            .field("days", &self.days)
            .finish_non_exhaustive()
    }
}

/// A token that was made. `Debug` does not show it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Made {
    /// The token, shown this once.
    pub secret: String,
    /// What is known of it.
    pub token: Token,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// Which token is taken back: the caller's own, or anybody's for an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct End {
    /// Which.
    pub token: PassId,
}

/// It is good no more; doing it twice is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ended {
    /// Whether this request did it.
    pub now: bool,
}
