//! Life under systemd, as in `sd_notify(3)` and `sd_listen_fds(3)`: the socket that it hands over,
//! and what it is told. Nothing of it where systemd did not start us.

use std::{io, os::unix::net::UnixListener, time::Duration};

use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::{
    sync::{mpsc, oneshot},
    time,
};
use tokio_util::sync::CancellationToken;

use crate::{household::Roll, ipc::Inbound};

/// How often the state is told where no watchdog wants it more often.
const PACE: Duration = Duration::from_secs(30);

/// The listening socket that systemd made; none where it made none. To be called once, before there
/// are threads.
pub(crate) fn socket() -> io::Result<Option<UnixListener>> {
    ListenFd::from_env().take_unix_listener(0)
}

/// Says that a changed configuration is read; [`reloaded`] follows.
pub(crate) fn reloading() {
    let mut state = vec![NotifyState::Reloading];
    state.extend(NotifyState::monotonic_usec_now().ok());
    tell(&state);
}

/// Says that it was read, whether it was taken or refused.
pub(crate) fn reloaded() {
    tell(&[NotifyState::Ready]);
}

/// Says that the end has begun.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says that the daemon is ready once every actor's loop has turned, and from then on feeds the
/// watchdog each time they all have turned again. One that is stuck is waited for and nothing is
/// told meanwhile, so that systemd ends us and begins anew.
pub(crate) async fn beat(rolls: mpsc::Sender<Roll>, stop: CancellationToken) {
    let watchdog = sd_notify::watchdog_enabled();
    let pace = watchdog.map_or(PACE, |limit| (limit / 3).min(PACE));
    let mut state = NotifyState::Ready;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            turned = turn(&rolls) => match turned {
                Some(words) => tell(&[state, NotifyState::Watchdog, NotifyState::Status(&words)]),
                // The household is ending.
                None => return,
            },
        }
        state = NotifyState::Watchdog;
        tokio::select! {
            () = stop.cancelled() => return,
            () = time::sleep(pace) => {}
        }
    }
}

/// Waits until every actor has turned, and says in words what they look after.
async fn turn(rolls: &mpsc::Sender<Roll>) -> Option<String> {
    let (roll, doors) = oneshot::channel();
    rolls.send(roll).await.ok()?;
    let (mut open, mut shut) = (0, 0);
    for door in doors.await.ok()? {
        let (answer, turned) = oneshot::channel();
        // One that has ended meanwhile is not stuck; the household deals with it.
        if door.send(Inbound::Turn { answer }).await.is_ok()
            && let Ok(accounts) = turned.await
        {
            open += accounts.open;
            shut += accounts.shut;
        }
    }
    Some(match (open, shut) {
        (0, 0) => "Nobody is signed in".to_owned(),
        (open, 0) => format!("Accounts: {open}"),
        (open, shut) => format!("Accounts: {open}, and {shut} that cannot be opened"),
    })
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd could not be told how things stand");
    }
}

#[cfg(test)]
mod tests;
