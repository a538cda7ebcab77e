//! Taking the lock, making the socket, letting clients in.

use std::{io, path::PathBuf};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Inbound;
use crate::paths::Paths;

/// A socket that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another daemon holds the lock.
    #[error("a redtagd is already running here{who}; `redtag daemon stop` ends it")]
    Running {
        /// Its process id in words, where it is known.
        who: String,
    },
    /// The lock or the socket cannot be made.
    #[error("{what} {} cannot be made: {cause}", path.display())]
    Io {
        /// What.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// A socket that clients can connect to, and the lock that goes with it. Both go with it.
#[derive(Debug)]
pub struct Listener {}

/// Takes the lock and opens the socket (mode 0600).
pub fn listen(paths: &Paths) -> Result<Listener, ListenError> {
    todo!()
}

impl Listener {
    /// Serves clients until `stop`; then waits until each has got what was queued for it (at most
    /// a second) and removes the socket.
    pub async fn serve(self, inbound: mpsc::Sender<Inbound>, stop: CancellationToken) {
        todo!()
    }
}
