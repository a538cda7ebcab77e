//! Leaving.

use std::time::Duration;

use tokio::{task::JoinHandle, time::timeout};

/// How long leaving waits for the daemon to hear what was said last, such as which line was marked.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Waits until these were heard, but no longer than a person would not notice.
pub(super) async fn until_heard(words: Vec<JoinHandle<()>>) {
    let heard = async {
        for word in words {
            // One that failed is not worth staying for.
            let _ = word.await;
        }
    };
    let _ = timeout(LAST_WORDS, heard).await;
}

#[cfg(test)]
mod tests;
