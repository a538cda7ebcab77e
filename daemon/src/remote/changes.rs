//! One page of the change stream as it arrives.

use redtag_protocol::api::changes::Line;

use super::RemoteError;

/// Lines of one page, read as they arrive and never more than one line ahead.
#[derive(Debug)]
pub struct Changes {}

impl Changes {
    /// The next line; none after the closing one. An error in the middle leaves what was read
    /// valid: go on from there with the last committed cursor.
    pub async fn next(&mut self) -> Result<Option<Line>, RemoteError> {
        todo!()
    }
}
