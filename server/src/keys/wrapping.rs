//! Keys that lie in the database wrapped: AES-256-GCM, bound to what they are for.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use redtag_protocol::ids::ShopId;
use zeroize::Zeroizing;

use super::{Secret32, random};
use crate::storage::{ShopKey, Wrap, WrapError};

/// Wraps and unwraps small secrets.
pub struct Wrapping(LessSafeKey);

/// What lies in the database was not wrapped by this key, for this purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a stored key cannot be unwrapped: the master key is another one, or the database was altered"
)]
pub struct UnwrapError;

impl Wrapping {
    #[expect(
        clippy::expect_used,
        reason = "the key has the length that the cipher asks for"
    )]
    pub(super) fn new(key: &Secret32) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key.as_slice()).expect("a key of 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Wraps a secret; `context` says what it is for, such as `shop 019a…`, and must be the same
    /// when it is unwrapped. The result is nonce (12 bytes), ciphertext and tag (16 bytes).
    ///
    /// # Panics
    ///
    /// On secrets of many gigabytes, of which there are none.
    #[expect(
        clippy::expect_used,
        reason = "the cipher refuses only inputs of many gigabytes"
    )]
    pub fn wrap(&self, context: &str, secret: &[u8]) -> Vec<u8> {
        // Random nonces are safe for 2^32 wrappings under one key; a server wraps some thousands.
        let nonce: [u8; NONCE_LEN] = random();
        let mut sealed = secret.to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut sealed,
            )
            .expect("a secret is far below the cipher's limit");
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        out
    }

    /// Unwraps what [`Self::wrap`] made in the same context.
    pub fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        let (nonce, sealed) = wrapped
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(UnwrapError)?;
        let mut secret = Zeroizing::new(sealed.to_vec());
        let length = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(context.as_bytes()),
                &mut secret,
            )
            .map_err(|_| UnwrapError)?
            .len();
        secret.truncate(length);
        Ok(secret)
    }
}

impl Wrap for Wrapping {
    fn wrap(&self, shop: ShopId, key: &ShopKey) -> Result<Vec<u8>, WrapError> {
        Ok(Self::wrap(self, &shop_context(shop), key.as_slice()))
    }

    fn unwrap(&self, shop: ShopId, wrapped: &[u8]) -> Result<ShopKey, WrapError> {
        let refused = WrapError { shop };
        let key = Self::unwrap(self, &shop_context(shop), wrapped).map_err(|_| refused)?;
        let key = key.as_slice().try_into().map_err(|_| refused)?;
        Ok(Zeroizing::new(key))
    }
}

fn shop_context(shop: ShopId) -> String {
    format!("shop {shop}")
}

impl std::fmt::Debug for Wrapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wrapping")
    }
}
