//! The server's keys: one master key from outside the database, and what is derived from it.
//!
//! The master key itself encrypts nothing. HKDF-SHA256 (RFC 5869) makes one key for each purpose,
//! so that a key that leaks from one place says nothing about another.

mod check;
mod master;
#[cfg(feature = "testing")]
pub mod seeded;
mod wrapping;

use std::sync::Arc;

use aws_lc_rs::{hkdf, hmac};
use zeroize::Zeroizing;

pub use self::{
    check::{KeyCheckError, check, is_checked, seal},
    master::{MasterKey, MasterKeyError, Origin, Place},
    wrapping::{UnwrapError, Wrapping},
};

/// Thirty-two secret bytes that are wiped when dropped.
pub type Secret32 = Zeroizing<[u8; 32]>;

/// The keys that are derived from the master key, one for each purpose.
///
/// `Debug` shows none of them.
pub struct ServerKeys {
    /// Encrypts the control database: raw key bytes.
    pub control: Secret32,
    /// Wraps the random keys that lie in the control database: one per shop, and the signing keys.
    pub wrapping: Arc<Wrapping>,
    /// Authenticates refresh tokens.
    pub refresh: hmac::Key,
    /// Makes the nonces of the token endpoint.
    pub nonce: hmac::Key,
    /// Authenticates what pages hand to a browser and get back, and hides what is typed into them
    /// from who reads the database. Each use begins its message with a word of its own.
    pub pages: hmac::Key,
    /// Makes the digests of recovery codes.
    pub recovery: hmac::Key,
    /// Authenticates links by which somebody chooses a password.
    pub links: hmac::Key,
}

impl ServerKeys {
    /// Derives all of them.
    pub fn derive(master: &MasterKey) -> Self {
        Self {
            control: expand(master, "redtag control database v1"),
            wrapping: Arc::new(Wrapping::new(&expand(master, "redtag key wrapping v1"))),
            refresh: mac(&expand(master, "redtag refresh token v1")),
            nonce: mac(&expand(master, "redtag dpop nonce v1")),
            pages: mac(&expand(master, "redtag pages v1")),
            recovery: mac(&expand(master, "redtag recovery code v1")),
            links: mac(&expand(master, "redtag link v1")),
        }
    }
}

impl std::fmt::Debug for ServerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerKeys").finish_non_exhaustive()
    }
}

/// Random bytes from the operating system.
///
/// # Panics
///
/// Where the operating system has none to give.
#[expect(
    clippy::expect_used,
    reason = "a kernel without randomness leaves nothing that could be done safely"
)]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[cfg(feature = "testing")]
    if seeded::fill(&mut bytes) {
        return bytes;
    }
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn mac(key: &Secret32) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.as_slice())
}

#[expect(
    clippy::expect_used,
    reason = "HKDF refuses only outputs longer than 255 hashes; this one is a single hash"
)]
fn expand(master: &MasterKey, purpose: &str) -> Secret32 {
    let mut key = Zeroizing::new([0; 32]);
    // No salt: the master key is uniformly random already (RFC 5869, section 3.1).
    hkdf::Salt::none(hkdf::HKDF_SHA256)
        .extract(master.bytes())
        .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(key.as_mut_slice()))
        .expect("one hash of output is never too long");
    key
}

#[cfg(test)]
mod tests;
