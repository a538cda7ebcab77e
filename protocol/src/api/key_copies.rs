//! `POST /v1/shops/{shop}/key-copies`, `…/key-copies/fetch` and `…/key-copies/forget`: the copy of the
//! key of a bench's cache that the API keeps, where the bench itself forgets its keys with the power.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ids::KeyCopyId;

/// A key is to be kept. Under an id of the same person's in the same shop it takes the place of the
/// one before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Keep {
    /// The bench's own name for it.
    pub id: KeyCopyId,
    /// The key.
    pub key: Key,
}

/// It is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Kept {
    /// Always true.
    pub kept: bool,
}

/// A key is wanted back, or is to be forgotten.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Named {
    /// As the bench has named it.
    pub id: KeyCopyId,
}

/// What was kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Found {
    /// The key.
    pub key: Key,
}

/// It is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forgotten {
    /// Whether there was one.
    pub forgotten: bool,
}

/// A key of 32 bytes, in base64 for addresses without padding (RFC 4648). Wiped when dropped; `Debug`
/// does not show it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, format = "byte"))]
pub struct Key(Zeroizing<String>);

impl Key {
    /// Of its bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Its bytes; none where the text is no key.
    pub fn bytes(&self) -> Option<Zeroizing<[u8; 32]>> {
        let mut bytes = Zeroizing::new([0; 32]);
        let read = URL_SAFE_NO_PAD.decode_slice(self.0.as_bytes(), bytes.as_mut_slice());
        (read == Ok(bytes.len())).then_some(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
