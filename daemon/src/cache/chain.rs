//! Whether the chain of events goes on where it was left: nothing taken out, changed or put in
//! afterwards.

use redtag_protocol::{
    api::changes::Cursor,
    event::{self, Link},
    stamp::Seq,
};
use serde::{Deserialize, Serialize};

use super::events;

/// The end of the chain, as far as it was pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// In which life of the server's database.
    pub(super) epoch: u64,
    /// The last event.
    pub(super) seq: Seq,
    /// Its hash in hex: of 32 bytes, or the first eight where no more was told.
    pub(super) hash: String,
}

/// An event's place in the chain.
#[derive(Debug, Clone)]
pub(super) struct Joint {
    seq: Seq,
    hash: String,
    /// The salted digest of the payload; none where that is not known any more.
    digest: Option<[u8; 32]>,
}

impl Joint {
    /// Works out the digest, which costs more than all the rest.
    pub(super) fn of(link: &Link) -> Self {
        let known = link.digest.as_deref().and_then(events::bytes);
        let digest = match (known, link.payload.get()) {
            (Some(known), _) => known.try_into().ok(),
            (None, "{}") => None,
            (None, payload) => events::bytes(&link.salt)
                .map(|salt| event::payload_digest(&salt, payload.as_bytes())),
        };
        Self {
            seq: link.seq,
            hash: link.hash.clone(),
            digest,
        }
    }
}

impl Head {
    /// The end that a cursor stands for.
    pub(super) fn of(cursor: &Cursor) -> Self {
        Self {
            epoch: cursor.epoch,
            seq: cursor.seq,
            hash: hex(&cursor.hash),
        }
    }

    /// Goes on over a page of events that ends at `cursor`.
    ///
    /// # Errors
    ///
    /// In words, what does not hold. The head is at the page's end all the same, so that what comes
    /// after it is still looked at.
    pub(super) fn follow(&mut self, joints: &[Joint], cursor: &Cursor) -> Result<(), String> {
        let followed = self.try_follow(joints, cursor);
        *self = match joints.last() {
            Some(last) if last.seq == cursor.seq => Self {
                epoch: cursor.epoch,
                seq: last.seq,
                hash: last.hash.clone(),
            },
            _ if self.agrees(cursor) => self.clone(),
            _ => Self::of(cursor),
        };
        followed
    }

    fn try_follow(&self, joints: &[Joint], cursor: &Cursor) -> Result<(), String> {
        let mut at = self.clone();
        for joint in joints {
            if joint.seq <= at.seq {
                return Err(format!("event {} came again or too late", joint.seq.0));
            }
            if joint.seq.0 != at.seq.0 + 1 {
                return Err(format!("event {} is missing", at.seq.0 + 1));
            }
            let previous: Option<[u8; 32]> =
                events::bytes(&at.hash).and_then(|it| it.try_into().ok());
            if let (Some(previous), Some(digest)) = (previous, joint.digest) {
                let hash = event::chain(&previous, joint.seq, &digest);
                if hex(&hash) != joint.hash {
                    return Err(format!(
                        "event {} does not follow on the one before",
                        joint.seq.0
                    ));
                }
            }
            at.seq = joint.seq;
            at.hash.clone_from(&joint.hash);
        }
        at.extends_to(cursor)?;
        if at.epoch == cursor.epoch && at.seq < cursor.seq {
            return Err(format!("event {} is missing", at.seq.0 + 1));
        }
        Ok(())
    }

    /// Whether what a cursor stands for can be this chain, gone on or as it was.
    pub(super) fn extends_to(&self, cursor: &Cursor) -> Result<(), String> {
        if cursor.epoch != self.epoch {
            return Ok(());
        }
        if cursor.seq < self.seq {
            return Err(format!(
                "it ends at event {} and was known up to {}",
                cursor.seq.0, self.seq.0
            ));
        }
        if cursor.seq == self.seq && !self.agrees(cursor) {
            return Err(format!("event {} is another than it was", self.seq.0));
        }
        Ok(())
    }

    fn agrees(&self, cursor: &Cursor) -> bool {
        cursor.epoch == self.epoch
            && cursor.seq == self.seq
            && self.hash.starts_with(&hex(&cursor.hash))
    }
}

/// In lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
