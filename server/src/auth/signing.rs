//! The keys that sign access tokens: random Ed25519 pairs. The newest signs, older ones stay valid
//! for checking until the last token that they signed has expired.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use jsonwebtoken::{DecodingKey, EncodingKey};
use zeroize::Zeroizing;

use super::access;
use crate::keys::random;

/// After so many seconds a new key takes over: 90 days.
pub const TENURE: u64 = 90 * 24 * 3600;

/// A private key as it is stored, before it is wrapped.
pub struct Generated {
    /// Names the key in a token's header.
    pub kid: String,
    /// Seconds since 1970.
    pub created: u64,
    /// PKCS#8 (RFC 5958).
    pub pkcs8: Zeroizing<Vec<u8>>,
}

/// A stored key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key cannot be made or read")]
pub struct SigningKeyError;

/// A key that is ready for use.
pub struct SigningKey {
    pub(super) kid: String,
    pub(super) created: u64,
    pub(super) private: EncodingKey,
    pub(super) public: DecodingKey,
}

impl SigningKey {
    /// Makes one of what was stored.
    pub fn new(stored: &Generated) -> Result<Self, SigningKeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(&stored.pkcs8).map_err(|_| SigningKeyError)?;
        Ok(Self {
            kid: stored.kid.clone(),
            created: stored.created,
            private: EncodingKey::from_ed_der(&stored.pkcs8),
            public: DecodingKey::from_ed_der(pair.public_key().as_ref()),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid)
    }
}

/// A new key pair.
pub fn generate(now: u64) -> Result<Generated, SigningKeyError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| SigningKeyError)?;
    let pkcs8 = pair.to_pkcs8().map_err(|_| SigningKeyError)?;
    Ok(Generated {
        kid: format!("{:016x}", u64::from_be_bytes(random())),
        created: now,
        pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()),
    })
}

/// All keys that this process knows, newest first.
#[derive(Debug, Default)]
pub struct SigningKeys(Vec<SigningKey>);

impl SigningKeys {
    /// Puts the newest first.
    pub fn new(mut keys: Vec<SigningKey>) -> Self {
        keys.sort_by(|a, b| (b.created, &b.kid).cmp(&(a.created, &a.kid)));
        Self(keys)
    }

    /// The key that signs now; none when a new one is due.
    pub fn current(&self, now: u64) -> Option<&SigningKey> {
        self.0
            .first()
            .filter(|key| now < key.created.saturating_add(TENURE))
    }

    /// The key of this name, if tokens of it can still be valid.
    pub(super) fn named(&self, kid: &str, now: u64) -> Option<&SigningKey> {
        let at = self.0.iter().position(|key| key.kid == kid)?;
        // A key that has a successor signed its last token when that one came.
        let retired = at
            .checked_sub(1)
            .and_then(|before| self.0.get(before))
            .is_some_and(|next| now > next.created.saturating_add(2 * access::LIFE));
        self.0.get(at).filter(|_| !retired)
    }
}
