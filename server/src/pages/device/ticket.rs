//! What the page that asks for a word knows of the one before it.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::ids::PersonId;

use crate::pages::form::Seal;

/// This person has just shown who they are, to decide about this device. Good in one browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// As a pairing's.
    pub(super) secret: [u8; 32],
    pub(super) person: PersonId,
    /// Seconds since 1970.
    pub(super) expires: u64,
}

/// Secret, person, time.
const LENGTH: usize = 32 + 16 + 8;

impl Ticket {
    /// How long a person may think about it, in seconds.
    pub(super) const LIFE: u64 = 300;

    pub(super) fn new(secret: [u8; 32], person: PersonId, expires: u64) -> Self {
        Self {
            secret,
            person,
            expires,
        }
    }

    /// As it goes through the browser.
    pub(super) fn text(&self, key: &hmac::Key, seal: &Seal) -> String {
        let mut bytes = self.bytes();
        let tag = hmac::sign(key, &message(&bytes, seal));
        bytes.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads one that this server has made for this browser; none for anything else.
    pub(super) fn read(key: &hmac::Key, seal: &Seal, text: &str) -> Option<Self> {
        if text.len() > 200 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, tag) = bytes.split_at_checked(LENGTH)?;
        hmac::verify(key, &message(said, seal), tag).ok()?;
        let (secret, rest) = said.split_first_chunk::<32>()?;
        let (person, expires) = rest.split_first_chunk::<16>()?;
        Some(Self {
            secret: *secret,
            person: PersonId::from_bytes(*person),
            expires: u64::from_be_bytes(expires.try_into().ok()?),
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let expires = self.expires.to_be_bytes();
        [&self.secret[..], self.person.as_bytes(), &expires].concat()
    }
}

fn message(said: &[u8], seal: &Seal) -> Vec<u8> {
    [&b"ticket\0"[..], seal.cookie(), said].concat()
}
