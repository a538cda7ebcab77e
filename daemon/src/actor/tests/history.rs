//! The timeline of what is closed: shown as far as it is here, fetched behind that, told as a change.

use redtag_protocol::{
    api::changes::{End, Line},
    entity::EntityRef,
    ipc::{FromDaemon, Push, Reply, Request},
    stamp::Seq,
};

use super::{accounts::Daemon, leaving::home, *};
use crate::{
    cache::{Page, tests as bench},
    remote::tests::server::{Reply as Said, Server},
};

#[tokio::test]
async fn without_an_answer_of_the_api_one_sees_at_once_what_is_here_and_that_there_is_more() {
    let mut page = Page::default();
    for line in bench::first_page() {
        page.push(&line);
    }
    page.push(&bench::end(10, false));
    let silent = Server::start(|asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        // Takes the question and never answers.
        path if path.contains("/timeline/") => Said::raw("").hold(),
        _ => Said::error(503, "later"),
    })
    .await;
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, &silent.url(), |store| {
        store.take(page, Stamp(1)).unwrap();
    });
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    // Signed in, and the API not well.
    let synced = daemon.ask(&mut client, None, Request::Sync { wait: true });
    synced.await.unwrap_err();
    let asked = std::time::Instant::now();
    let of = EntityRef::Inspection(bench::ticket(1));
    let answer = daemon.ask(&mut client, None, Request::History { of });
    let Ok(Reply::History(history)) = answer.await else {
        panic!("no history");
    };
    assert!(history.entries.is_empty());
    let missing = history.missing.unwrap();
    assert!(missing.contains("not on this machine"), "{missing}");
    assert!(missing.contains("network"), "{missing}");
    // It used to wait for five seconds.
    assert!(asked.elapsed() < std::time::Duration::from_secs(3));
    daemon.stop().await;
}

#[tokio::test]
async fn a_timeline_that_is_not_here_is_fetched_behind_the_first_look() {
    let mut page = Page::default();
    for line in bench::first_page() {
        page.push(&line);
    }
    let end = bench::end(10, false);
    page.push(&end.clone());
    let Line::End(End { cursor, .. }) = end else {
        unreachable!()
    };
    let level = format!("{{\"cursor\":\"{cursor}\",\"more\":false}}\n");
    let happening = serde_json::json!({
        "actor": "operator", "stamp": 1, "entity": EntityRef::Inspection(bench::ticket(1)),
        "verdict": "applied", "what": {"what": "created"},
    });
    let event = serde_json::json!({
        "event": {"seq": 9, "salt": "01", "hash": "ab", "payload": happening},
    });
    let told = format!("{event}\n{level}");
    let api = Server::start(move |asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        path if path.contains("/timeline/inspection/") => Said::json(200, &told),
        path if path.contains("/changes") => Said::json(200, &level),
        _ => Said::error(503, "later"),
    })
    .await;
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, &api.url(), |store| {
        store.take(page, Stamp(1)).unwrap();
    });
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    daemon
        .ask(&mut client, None, Request::Subscribe)
        .await
        .unwrap();
    // Signed in, so that there is something to ask with.
    let synced = daemon.ask(&mut client, None, Request::Sync { wait: true });
    drop(synced.await);
    let id = bench::ticket(1);
    let mut looks = 0;
    loop {
        let answer = daemon.ask(&mut client, None, Request::Timeline { id });
        match answer.await.unwrap() {
            Reply::Timeline(entries) if entries.is_empty() => looks += 1,
            Reply::Timeline(entries) => {
                assert_eq!(entries[0].seq, Some(Seq(9)));
                break;
            }
            other => panic!("{other:?}"),
        }
        // No network is waited for: the first answer holds what is here.
        loop {
            if let FromDaemon::Push(Push::Changed { documents, .. }) = client.pushed().await
                && documents.contains(&EntityRef::Inspection(id))
            {
                break;
            }
        }
    }
    assert!(looks > 0);
    daemon.stop().await;
}
