//! News between API processes on one database, by LISTEN and NOTIFY.
//!
//! A hint carries no truth: who hears one looks at the shop's head itself, so a false one costs a
//! read, and a lost one a delay until the next heartbeat of a live stream. They go out on a
//! connection of their own after the commit, never inside the writing transaction: a transaction
//! that notifies takes a lock of the whole database until it has committed, and would make all
//! shops wait for one another.

mod listen;
mod notify;

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use redtag_protocol::{ids::ShopId, stamp::Seq};
use tokio_util::sync::CancellationToken;

pub use self::{
    listen::listen,
    notify::{Notifier, Outbox, outbox, tell},
};
use super::Address;
use crate::{app::App, keys::random};

/// The channel. Notifications stay inside of their database.
pub const CHANNEL: &str = "redtag";

/// What one process says to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// The shop is at least at this sequence.
    At(ShopId, Seq),
    /// Something about the shop has changed that has no sequence; look.
    Look(ShopId),
}

/// Not a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("that is no hint")]
pub struct NoHint;

/// The payload: `SHOP SEQ` or `SHOP`.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(shop, seq) => write!(f, "{shop} {seq}"),
            Self::Look(shop) => write!(f, "{shop}"),
        }
    }
}

impl FromStr for Hint {
    type Err = NoHint;

    fn from_str(payload: &str) -> Result<Self, NoHint> {
        let hint = match payload.split_once(' ') {
            Some((shop, seq)) => Self::At(
                shop.parse().map_err(|_| NoHint)?,
                Seq(seq.parse().map_err(|_| NoHint)?),
            ),
            None => Self::Look(payload.parse().map_err(|_| NoHint)?),
        };
        // One spelling each: no capitals, no plus, no zeros in front.
        (hint.to_string() == payload).then_some(hint).ok_or(NoHint)
    }
}

/// Hears the other processes for an app until it is to end, and tells them what it announces until
/// it has ended: what the last requests have committed is to be heard too.
pub async fn run(address: Address, outbox: Outbox, app: App, ended: CancellationToken) {
    // A standby neither listens nor tells.
    let address = address.writing();
    let (hub, storage) = (app.hub.clone(), Arc::clone(&app.storage));
    tokio::join!(
        outbox.send(address.clone(), ended),
        listen(address, hub, storage, app.ending.clone()),
    );
}

/// How long to wait before the next try: full jitter, so that the processes of a database that
/// comes back do not all knock at once.
#[derive(Debug, Default)]
struct Backoff {
    tries: u32,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(250);
    const LONGEST: Duration = Duration::from_secs(15);

    fn next(&mut self) -> Duration {
        let most = Self::FIRST
            .saturating_mul(1 << self.tries.min(16))
            .min(Self::LONGEST);
        self.tries = self.tries.saturating_add(1);
        most.mul_f64(f64::from(u32::from_be_bytes(random())) / f64::from(u32::MAX))
    }

    fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests;
