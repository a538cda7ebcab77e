//! `GET /v1/shops/{shop}/live`: server-sent events that say how far the shop is, and nothing else.
//! `event: seq` carries the newest sequence as decimal digits, at once after connecting and after
//! every change; a comment line is the heartbeat.

use std::time::Duration;

/// The event name.
pub const EVENT: &str = "seq";

/// How often a silent stream carries a comment line.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream that was silent for this long is dead.
pub const SILENCE: Duration = Duration::from_secs(40);
