//! The line to the API. Every answer is bounded, every failure has its own words, and every
//! success carries the API's clock.

mod address;
mod body;
mod changes;
mod client;
mod credentials;
mod error;
mod key_copies;
mod lines;
mod live;
mod pairing;
mod token;
mod transport;
mod trust;

pub use address::Address;
pub use body::DEVICE_REVOKED;
pub use changes::{Changes, RawPage};
pub use client::Remote;
pub use error::RemoteError;
pub use live::{Live, LiveEvent};
pub use pairing::{Waiting, Word};
pub use token::{AccessToken, DeviceKey, RefreshToken};
pub use trust::Trust;

use redtag_protocol::stamp::Stamp;

/// An answer with the API's clock.
#[derive(Debug, Clone)]
pub struct Dated<T> {
    /// The answer.
    pub value: T,
    /// The API's `Date`, to whole seconds; none where a proxy took it away.
    pub date: Option<Stamp>,
}

/// The tokens of one sign-in. The refresh token must be kept durably before it is used.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For every other endpoint.
    pub access: AccessToken,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    /// For the next refresh.
    pub refresh: RefreshToken,
    /// The shop's public key for sealing; none from an older API.
    pub seal_to: Option<String>,
}

/// A sign-in that succeeded.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub person: redtag_protocol::ids::PersonId,
    /// The person's name.
    pub name: String,
    /// The address that stands for the person, where nobody said it.
    pub email: Option<String>,
    /// The shop that was signed in to.
    pub membership: redtag_protocol::api::sign_in::Membership,
    /// The tokens.
    pub tokens: Tokens,
    /// The highest number that the API has decided for this device in this shop.
    pub last_number: u64,
}

#[cfg(test)]
pub(crate) mod tests;
