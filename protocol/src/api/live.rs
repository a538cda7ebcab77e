//! `GET /v1/shops/{shop}/live`: server-sent events that say how far the shop is, and nothing else.
//! `event: seq` carries the newest sequence as decimal digits, at once after connecting and after
//! every change; a comment line is the heartbeat.
//!
//! Where a proxy holds such a stream back, a client asks instead with `Accept: application/json` and
//! `?after=SEQ`, and is answered [`News`] once the shop is past that sequence, or when [`POLL`] is
//! over.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::stamp::Seq;

/// The event name.
pub const EVENT: &str = "seq";

/// How often a silent stream carries a comment line.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream that was silent for this long is dead.
pub const SILENCE: Duration = Duration::from_secs(40);

/// How long a long poll waits for something to tell.
pub const POLL: Duration = Duration::from_secs(25);

/// How far the shop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct News {
    /// The newest sequence.
    pub seq: Seq,
}
