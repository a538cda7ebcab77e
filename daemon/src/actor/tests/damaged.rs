//! A cache whose damage shows only while it is used.

use redtag_protocol::{
    api::changes::{End, Line},
    entity::EntityRef,
    ipc::{Reply, Request},
};

use super::{
    accounts::Daemon,
    leaving::{home, unsent},
    *,
};
use crate::{
    cache::{Page, tests as bench},
    remote::tests::server::{Reply as Said, Server},
};

#[tokio::test]
async fn damage_that_a_pull_meets_sets_the_cache_aside_and_the_unsent_is_taken_over() {
    let end = bench::end(10, false);
    let Line::End(End { cursor, .. }) = end.clone() else {
        unreachable!()
    };
    let event = r#"{"event":{"seq":10,"salt":"01","hash":"ab","payload":{}}}"#;
    let told = format!("{event}\n{{\"cursor\":\"{cursor}\",\"more\":false}}\n");
    let api = Server::start(move |asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        path if path.contains("/changes") => Said::json(200, &told),
        _ => Said::error(503, "later"),
    })
    .await;
    let dir = TempDir::new().unwrap();
    let mut at = 0;
    let (paths, _) = home(&dir, &api.url(), |store| {
        let mut page = Page::default();
        for line in bench::first_page() {
            page.push(line);
        }
        page.push(Line::parse(event.as_bytes()).unwrap());
        page.push(end);
        store.take(page, Stamp(1)).unwrap();
        unsent(store);
        at = bench::leaf(store, "events");
    });
    let file = Home::open(&paths).unwrap().at("one").join("cache.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[at + 2_000] ^= 0x10;
    std::fs::write(&file, bytes).unwrap();
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    loop {
        let answer = daemon.ask(&mut client, None, Request::Status).await;
        let Ok(Reply::Status(status)) = answer else {
            continue;
        };
        if status
            .notices
            .iter()
            .any(|it| it.contains("1 unsent edits were taken over"))
        {
            break;
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn damage_that_only_a_look_meets_sets_the_cache_aside_as_well() {
    let dir = TempDir::new().unwrap();
    let happening = serde_json::json!({
        "actor": "operator", "stamp": 1, "entity": EntityRef::Inspection(bench::ticket(1)),
        "verdict": "applied", "what": {"what": "created"},
    });
    let event = serde_json::json!({
        "event": {"seq": 10, "salt": "01", "hash": "ab", "payload": happening},
    });
    let event = event.to_string();
    let mut at = 0;
    // No API, so that nothing but the person's look can meet it.
    let (paths, _) = home(&dir, "http://127.0.0.1:1", |store| {
        let mut page = Page::default();
        for line in bench::first_page() {
            page.push(line);
        }
        page.push(Line::parse(event.as_bytes()).unwrap());
        page.push(bench::end(10, false));
        store.take(page, Stamp(1)).unwrap();
        unsent(store);
        at = bench::leaf(store, "events");
    });
    let file = Home::open(&paths).unwrap().at("one").join("cache.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[at + 2_000] ^= 0x10;
    std::fs::write(&file, bytes).unwrap();
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let id = bench::ticket(1);
    let looked = daemon
        .ask(&mut client, None, Request::Timeline { id })
        .await;
    let failure = looked.unwrap_err();
    assert!(failure.words.contains("set aside"), "{failure}");
    loop {
        let answer = daemon.ask(&mut client, None, Request::Status).await;
        let Ok(Reply::Status(status)) = answer else {
            continue;
        };
        let taken = |it: &String| it.contains("1 unsent edits were taken over");
        if status.notices.iter().any(taken) {
            break;
        }
    }
    daemon.stop().await;
}
