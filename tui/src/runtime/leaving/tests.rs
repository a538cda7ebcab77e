use std::future::pending;

use tokio::{sync::oneshot, task::yield_now, time::Instant};

use super::*;

/// A word that the daemon hears once it came to it.
fn word() -> (JoinHandle<()>, oneshot::Receiver<()>) {
    let (tell, heard) = oneshot::channel();
    let word = tokio::spawn(async move {
        for _ in 0..20 {
            yield_now().await;
        }
        // The test may have seen enough.
        let _ = tell.send(());
    });
    (word, heard)
}

#[tokio::test]
async fn what_was_said_last_is_heard_before_one_is_gone() {
    let ((first, mut heard), (last, mut heard_too)) = (word(), word());
    let failed = tokio::spawn(async {});
    failed.abort();
    until_heard(vec![first, failed, last]).await;
    assert_eq!((heard.try_recv(), heard_too.try_recv()), (Ok(()), Ok(())));
}

#[tokio::test]
async fn a_daemon_that_does_not_answer_keeps_nobody() {
    let (said, mut heard) = word();
    let begun = Instant::now();
    // Comes to an end at all.
    until_heard(vec![tokio::spawn(pending()), said]).await;
    assert!(begun.elapsed() >= LAST_WORDS);
    // The others were heard meanwhile.
    assert_eq!(heard.try_recv(), Ok(()));
}
