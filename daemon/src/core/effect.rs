//! What the machine wants done.

use redtag_protocol::ids::DeviceId;

/// One thing to do. Calls that leave carry the generation of the access token they go with, and
/// their failure brings it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Get a new access token by the refresh token, and keep the next refresh token first.
    Refresh,
    /// Pull one page.
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
    /// Tell the API of the new device id.
    Register {
        /// The token's generation.
        token: u64,
    },
    /// Open the live channel.
    OpenLive {
        /// The token's generation.
        token: u64,
    },
    /// Close the live channel, if it is open.
    CloseLive,
    /// Say [`super::Input::Timer`] at this moment instead of any said before.
    Wake {
        /// In milliseconds of [`super::Moment::now`].
        at: u64,
    },
}
