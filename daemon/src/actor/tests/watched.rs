//! Who has an inspection on the screen hears what became of it, and nobody else.

use redtag_protocol::{
    inspection::InspectionWrite,
    ipc::{Difference, FromDaemon, Push, Reply, Request},
    op::Edit,
    stamp::Stamp,
};

use super::{
    accounts::{Client, Daemon},
    leaving::home,
    *,
};
use crate::cache::{Page, tests as bench};

fn note(text: &str) -> Request {
    let write = InspectionWrite::Note {
        point: "tyres.wear".parse().unwrap(),
        note: Some(text.to_owned()),
    };
    let id = bench::ticket(1);
    Request::Edit {
        edits: vec![Edit::Inspection { id, write }],
    }
}

/// What comes with the next word of a change.
async fn next(client: &mut Client) -> Option<Box<Difference>> {
    loop {
        if let FromDaemon::Push(Push::Changed { difference, .. }) = client.pushed().await {
            return difference;
        }
    }
}

#[tokio::test]
async fn who_watches_hears_what_became_of_it_as_long_as_it_is_on_the_screen() {
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, "http://127.0.0.1:9", |store| {
        let mut page = Page::default();
        for line in bench::first_page() {
            page.push(&line);
        }
        page.push(&bench::end(10, false));
        store.take(page, Stamp(1)).unwrap();
    });
    let daemon = Daemon::start(paths);
    let (mut watching, mut other) = (daemon.client(1).await, daemon.client(2).await);
    for client in [&mut watching, &mut other] {
        daemon.ask(client, None, Request::Subscribe).await.unwrap();
    }
    let id = bench::ticket(1);
    let answer = daemon.ask(&mut watching, None, Request::Watch { id });
    let Reply::Inspection(mut view) = answer.await.unwrap() else {
        panic!("no inspection");
    };
    let mut writing = daemon.client(3).await;
    daemon.ask(&mut writing, None, note("worn")).await.unwrap();
    let difference = next(&mut watching).await.unwrap();
    assert!(next(&mut other).await.is_none());
    view.follow(*difference);
    let point = "tyres.wear".parse().unwrap();
    assert_eq!(view.inspection.results[&point].note(), Some("worn"));
    let ended = daemon.ask(&mut watching, None, Request::Unwatch);
    assert!(matches!(ended.await, Ok(Reply::Done)));
    daemon.ask(&mut writing, None, note("out")).await.unwrap();
    assert!(next(&mut watching).await.is_none());
    daemon.stop().await;
}
