//! Links by which somebody chooses a password: an invitation, or a forgotten password.
//!
//! Nothing of a link is stored. It says whose it is, what for and until when, under a MAC that covers
//! the password hash that stands and the epoch of the database too. So a link ends when it is used,
//! and with it every other one of the same person; it ends with a new password however that came
//! about; and putting an old database back makes none good again. Whoever reads the database cannot
//! make one: that takes the master key.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::ids::PersonId;
use zeroize::Zeroizing;

use crate::storage::Person;

/// How the text of a link begins, so that one that leaked is found by a search.
pub const WORD: &str = "rtlink_";

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first password of somebody who was invited.
    Invitation,
    /// A new one, for somebody who has forgotten theirs.
    Reset,
}

/// A link, as far as it can be told without its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Whose.
    pub person: PersonId,
    /// What for.
    pub purpose: Purpose,
    /// Seconds since 1970.
    pub expires: u64,
}

/// What a text says, and the proof of it.
pub struct Presented {
    /// What it says; nothing is proven before it [fits](Self::fits).
    pub link: Link,
    tag: [u8; TAG],
}

/// Purpose, person, time.
const LENGTH: usize = 1 + 16 + 8;
const TAG: usize = 32;

impl Purpose {
    /// How long a link is good, in seconds: a week to read an invitation, an hour for whoever waits
    /// for it.
    pub fn life(self) -> u64 {
        match self {
            Self::Invitation => 7 * 24 * 3600,
            Self::Reset => 3600,
        }
    }

    fn byte(self) -> u8 {
        match self {
            Self::Invitation => 1,
            Self::Reset => 2,
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Self::Invitation, Self::Reset]
            .into_iter()
            .find(|it| it.byte() == byte)
    }
}

impl Link {
    /// A link for a person, from now on (seconds since 1970).
    pub fn new(person: PersonId, purpose: Purpose, now: u64) -> Self {
        Self {
            person,
            purpose,
            expires: now.saturating_add(purpose.life()),
        }
    }

    /// As it is handed out, for the person as they stand in the database of this epoch.
    pub fn text(&self, key: &hmac::Key, person: &Person, epoch: u64) -> Zeroizing<String> {
        let mut bytes = self.bytes();
        let tag = hmac::sign(key, &message(&bytes, person, epoch));
        bytes.extend_from_slice(tag.as_ref());
        let bytes = Zeroizing::new(bytes);
        Zeroizing::new(format!("{WORD}{}", URL_SAFE_NO_PAD.encode(&*bytes)))
    }

    fn bytes(&self) -> Vec<u8> {
        let expires = self.expires.to_be_bytes();
        [
            &[self.purpose.byte()],
            &self.person.as_bytes()[..],
            &expires,
        ]
        .concat()
    }
}

/// Reads a text; none for anything that no link looks like.
pub fn read(text: &str) -> Option<Presented> {
    let text = text.strip_prefix(WORD)?;
    if text.len() > 100 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (said, tag) = bytes.split_first_chunk::<LENGTH>()?;
    let (purpose, rest) = said.split_first()?;
    let (person, expires) = rest.split_first_chunk::<16>()?;
    Some(Presented {
        link: Link {
            person: PersonId::from_bytes(*person),
            purpose: Purpose::of(*purpose)?,
            expires: u64::from_be_bytes(expires.try_into().ok()?),
        },
        tag: tag.try_into().ok()?,
    })
}

impl Presented {
    /// Whether this server made it for this person, whose password is still the one that it was then.
    pub fn fits(&self, key: &hmac::Key, person: &Person, epoch: u64) -> bool {
        let said = self.link.bytes();
        self.link.person == person.id
            && hmac::verify(key, &message(&said, person, epoch), &self.tag).is_ok()
    }
}

fn message(said: &[u8], person: &Person, epoch: u64) -> Vec<u8> {
    let epoch = epoch.to_be_bytes();
    [said, &epoch, person.password.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
