//! A frame is four bytes of length, big-endian, and as many bytes of JSON.

use serde::{Serialize, de::DeserializeOwned};

/// The largest body of a frame, in bytes. Boards and lists are asked for in pages that stay far
/// below it.
pub const MAX_FRAME: usize = 8 << 20;

/// A frame that is refused.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The length says more than [`MAX_FRAME`].
    #[error("a message of {0} bytes is larger than the {MAX_FRAME} that the socket carries")]
    TooLarge(usize),
    /// The body is not the message it should be.
    #[error("a message on the socket cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

/// The frame of a message, length included.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let body = frame.len() - 4;
    let length = u32::try_from(body).ok().filter(|_| body <= MAX_FRAME);
    let Some(length) = length else {
        return Err(FrameError::TooLarge(body));
    };
    frame[..4].copy_from_slice(&length.to_be_bytes());
    Ok(frame)
}

/// Takes whole frames out of bytes as they arrive, however they are cut.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    taken: usize,
}

impl Decoder {
    /// A decoder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes that arrived.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message; none until more bytes arrive. After a body that cannot be read the
    /// next call goes on behind it; after a length that is too large nothing can be read any more.
    #[expect(
        clippy::should_implement_trait,
        reason = "its type is the caller's and it may fail"
    )]
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        let message = self.body()?.map(serde_json::from_slice).transpose()?;
        Ok(message)
    }

    /// The body of the next whole frame, not yet read as JSON; none until more bytes arrive.
    pub fn body(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let rest = &self.buffer[self.taken..];
        let Some((head, rest)) = rest.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
        if length > MAX_FRAME {
            return Err(FrameError::TooLarge(length));
        }
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        self.taken += 4 + length;
        Ok(Some(body))
    }
}

#[cfg(test)]
mod tests;
