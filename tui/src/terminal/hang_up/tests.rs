use std::{os::unix::net::UnixStream, time::Duration};

use tokio::time::timeout;

use super::HangUp;

#[tokio::test]
async fn a_terminal_that_goes_away_is_noticed_and_not_before() {
    let (near, far) = UnixStream::pair().unwrap();
    let mut watch = HangUp::watch_over(near.into()).unwrap();
    assert!(
        timeout(Duration::from_millis(20), watch.gone())
            .await
            .is_err()
    );
    drop(far);
    timeout(Duration::from_secs(5), watch.gone()).await.unwrap();
}
