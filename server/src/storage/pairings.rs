use redtag_protocol::{ids::SessionId, stamp::Stamp};

use super::{Pairing, Pending};

/// Devices that wait to be let in (RFC 8628).
///
/// As of [`Control`](super::Control): each call is one transaction of its own.
pub trait Pairings: Send + Sync + 'static {
    /// Adds a device that waits.
    ///
    /// # Errors
    ///
    /// [`Exists`](super::StorageError::Exists) where its secret or its code is another one's.
    fn pairing_create(&self, pairing: Pairing) -> Pending<'_, ()>;

    /// By the digest of what the device alone knows.
    fn pairing(&self, secret: [u8; 32]) -> Pending<'_, Option<Pairing>>;

    /// By what a person typed, as it is kept.
    fn pairing_by_code(&self, code: [u8; 32]) -> Pending<'_, Option<Pairing>>;

    /// Notes that the device asked at `at`, and how long it must wait now, if it had last asked at
    /// `last`; says whether that still stood.
    fn pairing_polled(
        &self,
        secret: [u8; 32],
        last: Option<Stamp>,
        at: Stamp,
        pause: u64,
    ) -> Pending<'_, bool>;

    /// A person's word: a sign-in, or none for a refusal. Says whether it was the first; of two
    /// racing calls exactly one is.
    fn pairing_decide(
        &self,
        secret: [u8; 32],
        session: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool>;

    /// The device has heard of its sign-in; says whether there is one and that is new.
    fn pairing_fetched(&self, secret: [u8; 32], at: Stamp) -> Pending<'_, bool>;

    /// Forgets those that began before `before`, and gives the sign-ins among them that no device
    /// has heard of.
    fn pairings_forget(&self, before: Stamp) -> Pending<'_, Vec<SessionId>>;
}
