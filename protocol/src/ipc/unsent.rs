//! What this machine has and the API has not: looked at, exported, taken over again.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::view::SyncState;
use crate::{
    entity::EntityRef,
    op::{Edit, Refusal},
    stamp::Stamp,
};

/// A part of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxPage {
    /// The rows, in the order in which they are sent; what was refused stands where it was.
    pub rows: Vec<Outgoing>,
    /// How many there are.
    pub total: u64,
}

/// An edit that the API has not taken: it waits, is on its way, or was refused. Texts are clean of
/// control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its place in this machine's outbox, which nothing else ever has: what was refused under a
    /// former device id, or taken over from another machine, may share an operation's number.
    pub number: u64,
    /// The number here of the first of the same stroke: all of a stroke are retried or exported
    /// together.
    pub group: u64,
    /// The document.
    pub entity: EntityRef,
    /// What people call the document: `#1042`, a plate, a name.
    pub label: String,
    /// What was done.
    pub edit: Edit,
    /// When it was saved, on the corrected clock.
    pub stamp: Stamp,
    /// Where it is: `waiting`, `sent` or `refused`.
    pub sync: SyncState,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// Of a refused one: the others that go when it is given up, for they are nothing without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<u64>,
}

/// How many bytes of an export go in one message at most: escaped they still fit a frame.
pub const PART: usize = 1 << 20;

/// The largest export that is taken over, in bytes.
pub const MOST: u64 = 256 << 20;

/// The longest beginning of a text that goes in one message.
pub fn part(text: &str) -> &str {
    let mut end = text.len().min(PART);
    // A character lies on the border.
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A text with everything that is unsent or refused, to be written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// The file's contents, or the next part of them: JSON, or the ASCII armour of an age file where
    /// a passphrase was given.
    pub text: String,
    /// How many edits are in it.
    pub edits: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Stands for exactly what was exported; a sign-out that shows it loses nothing. None where
    /// only a part was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// How many bytes are still to come: asked for with [`super::Request::ExportRest`].
    #[serde(default, skip_serializing_if = "is_nought")]
    pub rest: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_nought(count: &u64) -> bool {
    *count == 0
}

/// What became of an export that was taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// Edits that were saved here and will be sent.
    pub saved: u64,
    /// Edits that are here already, or that the API has taken from here.
    pub known: u64,
    /// Edits that the rules refuse now; they are in quarantine with the reason.
    pub refused: u64,
}

/// What an export is encrypted with. `Debug` never shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passphrase(pub String);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}
