//! One page of the change stream as it arrives.

use std::fmt;

use redtag_protocol::api::changes::Line;
use reqwest::Response;

use super::{Address, RemoteError, transport};

/// The longest line, in bytes.
const MAX_LINE: usize = 8 << 20;

/// The largest page, in bytes: a page is taken in one transaction, and so is whole in memory.
const MAX_PAGE: usize = 256 << 20;

/// Lines of one page, read as they arrive; at most one line and one network chunk are in memory.
pub struct Changes {
    address: Address,
    answer: Response,
    buffer: Vec<u8>,
    /// Where in the buffer the next line begins.
    begin: usize,
    /// Up to where the buffer was searched for a line end.
    searched: usize,
    /// How much of the page has come.
    came: usize,
    max: usize,
    done: bool,
}

impl Changes {
    pub(super) fn new(address: Address, answer: Response) -> Self {
        Self {
            address,
            answer,
            buffer: Vec::new(),
            begin: 0,
            searched: 0,
            came: 0,
            max: MAX_PAGE,
            done: false,
        }
    }

    #[cfg(test)]
    pub(super) fn at_most(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// The next line; none after the closing one or a reset. An error in the middle leaves what
    /// was read valid: go on with the last committed cursor.
    pub async fn next(&mut self) -> Result<Option<Line>, RemoteError> {
        if self.done {
            return Ok(None);
        }
        loop {
            if let Some(end) = self.line_end() {
                let line = &self.buffer[self.begin..end];
                if line.len() > MAX_LINE {
                    return Err(self.garbage("a line is longer than any that it should send"));
                }
                let line = Line::parse(line).map_err(|e| self.garbage(&e.to_string()))?;
                self.begin = end + 1;
                self.searched = self.begin;
                self.done = matches!(line, Line::End(_) | Line::Reset);
                return Ok(Some(line));
            }
            if self.buffer.len() - self.begin > MAX_LINE {
                return Err(self.garbage("a line is longer than any that it should send"));
            }
            self.buffer.drain(..self.begin);
            self.searched -= self.begin;
            self.begin = 0;
            let chunk = self.answer.chunk().await;
            match chunk.map_err(|e| transport::failure(&self.address, &e))? {
                Some(chunk) => {
                    self.came += chunk.len();
                    if self.came > self.max {
                        return Err(self.garbage("a page is larger than any that it should send"));
                    }
                    self.buffer.extend_from_slice(&chunk);
                }
                None => {
                    return Err(RemoteError::Offline {
                        words: format!("{} broke off in the middle of its answer", self.address),
                    });
                }
            }
        }
    }

    fn line_end(&mut self) -> Option<usize> {
        let found = self.buffer[self.searched..]
            .iter()
            .position(|b| *b == b'\n');
        if found.is_none() {
            self.searched = self.buffer.len();
        }
        found.map(|at| self.searched + at)
    }

    fn garbage(&self, why: &str) -> RemoteError {
        RemoteError::Garbage {
            words: format!("the changes from {} cannot be read: {why}", self.address),
        }
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({})", self.address)
    }
}
