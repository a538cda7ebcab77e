//! What people, kiosks and scripts get in with besides a password.

use redtag_protocol::{
    ids::{DeviceId, KeyCopyId, PassId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};

/// A person's second factor: codes by time.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Whose.
    pub person: PersonId,
    /// Counts its changes, from 1.
    pub version: u64,
    /// The secret, wrapped; the storage never sees the plain one.
    pub wrapped: Vec<u8>,
    /// When a first code showed that the person has it; until then it is asked of nobody.
    pub confirmed: Option<Stamp>,
    /// The step whose code was used last.
    pub step: u64,
    /// The digests of recovery codes that are not used yet.
    pub codes: Vec<[u8; 32]>,
    /// When it was begun.
    pub created: Stamp,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor")
            .field("person", &self.person)
            .field("version", &self.version)
            .field("confirmed", &self.confirmed)
            .finish_non_exhaustive()
    }
}

/// A sign-in at a provider (OpenID Connect), and whose it is here.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's address.
    pub issuer: String,
    /// The person there.
    pub subject: String,
    /// The person here.
    pub person: PersonId,
    /// When they were found to be one.
    pub created: Stamp,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("issuer", &self.issuer)
            .field("person", &self.person)
            .finish_non_exhaustive()
    }
}

/// What lets whoever has its text in: a kiosk once, or a script until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct Pass {
    /// Where.
    pub shop: ShopId,
    /// Names it.
    pub id: PassId,
    /// What for, in the words of `core`.
    pub kind: String,
    /// Whose it is; none where it makes somebody.
    pub person: Option<PersonId>,
    /// SHA-256 of its secret half.
    pub digest: [u8; 32],
    /// What people call it.
    pub name: String,
    /// What it gives, in the words of `core`.
    pub gives: String,
    /// When it was made.
    pub created: Stamp,
    /// When it is good no more.
    pub expires: Stamp,
    /// When it was used, where once is all.
    pub used: Option<Stamp>,
    /// When somebody took it back.
    pub ended: Option<Stamp>,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pass")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A copy of the key of a bench's cache, which one person has in one shop.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyCopy {
    /// Where.
    pub shop: ShopId,
    /// The bench's own name for it.
    pub id: KeyCopyId,
    /// Whose.
    pub person: PersonId,
    /// The device that kept it last.
    pub device: DeviceId,
    /// The key, wrapped; the storage never sees the plain one.
    pub wrapped: Vec<u8>,
    /// When it was kept last.
    pub created: Stamp,
}

impl std::fmt::Debug for KeyCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyCopy")
            .field("id", &self.id)
            .field("person", &self.person)
            .field("device", &self.device)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

/// A device that waits to be let in by a person with a browser (RFC 8628).
#[derive(Clone, PartialEq, Eq)]
pub struct Pairing {
    /// SHA-256 of what the device alone knows.
    pub secret: [u8; 32],
    /// What the person types, under a key of the server's.
    pub code: [u8; 32],
    /// The program that asks.
    pub client: String,
    /// What people call the device.
    pub name: String,
    /// Its id.
    pub device: DeviceId,
    /// As of a [`Session`](super::Session).
    pub device_key: Option<[u8; 32]>,
    /// From where it asked.
    pub address: String,
    /// When it asked.
    pub created: Stamp,
    /// Seconds that it must wait before it asks again.
    pub pause: u64,
    /// When it last asked.
    pub polled: Option<Stamp>,
    /// When a person decided.
    pub decided: Option<Stamp>,
    /// What it was let in with, if that was the word.
    pub session: Option<SessionId>,
    /// When it heard of it.
    pub fetched: Option<Stamp>,
}

impl std::fmt::Debug for Pairing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pairing")
            .field("device", &self.device)
            .field("decided", &self.decided)
            .finish_non_exhaustive()
    }
}
