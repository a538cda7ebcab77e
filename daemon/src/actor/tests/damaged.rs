//! A cache whose damage shows only while it is used.

use std::path::PathBuf;

use redtag_protocol::{
    api::changes::{End, Line},
    entity::EntityRef,
    ipc::{Reply, Request},
};

use super::{
    accounts::{Client, Daemon},
    leaving::{home, unsent},
    *,
};
use crate::{
    cache::{Page, tests as bench},
    remote::tests::server::{Reply as Said, Server},
};

/// A home with an edit unsent and one event that nobody can read.
fn damaged(dir: &TempDir, url: &str, event: &str, end: &Line) -> Paths {
    let mut at = 0;
    let (paths, _) = home(dir, url, |store| {
        let mut page = Page::default();
        for line in bench::first_page() {
            page.push(&line);
        }
        page.push(&Line::parse(event.as_bytes()).unwrap());
        page.push(end);
        store.take(page, Stamp(1)).unwrap();
        unsent(store);
        at = bench::leaf(store, "events");
    });
    let file = at_home(&paths).join("cache.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[at + 2_000] ^= 0x10;
    std::fs::write(&file, bytes).unwrap();
    paths
}

fn at_home(paths: &Paths) -> PathBuf {
    Home::open(paths).unwrap().at("one")
}

/// The event of a ticket, in which a look at its timeline meets the damage. No API is there, so
/// that nothing else does.
fn looked_at(dir: &TempDir) -> Paths {
    let happening = serde_json::json!({
        "actor": "operator", "stamp": 1, "entity": EntityRef::Inspection(bench::ticket(1)),
        "verdict": "applied", "what": {"what": "created"},
    });
    let event = serde_json::json!({
        "event": {"seq": 10, "salt": "01", "hash": "ab", "payload": happening},
    });
    let end = bench::end(10, false);
    damaged(dir, "http://127.0.0.1:1", &event.to_string(), &end)
}

async fn until_taken_over(daemon: &Daemon, client: &mut Client) {
    let taken = |it: &String| it.contains("1 unsent edits were taken over");
    loop {
        let answer = daemon.ask(client, None, Request::Status).await;
        if matches!(answer, Ok(Reply::Status(status)) if status.notices.iter().any(taken)) {
            return;
        }
    }
}

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
    let daemon = Daemon::start(damaged(&dir, &api.url(), event, &end));
    let mut client = daemon.client(1).await;
    until_taken_over(&daemon, &mut client).await;
    daemon.stop().await;
}

#[tokio::test]
async fn damage_that_only_a_look_meets_sets_the_cache_aside_as_well() {
    let dir = TempDir::new().unwrap();
    let daemon = Daemon::start(looked_at(&dir));
    let mut client = daemon.client(1).await;
    let id = bench::ticket(1);
    let looked = daemon
        .ask(&mut client, None, Request::Timeline { id })
        .await;
    let failure = looked.unwrap_err();
    assert!(failure.words.contains("set aside"), "{failure}");
    until_taken_over(&daemon, &mut client).await;
    daemon.stop().await;
}

#[tokio::test]
async fn damage_that_many_looks_meet_sets_one_cache_aside() {
    let dir = TempDir::new().unwrap();
    let paths = looked_at(&dir);
    let at = at_home(&paths);
    let daemon = Daemon::start(paths);
    let mut clients = Vec::new();
    for number in 1..=8 {
        clients.push(daemon.client(number).await);
    }
    let id = bench::ticket(1);
    for client in &clients {
        daemon.begin(client, None, Request::Timeline { id }).await;
    }
    for client in &mut clients {
        // Whoever came after the damage was met hears of the next cache.
        let _ = client.answer().await;
    }
    until_taken_over(&daemon, &mut clients[0]).await;
    daemon.stop().await;
    let files = std::fs::read_dir(at).unwrap().map(|it| it.unwrap().path());
    let aside = files.filter(|it| it.extension().is_some_and(|it| it == "db"));
    // Itself and the one that was damaged.
    assert_eq!(aside.count(), 2);
}
