//! What the page that asks for a word knows of the one before it.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::ids::PersonId;

use crate::{pages::form::Seal, storage::Person};

/// This person has just shown who they are, to decide about this device. Good in one browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// As a pairing's.
    pub(super) secret: [u8; 32],
    pub(super) person: PersonId,
    /// What they showed it by; another once that is another.
    pub(super) shown: [u8; 32],
    /// Seconds since 1970.
    pub(super) expires: u64,
}

/// How what is signed begins.
const WHOLE: &[u8] = b"ticket\0";
const HALF: &[u8] = b"half a ticket\0";

/// Secret, person, what was shown, time.
const LENGTH: usize = 32 + 16 + 32 + 8;

impl Ticket {
    /// How long a person may think about it, in seconds.
    pub(super) const LIFE: u64 = 300;

    pub(super) fn new(secret: [u8; 32], person: PersonId, shown: [u8; 32], expires: u64) -> Self {
        Self {
            secret,
            person,
            shown,
            expires,
        }
    }

    /// As it goes through the browser.
    pub(super) fn text(&self, key: &hmac::Key, seal: &Seal) -> String {
        self.text_for(WHOLE, key, seal)
    }

    /// For somebody who has yet to show their second factor: good for nothing else.
    pub(super) fn half(&self, key: &hmac::Key, seal: &Seal) -> String {
        self.text_for(HALF, key, seal)
    }

    fn text_for(&self, what: &[u8], key: &hmac::Key, seal: &Seal) -> String {
        let mut bytes = self.bytes();
        let tag = hmac::sign(key, &message(what, &bytes, seal));
        bytes.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads one that this server has made for this browser; none for anything else.
    pub(super) fn read(key: &hmac::Key, seal: &Seal, text: &str) -> Option<Self> {
        Self::read_for(WHOLE, key, seal, text)
    }

    /// Reads a [`half`](Self::half).
    pub(super) fn read_half(key: &hmac::Key, seal: &Seal, text: &str) -> Option<Self> {
        Self::read_for(HALF, key, seal, text)
    }

    fn read_for(what: &[u8], key: &hmac::Key, seal: &Seal, text: &str) -> Option<Self> {
        if text.len() > 200 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, tag) = bytes.split_at_checked(LENGTH)?;
        hmac::verify(key, &message(what, said, seal), tag).ok()?;
        let (secret, rest) = said.split_first_chunk::<32>()?;
        let (person, rest) = rest.split_first_chunk::<16>()?;
        let (shown, expires) = rest.split_first_chunk::<32>()?;
        Some(Self {
            secret: *secret,
            person: PersonId::from_bytes(*person),
            shown: *shown,
            expires: u64::from_be_bytes(expires.try_into().ok()?),
        })
    }

    fn bytes(&self) -> Vec<u8> {
        let expires = self.expires.to_be_bytes();
        [
            &self.secret[..],
            self.person.as_bytes(),
            &self.shown,
            &expires,
        ]
        .concat()
    }
}

/// What somebody has shown who they are by: this password, with a second factor or without.
pub(super) fn shown(person: &Person, second_factor: bool) -> [u8; 32] {
    let mut text = person.password.clone().into_bytes();
    text.push(u8::from(second_factor));
    let mut found = [0; 32];
    found.copy_from_slice(digest(&SHA256, &text).as_ref());
    found
}

fn message(what: &[u8], said: &[u8], seal: &Seal) -> Vec<u8> {
    [what, seal.cookie(), said].concat()
}
