//! `POST /v1/shops/{shop}/ops`: a device hands in numbered operations and gets one outcome each.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    ids::DeviceId,
    op::{Refusal, Verdict},
    stamp::Seq,
};

/// A batch: at most [`crate::op::MAX_BATCH`] operations and [`crate::op::MAX_BATCH_BYTES`], in
/// order, groups whole.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Batch {
    /// The device that numbered them.
    pub device: DeviceId,
    /// The operations, byte for byte: their digest is over these bytes.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<crate::op::Operation>))]
    pub ops: Vec<Box<RawValue>>,
}

/// The answer: outcomes in order, and why the batch ended early if it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// One per number that was decided, in the batch's order.
    pub outcomes: Vec<Numbered>,
    /// Why the rest was not decided; none when all were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
}

/// The outcome of one number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Numbered {
    /// The operation's number.
    pub number: u64,
    /// What became of it. Only this takes an operation out of an outbox.
    pub outcome: Outcome,
    /// Whether this is the stored outcome of an earlier, identical push.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
}

/// What became of one operation, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    /// Accepted at this place in the shop's order.
    Accepted {
        /// `applied`, `merged` or `conflict_kept`.
        verdict: Verdict,
        /// Its place.
        seq: Seq,
    },
    /// Refused; nothing changed.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// Why a batch ended early. No number is used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Ending {
    /// A number is missing before this one.
    Gap {
        /// The next number that the API expects.
        expected: u64,
    },
    /// An operation's schema is newer or older than the API takes.
    UpgradeRequired {
        /// The schemas it takes.
        min: u16,
        /// The schemas it takes.
        max: u16,
    },
    /// The API has too much to do.
    RetryAfter {
        /// When to come back.
        seconds: u32,
    },
    /// A known number came with other bytes: two caches carry one device id. The sender takes a new
    /// device id, counts the outcomes above as done and renumbers the rest.
    DeviceForked {
        /// The first number whose bytes differ.
        at: u64,
    },
}
