//! One page of the change stream as it arrives.

use std::{fmt, io::BufRead as _, time::Duration};

use redtag_protocol::api::changes::{End, Line, LineError};
use reqwest::Response;
use tokio_util::sync::CancellationToken;

use super::{Address, RemoteError, lines::over, transport};

/// The longest line, in bytes.
const MAX_LINE: usize = 8 << 20;

/// The largest page, in bytes: a page is taken in one transaction, and so is whole in memory. What
/// is asked for is far smaller; this is for an API that gives what it likes.
const MAX_PAGE: usize = 32 << 20;

/// How long an answer may take to end after its last line.
const LAST: Duration = Duration::from_millis(200);

/// An answer that has begun.
pub struct Changes {
    address: Address,
    answer: Response,
    /// Cancelled when the network that it comes over is gone.
    ended: CancellationToken,
    max: usize,
}

/// A whole page, not yet read but for its last line.
pub struct RawPage {
    bytes: Vec<u8>,
    last: Line,
    address: Address,
}

impl Changes {
    pub(super) fn new(address: Address, answer: Response, ended: CancellationToken) -> Self {
        Self {
            address,
            answer,
            ended,
            max: MAX_PAGE,
        }
    }

    #[cfg(test)]
    pub(super) fn at_most(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// Reads on to the closing line, or to a reset. A page that breaks off is no page: it is asked
    /// for again with the same cursor.
    pub async fn whole(mut self) -> Result<RawPage, RemoteError> {
        let mut bytes = Vec::new();
        let (mut begin, mut searched) = (0, 0);
        loop {
            while let Some(end) = line_end(&bytes, searched) {
                let line = &bytes[begin..end];
                if line.len() > MAX_LINE {
                    return Err(garbage(
                        &self.address,
                        "a line is longer than any should be",
                    ));
                }
                if let Some(last) = closing(line).map_err(|e| unreadable(&self.address, &e))? {
                    bytes.truncate(begin);
                    let more = matches!(&last, Line::End(end) if end.more);
                    return Ok(RawPage {
                        bytes,
                        last,
                        address: self.ends(more).await,
                    });
                }
                (begin, searched) = (end + 1, end + 1);
            }
            searched = bytes.len();
            if bytes.len() - begin > MAX_LINE {
                return Err(garbage(
                    &self.address,
                    "a line is longer than any should be",
                ));
            }
            let chunk = async {
                let chunk = self.answer.chunk().await;
                chunk.map_err(|e| transport::failure(&self.address, &e))
            };
            match over(&self.ended, &self.address, chunk).await? {
                Some(chunk) if bytes.len() + chunk.len() > self.max => {
                    return Err(RemoteError::TooMuch {
                        words: format!(
                            "the changes from {} come in a larger piece than is taken",
                            self.address
                        ),
                    });
                }
                Some(chunk) => bytes.extend_from_slice(&chunk),
                None => {
                    return Err(RemoteError::Offline {
                        words: format!("{} broke off in the middle of its answer", self.address),
                    });
                }
            }
        }
    }

    /// Lets the answer come to its end: only then can its connection be used again. Where the next
    /// page is asked for at once that is worth waiting for; else it happens behind us.
    async fn ends(self, wait: bool) -> Address {
        let mut answer = self.answer;
        let rest = async move {
            // Anything else than the end is not worth waiting for.
            let _ = tokio::time::timeout(LAST, answer.chunk()).await;
        };
        if wait {
            rest.await;
        } else {
            tokio::spawn(rest);
        }
        self.address
    }
}

impl RawPage {
    /// The closing line; none where the API asks to begin anew.
    pub fn end(&self) -> Option<&End> {
        match &self.last {
            Line::End(end) => Some(end),
            _ => None,
        }
    }

    /// How large it is, in bytes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Hands every line to `each`, but for the closing one, which it gives.
    pub fn read(
        &self,
        mut each: impl FnMut(&[u8]) -> Result<(), LineError>,
    ) -> Result<&Line, RemoteError> {
        for line in self.unread() {
            each(line).map_err(|error| unreadable(&self.address, &error))?;
        }
        Ok(&self.last)
    }

    /// Its lines in order, the last one as well.
    pub fn lines(&self) -> impl Iterator<Item = Result<Line, RemoteError>> {
        let read = |line| Line::parse(line).map_err(|error| unreadable(&self.address, &error));
        let lines = self.unread().map(read);
        lines.chain(std::iter::once(Ok(self.last.clone())))
    }

    /// All lines but the last, each without its line end.
    fn unread(&self) -> impl Iterator<Item = &[u8]> {
        // Each of them ends with a line end, so that there is no rest.
        let mut begin = 0;
        let ends = memchr::memchr_iter(b'\n', &self.bytes);
        ends.map(move |end| {
            let line = &self.bytes[begin..end];
            begin = end + 1;
            line.trim_ascii_end()
        })
    }
}

/// Where the line ends that is searched from `from` on.
fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut rest = bytes.get(from..)?;
    // Reading from memory cannot fail.
    let count = rest.skip_until(b'\n').ok()?;
    let end = (from + count).checked_sub(1)?;
    (count > 0 && bytes[end] == b'\n').then_some(end)
}

/// The line, if it closes a page. What begins as the API writes documents and events is not looked
/// into.
fn closing(line: &[u8]) -> Result<Option<Line>, LineError> {
    if line.starts_with(b"{\"kind\"") || line.starts_with(b"{\"event\"") {
        return Ok(None);
    }
    let line = Line::parse(line)?;
    Ok(matches!(line, Line::End(_) | Line::Reset).then_some(line))
}

fn unreadable(address: &Address, error: &LineError) -> RemoteError {
    garbage(address, &error.to_string())
}

fn garbage(address: &Address, why: &str) -> RemoteError {
    RemoteError::Garbage {
        words: format!("the changes from {address} cannot be read: {why}"),
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({})", self.address)
    }
}

impl fmt::Debug for RawPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawPage({} bytes)", self.bytes.len())
    }
}
