//! The sole owner of the daemon's state: everything that happens arrives as an event and is
//! matched once; remote calls run as tasks of their own and come back as events.
//!
//! It opens and chooses the secret store itself, for a sign-in may choose one.

use std::{path::PathBuf, sync::Arc};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{config::Settings, ipc::Inbound, paths::Paths};

/// What the actor is given at the start.
pub struct Setup {
    /// Where things lie.
    pub paths: Arc<Paths>,
    /// The log's directory, for people who ask.
    pub log: Option<PathBuf>,
    /// What a person calls this bench, such as the host name.
    pub bench: String,
    /// The configuration in force, which may change while running: `ca`, `pull_every`,
    /// `max_backoff`, and `problem` for the notices.
    pub settings: watch::Receiver<Settings>,
}

/// Owns the accounts and answers `inbound` until `shutdown` is cancelled or a client says `Stop`.
/// When it returns, every cache is closed and nothing is half-written.
pub async fn run(
    setup: Setup,
    mut inbound: mpsc::Receiver<Inbound>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let _ = setup;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            it = inbound.recv() => if it.is_none() { return Ok(()) },
        }
    }
}
