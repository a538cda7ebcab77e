//! SIGTERM and SIGINT stop cleanly; SIGHUP does nothing, for the daemon outlives its terminal.

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels `stop` at the first signal that asks for an end.
pub(super) fn cancel(stop: &CancellationToken) -> anyhow::Result<()> {
    let listen = |kind| signal(kind).context("signals cannot be listened to");
    let mut term = listen(SignalKind::terminate())?;
    let mut int = listen(SignalKind::interrupt())?;
    let mut hup = listen(SignalKind::hangup())?;
    let stop = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = term.recv() => break,
                _ = int.recv() => break,
                _ = hup.recv() => {}
                () = stop.cancelled() => return,
            }
        }
        tracing::info!("asked to stop");
        stop.cancel();
    });
    Ok(())
}
