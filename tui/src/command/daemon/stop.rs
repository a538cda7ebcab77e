//! `redtag daemon stop`.

use std::time::Duration;

use redtag_protocol::ipc::Request;
use tokio::time::timeout;

use crate::{
    command::{
        desk::Desk,
        fault::{Exit, Fault},
    },
    link::{Error, Event, Link},
};

/// How long a daemon may take to finish its transaction and close its caches.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stops the daemon and waits until it is gone; false where none ran.
pub(super) async fn run(desk: &Desk) -> Result<bool, Fault> {
    let (link, mut events) = Link::open(desk.options(false));
    match link.request(Request::Stop).await {
        // Some daemons are faster gone than their answer is read.
        Ok(_) | Err(Error::Unanswered(_)) => {}
        Err(Error::NotSent(_)) => return Ok(false),
        Err(failed) => return Err(failed.into()),
    }
    let gone = async {
        // The connection ends with the process, so it says when the daemon is gone.
        while let Some(event) = events.recv().await {
            if matches!(event, Event::Down { .. }) {
                return;
            }
        }
    };
    timeout(PATIENCE, gone).await.map_err(|_| {
        Fault::new(
            Exit::Error,
            "the daemon was asked to stop and is still there after ten seconds; nothing is lost, \
             “redtag daemon logs” shows what it does",
        )
    })?;
    Ok(true)
}
