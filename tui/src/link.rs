//! The line to the daemon: one connection to its socket, kept up by one task.
//!
//! [`Link`] is a cheap handle; clone it for every background job. The task behind it starts the
//! daemon where none runs, greets, numbers requests, reconnects and subscribes again by itself, and
//! tells everything that nobody asked for as an [`Event`].

mod dial;
mod task;

use std::path::PathBuf;

use redtag_protocol::ipc::{Failure, Push, Reply, Request};
use tokio::sync::{mpsc, oneshot};

use crate::programs::Call;

/// How to reach the daemon.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where a daemon may answer, tried in this order. The last is the person's own, whose daemon
    /// may be started.
    pub sockets: Vec<PathBuf>,
    /// The account of every request, by e-mail address or id; the default one where none is named.
    /// A link that wants news then keeps to the one that was the default when it first asked, so
    /// that a screen never shows two shops, until that account is signed out.
    pub account: Option<String>,
    /// How to start the daemon where none runs; none: it is never started.
    pub daemon: Option<Call>,
    /// Whether news is wanted: after every (re)connection [`Event::Up`] is followed by a
    /// [`Push::Status`], then by what happens.
    pub subscribe: bool,
}

/// What the link tells without being asked.
#[derive(Debug, Clone)]
pub enum Event {
    /// Connected and greeted. Anything may have changed meanwhile: ask again for what is shown.
    Up {
        /// The daemon's version.
        version: String,
        /// Its process id.
        pid: u32,
        /// The version of the socket's language that both speak.
        ipc: u16,
    },
    /// The connection is lost, or an attempt to get it back failed for another reason than the one
    /// before. The link keeps trying.
    Down {
        /// What failed and what happens next.
        words: String,
    },
    /// News from the daemon.
    Push(Push),
}

/// Why a request has no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The daemon answered no.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The daemon is not reachable; it never saw the request, so nothing was saved.
    #[error("{0}")]
    NotSent(String),
    /// The connection broke before the answer came: whether it was done is not known. Look before
    /// trying again.
    #[error("{0}")]
    Unanswered(String),
}

/// A handle on the connection. The connection ends with the last handle.
#[derive(Debug, Clone)]
pub struct Link {
    asks: mpsc::Sender<Ask>,
}

/// A request on its way to the task.
#[derive(Debug)]
struct Ask {
    request: Request,
    answer: oneshot::Sender<Result<Reply, Error>>,
    /// How often a daemon took it and did not answer.
    lost: u32,
}

impl Link {
    /// Begins to connect, in a task on the current tokio runtime, and returns at once; requests made
    /// before the connection stands wait for it.
    ///
    /// The receiver may be dropped by who wants no events.
    pub fn open(options: Options) -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (asks, inbox) = mpsc::channel(64);
        // Unbounded, so that a screen that awaits a reply can never stop the task that reads it;
        // the daemon gathers what changed into few pushes.
        let (events, outbox) = mpsc::unbounded_channel();
        tokio::spawn(task::run(options, inbox, events));
        (Self { asks }, outbox)
    }

    /// Asks, and waits for the reply. While the link reconnects the request waits too, at most as
    /// long as one whole attempt (about ten seconds).
    ///
    /// Where the connection breaks, what the daemon cannot have got, and what only looks, is asked
    /// again on the next one. What may have been done is not: [`Error::Unanswered`].
    pub async fn request(&self, request: Request) -> Result<Reply, Error> {
        let (answer, reply) = oneshot::channel();
        let gone = || Error::NotSent("the connection to the daemon has been closed".to_owned());
        let ask = Ask {
            request,
            answer,
            lost: 0,
        };
        self.asks.send(ask).await.map_err(|_| gone())?;
        reply.await.unwrap_or_else(|_| Err(gone()))
    }
}

#[cfg(test)]
mod tests;
