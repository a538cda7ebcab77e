//! The live channel: how far the shop is, and nothing else.

use redtag_protocol::stamp::Seq;

use super::RemoteError;

/// What the live channel says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveEvent {
    /// The shop is at this place.
    Seq(Seq),
    /// The channel lives.
    Heartbeat,
}

/// An open live channel.
#[derive(Debug)]
pub struct Live {}

impl Live {
    /// The next word; none when the server ended the channel in good order (the token expired or
    /// it shuts down): open it again. Silence longer than
    /// [`redtag_protocol::api::live::SILENCE`] is an error.
    pub async fn next(&mut self) -> Result<Option<LiveEvent>, RemoteError> {
        todo!()
    }
}
