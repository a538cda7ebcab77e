//! The one place that writes to standard output.

use std::io::{self, Write as _};

/// Writes a line and flushes it. A reader that went away is no failure of ours.
pub(super) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
