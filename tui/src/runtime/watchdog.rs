//! A terminal that takes nothing any more, as after Ctrl-S or behind a line that stands still, holds the
//! loop in the middle of a frame, and no signal reaches it there. Whoever asks the client to end is
//! answered from here then.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
    time::sleep,
};

use crate::terminal;

/// So long the loop may take to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// Ends the process some time after it was asked to; not once this is dropped.
pub(super) struct Watchdog(JoinHandle<()>);

impl Watchdog {
    pub(super) fn watch() -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut lost = signal(SignalKind::hangup())?;
        Ok(Self(tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = lost.recv() => {}
            }
            sleep(GRACE).await;
            terminal::abandon();
        })))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.0.abort();
    }
}
