//! The unix socket: who may speak, the greeting, frames. What is asked goes to the actor; what it
//! answers comes back through an [`Outbox`].

mod bind;
mod outbox;
mod session;

pub use bind::{ListenError, Listener, listen};
pub use outbox::Outbox;

use redtag_protocol::ipc::FromClient;

/// Names a connection for as long as the daemon lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// What comes from the socket. For one connection: `Opened`, any number of `Request`s, `Closed`.
#[derive(Debug)]
pub enum Inbound {
    /// A client has greeted.
    Opened {
        /// Which.
        conn: ConnId,
        /// Where replies and pushes go.
        outbox: Outbox,
        /// The peer's user id, as the kernel says.
        uid: u32,
    },
    /// A client asks. Every request gets exactly one reply with its number.
    Request {
        /// Which.
        conn: ConnId,
        /// What.
        request: FromClient,
    },
    /// The connection is gone.
    Closed {
        /// Which.
        conn: ConnId,
    },
}

#[cfg(test)]
mod tests;
