//! Operations: what a person did, as data. They are numbered per device and shop, digested as the
//! bytes that were sent, and applied by one function on both sides.

mod edit;
mod place;
mod refusal;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use self::{
    edit::Edit,
    place::{Place, PlaceError},
    refusal::{Refusal, RefusalCode},
};
pub use crate::merge::Verdict;

use crate::stamp::{Seq, Stamp};

/// The newest version of the operations below. Each says the least that it needs
/// ([`Operation::least`]), so that a newer bench can still talk to an older API; an API refuses a
/// batch of a version that it does not know with `upgrade_required`, which uses up no number.
///
/// 1. creations, writes of a field, moves, settling;
/// 2. undoing, deleting and bringing back, erasing, merging;
/// 3. canned notes, and operations that say where their author's copy stood: [`PLACES`];
/// 4. templates.
pub const SCHEMA: u16 = 4;

/// From this version on an API knows the life of its database that an author looked at: it takes
/// [`Operation::seen`], and tells of former ids and from a number on when a device is registered
/// ([`crate::api::devices::Request`]). An older one refuses both as unknown fields, so a bench sends
/// neither to an API that does not announce it.
pub const PLACES: u16 = 3;

/// The oldest version of the edits that is still taken.
pub const MIN_SCHEMA: u16 = 1;

/// The most operations in one group: what a person does in one stroke.
pub const MAX_GROUP: usize = 100;

/// The most operations in one batch.
pub const MAX_BATCH: usize = 500;

/// The most bytes of operations in one batch.
pub const MAX_BATCH_BYTES: usize = 1 << 20;

/// One numbered operation of one device in one shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operation {
    /// 1, 2, 3 … per device and shop.
    pub number: u64,
    /// The number of the first operation of the same stroke; all of a group succeed or none.
    pub group: u64,
    /// The bench's corrected clock.
    pub stamp: Stamp,
    /// The version of the document that the author had seen; 0 for a creation.
    pub base: Seq,
    /// Where the copy stood in which the author had seen that version, not before it: a base counts
    /// only in the life of the database that it was read in. None says nothing, as for a creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub seen: Option<Place>,
    /// The least version that it needs: [`Self::least`].
    pub schema: u16,
    /// What was done.
    pub edit: Edit,
}

impl Operation {
    /// The least [`SCHEMA`] of an API that takes an edit with what is said of its author's copy.
    pub fn least(edit: &Edit, seen: Option<&Place>) -> u16 {
        let places = if seen.is_some() { PLACES } else { MIN_SCHEMA };
        edit.schema().max(places)
    }

    /// The digest of an operation's bytes, exactly as they are sent.
    pub fn digest(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }
}
