//! The bounded queue towards one client.

use redtag_protocol::ipc::FromDaemon;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How many messages may wait for a client that reads slowly.
pub(super) const WAITING: usize = 256;

/// The queue towards one client. Sending never waits: a client that does not read loses its
/// connection, not the daemon's time.
#[derive(Debug, Clone)]
pub struct Outbox {
    queue: mpsc::Sender<FromDaemon>,
    cut: CancellationToken,
}

impl Outbox {
    /// An outbox and the end to read it from. The token is cancelled when the client is too slow.
    pub fn new(cut: CancellationToken) -> (Self, mpsc::Receiver<FromDaemon>) {
        let (queue, rest) = mpsc::channel(WAITING);
        (Self { queue, cut }, rest)
    }

    /// Queues a message. False when the client is gone or was cut off because its queue is full:
    /// `Closed` follows.
    pub fn send(&self, message: FromDaemon) -> bool {
        let sent = self.queue.try_send(message).is_ok();
        if !sent {
            self.cut.cancel();
        }
        sent
    }
}
