//! The unix socket: who may speak, the greeting, frames. What is asked goes to the actor; what it
//! answers comes back through an [`Outbox`].

mod bind;
mod outbox;
mod session;

pub use bind::{ListenError, Listener, listen, listen_on};
pub use outbox::Outbox;

use redtag_protocol::ipc::FromClient;
use tokio::sync::{mpsc, oneshot};

/// Names a connection for as long as the daemon lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(pub u64);

/// A client that has come, before it is greeted.
#[derive(Debug)]
pub struct Knock {
    /// Its user id, as the kernel says.
    pub uid: u32,
    /// Where what it asks goes, or in words why it is not let in.
    pub answer: oneshot::Sender<Result<mpsc::Sender<Inbound>, String>>,
}

/// What an actor looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// Accounts whose cache is open.
    pub open: usize,
    /// Accounts whose cache cannot be opened at the moment.
    pub shut: usize,
}

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
    /// Not from the socket: is to be answered when its turn comes, which shows that turns come.
    Turn {
        /// Where to.
        answer: oneshot::Sender<Turned>,
    },
}

#[cfg(test)]
mod tests;
