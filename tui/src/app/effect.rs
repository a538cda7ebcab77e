//! What the client wants done.

use redtag_protocol::ipc::Request;

/// Something to be done outside.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// Ask the daemon; the answer comes back as a message with the same number.
    Ask {
        /// The ask's number; later asks have greater ones.
        ask: u64,
        /// What is asked.
        request: Box<Request>,
    },
    /// Sleep until the shell wakes us.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// Leave.
    Quit,
}
