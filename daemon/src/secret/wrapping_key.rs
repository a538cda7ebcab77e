//! The one key that everything else is wrapped with.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

/// What a wrapped key begins with, so that a later form can be told apart.
const MAGIC: &[u8; 4] = b"RTK1";

/// The 32-byte wrapping key of one Unix user. Wiped when dropped, never printed.
#[derive(Clone)]
pub(super) struct WrappingKey(Zeroizing<[u8; 32]>);

impl WrappingKey {
    /// Makes a key; none where the system has no randomness.
    pub(super) fn generate() -> Option<Self> {
        random().map(Self)
    }

    /// The key of exactly 32 bytes.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        Some(Self(Zeroizing::new(*bytes)))
    }

    /// The bytes, for the rung that keeps them.
    pub(super) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Wraps 32 bytes for `account`: magic, nonce (12), ciphertext (32), tag (16).
    pub(super) fn wrap(&self, account: &str, secret: &[u8; 32]) -> Option<Vec<u8>> {
        let mut sealed = Vec::with_capacity(48);
        sealed.extend_from_slice(secret);
        let nonce = self
            .cipher()?
            .seal_in_place_append_tag(Aad::from(account), &mut sealed)
            .ok()?;
        Some([MAGIC, nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Unwraps what [`Self::wrap`] gave for the same account; none when anything differs.
    pub(super) fn unwrap(&self, account: &str, wrapped: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let rest = wrapped.strip_prefix(MAGIC)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let plain = self
            .cipher()?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(account),
                &mut sealed,
            )
            .ok()?;
        let plain: &[u8; 32] = (&*plain).try_into().ok()?;
        Some(Zeroizing::new(*plain))
    }

    fn cipher(&self) -> Option<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, self.0.as_slice()).ok()
    }
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappingKey(…)")
    }
}

/// 32 random bytes; none where the system has no randomness.
pub(super) fn random() -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).ok()?;
    Some(bytes)
}
