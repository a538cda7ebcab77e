//! What happened.

use redtag_protocol::{
    api::ops::Ending,
    stamp::{Seq, Stamp},
};

use super::{LaneName, Trouble};

/// When something happened, and fresh randomness to decide with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds that only grow; they begin anywhere.
    pub now: u64,
    /// This machine's clock; used for ids only.
    pub wall: Stamp,
    /// Random bytes, new with each moment.
    pub random: [u8; 16],
}

/// How patient to be, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How often to pull although no hint came.
    pub pull_every: u64,
    /// The longest pause between tries.
    pub max_backoff: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            pull_every: 60_000,
            max_backoff: 60_000,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The cache is open; the machine may begin.
    Begin,
    /// The configuration changed.
    Pace(Pace),
    /// A person signed in: there is an access token.
    SignedIn {
        /// Seconds until it expires.
        lifetime: u64,
        /// Whether the API knows the cache's device id.
        registered: bool,
    },
    /// Edits were saved.
    Edited {
        /// How many operations wait.
        waiting: u64,
    },
    /// A person asked to synchronise now.
    SyncWanted,
    /// This machine's network is another, or it woke up: what failed before may succeed now.
    NetworkChanged,
    /// The timer rang.
    Timer,
    /// There is a new access token, and the refresh token that came with it is durable.
    Refreshed {
        /// Seconds until it expires.
        lifetime: u64,
    },
    /// A page was committed.
    Pulled {
        /// How far the cache is.
        seq: Seq,
        /// Whether there is more.
        more: bool,
        /// Whether the API asked to begin anew.
        reset: bool,
        /// Whether the API's database is another than before, such as one restored from a
        /// backup: it may have lost what it had acknowledged. A reset may mean that as well.
        restored: bool,
        /// Whether the same pull goes on with the next page by itself.
        goes_on: bool,
    },
    /// The answer to a batch was committed.
    Pushed {
        /// How many operations got an outcome.
        outcomes: usize,
        /// How many wait.
        waiting: u64,
        /// The furthest place in the shop's order among the outcomes.
        seq: Option<Seq>,
        /// Why the batch ended early.
        ending: Option<Ending>,
    },
    /// The new device id and its numbering are durable.
    Forked {
        /// How many operations wait.
        waiting: u64,
    },
    /// What the API would not take by its size is in quarantine.
    GaveUp {
        /// How many operations wait.
        waiting: u64,
    },
    /// The API knows the device id; what it no longer has of this device waits again.
    Registered {
        /// How many operations wait.
        waiting: u64,
        /// Whether it has lost operations of a former device id, which are to be numbered anew
        /// with the others before anything is sent.
        renumber: bool,
    },
    /// The live channel is open.
    LiveOpened,
    /// The shop is at this place.
    Hint(Seq),
    /// A question how far the shop is was answered, at the latest when it was time.
    Polled(Seq),
    /// The live channel ended in good order.
    LiveEnded,
    /// Something did not succeed.
    Failed {
        /// What.
        lane: LaneName,
        /// The generation of the access token it went with.
        token: u64,
        /// Why.
        trouble: Trouble,
    },
}
