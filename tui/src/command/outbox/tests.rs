use redtag_protocol::{
    ipc::{Reply, Request},
    lifecycle::State,
};

use super::*;
use crate::testing;

fn view() -> InspectionView {
    InspectionView {
        sync: SyncState::Waiting,
        waiting: 2,
        pending: ["answer:frame.cracks", "note:frame.cracks"]
            .map(str::to_owned)
            .into(),
        ..testing::view(State::InProgress)
    }
}

#[test]
fn what_waits_is_named_by_inspection_and_point() {
    let status = Status {
        waiting: 3,
        ..testing::status()
    };
    insta::assert_snapshot!(render(&status, &[view()], &[]), @r"
    3 edits saved here, waiting to send; 0 sent, not yet acknowledged.
    INSPECTION  EDITS  HOW FAR                      WHAT
    #1042       2      saved here, waiting to send  Frame and fork cracks, note on Frame and fork cracks
    Besides, 1 edit of customers and vehicles.
    Nothing was refused.
    ");
}

#[tokio::test]
async fn with_nothing_unsent_no_inspection_is_asked_for() {
    let mut daemon = testing::Daemon::new(|_| Some(Ok(Reply::Done)));
    let line = Line::over(crate::link::Link::open(daemon.options()).0);
    let none = unacknowledged(&line, &testing::status()).await.unwrap();
    assert!(none.is_empty() && daemon.requests.try_recv().is_err());
    let status = Status {
        sent: 1,
        ..testing::status()
    };
    assert!(unacknowledged(&line, &status).await.is_err());
    let asked = daemon.requests.recv().await.unwrap().request;
    assert!(matches!(asked, Request::Board(_)), "{asked:?}");
}
