//! SIGTERM and SIGINT stop cleanly; SIGHUP has the configuration read again and no more, for the
//! daemon outlives its terminal.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Cancels `stop` at the first signal that asks for an end, and tells `reload` of each that asks for
/// the configuration.
pub(super) fn follow(stop: &CancellationToken, reload: &Arc<Notify>) -> anyhow::Result<()> {
    let listen = |kind| signal(kind).context("signals cannot be listened to");
    let mut term = listen(SignalKind::terminate())?;
    let mut int = listen(SignalKind::interrupt())?;
    let mut hup = listen(SignalKind::hangup())?;
    let (stop, reload) = (stop.clone(), Arc::clone(reload));
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = term.recv() => break,
                _ = int.recv() => break,
                _ = hup.recv() => reload.notify_one(),
                () = stop.cancelled() => return,
            }
        }
        tracing::info!("asked to stop");
        stop.cancel();
    });
    Ok(())
}
