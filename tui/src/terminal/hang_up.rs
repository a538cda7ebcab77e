//! Notices that the terminal went away.
//!
//! When it does, crossterm's reader can spin on end of file without ever reporting it
//! (crossterm #793), so it cannot be asked. The kernel can: one thread sleeps in `poll` without
//! asking for any event, which returns only for a hang-up or an error.

use std::{
    fs::File,
    io::{self, IsTerminal as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::net::UnixStream,
    },
    thread,
};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::oneshot;

/// A watch on the terminal; it ends, with its thread, when it is dropped.
#[derive(Debug)]
pub(crate) struct HangUp {
    gone: oneshot::Receiver<()>,
    /// Closing this end wakes the thread.
    _stop: UnixStream,
}

impl HangUp {
    /// Watches the terminal that keys come from.
    pub(crate) fn watch() -> io::Result<Self> {
        let terminal: OwnedFd = if io::stdin().is_terminal() {
            io::stdin().as_fd().try_clone_to_owned()?
        } else {
            File::open("/dev/tty")?.into()
        };
        Self::watch_over(terminal)
    }

    fn watch_over(terminal: OwnedFd) -> io::Result<Self> {
        let (stop, stopped) = UnixStream::pair()?;
        let (tell, gone) = oneshot::channel();
        thread::Builder::new()
            .name("hang-up".to_owned())
            .spawn(move || {
                let mut watched = [
                    PollFd::new(&terminal, PollFlags::empty()),
                    PollFd::new(&stopped, PollFlags::IN),
                ];
                loop {
                    if poll(&mut watched, None) == Err(rustix::io::Errno::INTR) {
                        continue;
                    }
                    // Whoever stopped the watch has dropped the receiver.
                    let _ = tell.send(());
                    return;
                }
            })?;
        Ok(Self { gone, _stop: stop })
    }

    /// Returns when the terminal is gone.
    pub(crate) async fn gone(&mut self) {
        // The thread ends only after it has told, or with this watch.
        let _ = (&mut self.gone).await;
    }
}

#[cfg(test)]
mod tests;
