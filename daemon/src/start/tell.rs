//! What the daemon says to whoever started it.

use std::io::Write;

/// Tells a failure to the person at the terminal, or to the journal.
pub(super) fn person(error: &anyhow::Error) {
    // Nowhere left to report that this failed.
    let _ = writeln!(std::io::stderr(), "redtagd: {error:#}");
}
