//! What is struck in the terminal.

use std::io;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use tokio::{sync::mpsc, task::JoinHandle};

/// Reads the terminal in a task of its own. crossterm's stream wakes only whoever polled it first
/// since its last event, so it must not be polled from here and there.
pub(super) struct Keys {
    pub(super) events: mpsc::UnboundedReceiver<io::Result<Event>>,
    reader: JoinHandle<()>,
}

impl Keys {
    pub(super) fn read() -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let reader = tokio::spawn(async move {
            let mut stream = EventStream::new();
            while let Some(event) = stream.next().await {
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Self { events, reader }
    }

    /// Ends; what is struck is another program's from now on.
    pub(super) async fn hush(self) {
        self.reader.abort();
        // Cancelled, as was asked.
        let _ = self.reader.await;
    }

    /// The next one; never while the keys are another program's.
    pub(super) async fn next(keys: Option<&mut Self>) -> Option<io::Result<Event>> {
        match keys {
            Some(keys) => keys.events.recv().await,
            None => std::future::pending().await,
        }
    }
}
