//! The live channel: how far the shop is, and nothing else.

mod events;

use std::{fmt, time::Duration};

use redtag_protocol::{api::live::SILENCE, stamp::Seq};
use reqwest::Response;
use tokio_util::sync::CancellationToken;

use super::{Address, RemoteError, lines::over, transport};
use events::Events;

/// What the live channel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveEvent {
    /// The shop is at this place.
    Seq(Seq),
    /// The channel lives.
    Heartbeat,
}

/// An open live channel.
pub struct Live {
    address: Address,
    answer: Response,
    events: Events,
    /// Cancelled when the network that it comes over is gone.
    ended: CancellationToken,
    silence: Duration,
}

impl Live {
    pub(super) fn new(address: Address, answer: Response, ended: CancellationToken) -> Self {
        Self {
            address,
            answer,
            events: Events::default(),
            ended,
            silence: SILENCE,
        }
    }

    /// The next word; none when the server ended the channel in good order (the token expired or
    /// it shuts down): open it again. Silence longer than
    /// [`redtag_protocol::api::live::SILENCE`] is an error.
    pub async fn next(&mut self) -> Result<Option<LiveEvent>, RemoteError> {
        loop {
            if let Some(event) = self.events.take() {
                return Ok(Some(event));
            }
            let chunk = async {
                let chunk = tokio::time::timeout(self.silence, self.answer.chunk()).await;
                let chunk = chunk.map_err(|_| RemoteError::Offline {
                    words: format!("the live channel of {} fell silent", self.address),
                })?;
                chunk.map_err(|e| transport::failure(&self.address, &e))
            };
            match over(&self.ended, &self.address, chunk).await? {
                Some(chunk) => self
                    .events
                    .feed(&chunk)
                    .map_err(|why| RemoteError::Garbage {
                        words: format!(
                            "the live channel of {} cannot be read: {why}",
                            self.address
                        ),
                    })?,
                None => return Ok(None),
            }
        }
    }

    #[cfg(test)]
    pub(super) fn with_silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Live({})", self.address)
    }
}
