//! What the machine wants done.

use redtag_protocol::{ids::DeviceId, stamp::Seq};

/// One thing to do. Calls that leave carry the generation of the access token they go with, and
/// their failure brings it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Get a new access token by the refresh token, and keep the next refresh token first.
    Refresh,
    /// Pull one page, or several one after the other; see [`super::Input::Pulled`].
    Pull {
        /// The token's generation.
        token: u64,
    },
    /// Push one batch of at most this many operations.
    Push {
        /// The token's generation.
        token: u64,
        /// At most this many operations.
        most: usize,
    },
    /// Take this new device id, and number anew what has no outcome.
    Fork {
        /// The id.
        device: DeviceId,
    },
    /// Put the first stroke without an outcome into quarantine: the API takes no message that large.
    GiveUp,
    /// Tell the API of the device id, and let what it has decided less than we know wait again.
    Register {
        /// The token's generation.
        token: u64,
    },
    /// Open the live channel.
    OpenLive {
        /// The token's generation.
        token: u64,
    },
    /// Ask how far the shop is, to be answered once it is past this place or after a while. Stands
    /// in for the live channel where that brings nothing.
    Poll {
        /// The token's generation.
        token: u64,
        /// How far we are.
        after: Seq,
    },
    /// Close the live channel, if it is open, or give up the question in its place.
    CloseLive,
    /// The membership has ended: seal what is unsent to the shop, then purge the rest.
    Seal,
    /// Say [`super::Input::Timer`] at this moment instead of any said before.
    Wake {
        /// In milliseconds of [`super::Moment::now`].
        at: u64,
    },
}
