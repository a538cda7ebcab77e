//! The one place that writes to standard output, and what a person reads beside it.

use std::io::{self, Write as _};

use redtag_protocol::text;

/// Writes a line and flushes it. A reader that went away is no failure of ours.
pub(super) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a line to standard error, without what could harm a terminal.
pub(super) fn aside(text: &str) -> io::Result<()> {
    let text = text::clean_text(text);
    writeln!(io::stderr(), "{text}")
}
