//! Passes: texts that let in whoever has them. Shop ‖ id ‖ secret in unpadded base64url behind a word
//! that says what they are, so that one that leaked is found by a search. The database holds only the
//! digest of the secret, which is random and so needs no slow hash.

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::ids::{PassId, ShopId};
use zeroize::Zeroizing;

use crate::keys::random;

/// How the text of an enrolment begins.
pub const ENROLMENT: &str = "rtenrol_";

/// How the text of an access token for scripts begins.
pub const ACCESS: &str = "rtpat_";

const ID: usize = 16;
const SECRET: usize = 32;

/// What a text says. Whether it is right is in the [`digest`](Self::fits).
pub struct Presented {
    /// Where.
    pub shop: ShopId,
    /// Which.
    pub id: PassId,
    digest: [u8; 32],
}

/// The text of a new pass, and the digest to keep.
pub fn mint(word: &str, shop: ShopId, id: PassId) -> (Zeroizing<String>, [u8; 32]) {
    let secret = Zeroizing::new(random::<SECRET>());
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * ID + SECRET));
    bytes.extend_from_slice(shop.as_bytes());
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(secret.as_slice());
    let text = Zeroizing::new(format!("{word}{}", URL_SAFE_NO_PAD.encode(&bytes)));
    (text, sum(secret.as_slice()))
}

/// Reads a text; none for anything that no pass looks like.
pub fn read(word: &str, text: &str) -> Option<Presented> {
    let text = text.trim().strip_prefix(word)?;
    if text.len() > 100 {
        return None;
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
    let (shop, rest) = bytes.split_first_chunk::<ID>()?;
    let (id, secret) = rest.split_first_chunk::<ID>()?;
    (secret.len() == SECRET).then(|| Presented {
        shop: ShopId::from_bytes(*shop),
        id: PassId::from_bytes(*id),
        digest: sum(secret),
    })
}

impl Presented {
    /// Whether its secret is the one that was kept.
    pub fn fits(&self, kept: &[u8; 32]) -> bool {
        verify_slices_are_equal(&self.digest, kept).is_ok()
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Presented({})", self.id)
    }
}

fn sum(secret: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, secret).as_ref());
    sum
}

#[cfg(test)]
mod tests;
