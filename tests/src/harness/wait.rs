//! The one way to wait: for a condition, with an end.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

/// How long anything may take before a test gives up. Generous, for a machine that does ten other
/// things; a test that passes never waits for it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const PACE: Duration = Duration::from_millis(10);

/// Tries until it succeeds and gives what it found. `what` is what was waited for; when
/// [`PATIENCE`] is over the last failure is told with it.
pub fn eventually<T>(what: &str, attempt: impl FnMut() -> Result<T>) -> Result<T> {
    within(PATIENCE, what, attempt)
}

/// The same with another end.
pub fn within<T>(
    patience: Duration,
    what: &str,
    mut attempt: impl FnMut() -> Result<T>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        match attempt() {
            Ok(found) => return Ok(found),
            Err(error) if Instant::now() > deadline => {
                return Err(error)
                    .with_context(|| format!("waited {} s for this: {what}", patience.as_secs()));
            }
            Err(_) => tick(),
        }
    }
}

/// One pace of polling, for what cannot be waited on as an event.
fn tick() {
    thread::park_timeout(PACE);
}
