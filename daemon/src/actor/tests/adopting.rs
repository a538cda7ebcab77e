//! Taking an export over.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use redtag_protocol::{
    api::changes::{End, Line},
    ids::{CustomerId, DeviceId},
    ipc::Request,
};
use serde_json::{Value, json};

use super::{accounts::Daemon, leaving::home, *};
use crate::{
    cache::tests as bench,
    remote::tests::server::{Reply as Said, Server},
};

/// A stroke that makes a customer, so often.
fn stroke(number: u8, times: usize) -> Value {
    let operation = json!({
        "number": number, "group": number, "stamp": 1, "base": 0, "schema": 1,
        "edit": {
            "do": "create_customer", "id": CustomerId::from_bytes([number; 16]), "name": "Alma",
            "phones": [], "emails": [], "consent": false,
        },
    });
    json!({"operations": vec![operation; times]})
}

#[tokio::test]
async fn what_was_taken_over_before_a_stroke_that_failed_is_sent() {
    let Line::End(End { cursor, .. }) = bench::end(10, false) else {
        unreachable!()
    };
    let level = format!("{{\"cursor\":\"{cursor}\",\"more\":false}}\n");
    let sent = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&sent);
    let api = Server::start(move |asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        path if path.contains("/changes") => Said::json(200, &level),
        path if path.ends_with("/ops") => {
            seen.store(true, Ordering::Relaxed);
            Said::error(503, "later")
        }
        path if path.ends_with("/devices") => Said::json(200, r#"{"last_number":0}"#),
        _ => Said::error(503, "later"),
    })
    .await;
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, &api.url(), |_| {});
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    // More than one stroke may hold.
    let export = json!({
        "redtag_export": 1, "shop": file("one").shop, "person": file("one").person,
        "device": DeviceId::from_bytes([4; 16]), "strokes": [stroke(1, 1), stroke(2, 101)],
    });
    let adopt = Request::Adopt {
        after: 0,
        text: export.to_string(),
        passphrase: None,
    };
    // The first sign of life, so that nothing else asks for a push later.
    let synced = daemon.ask(&mut client, None, Request::Sync { wait: true });
    drop(synced.await);
    assert!(!sent.load(Ordering::Relaxed));
    let refused = daemon.ask(&mut client, None, adopt).await.unwrap_err();
    assert!(refused.words.contains("one stroke"), "{}", refused.words);
    while !sent.load(Ordering::Relaxed) {
        let status = daemon.ask(&mut client, None, Request::Status).await;
        status.unwrap();
    }
    daemon.stop().await;
}

/// Makes customers, so many strokes of fifty, six kilobytes each in an export.
fn much(store: &mut crate::cache::Store, strokes: u8) {
    for stroke in 0..strokes {
        let edits = (0..50).map(|at| redtag_protocol::op::Edit::CreateCustomer {
            id: CustomerId::from_parts(u64::from(stroke), [at; 10]),
            name: "Alma Testwell".to_owned(),
            // More than half of it is characters that a message escapes.
            phones: vec!["\"12\"".repeat(50); 20],
            emails: Vec::new(),
            consent: false,
        });
        let clock = crate::cache::Clock(Stamp(1));
        store.save(edits.collect(), clock).unwrap();
    }
}

#[tokio::test]
async fn an_export_that_no_message_holds_is_given_and_taken_over_whole() {
    use redtag_protocol::ipc::{FromDaemon, Reply, frame::MAX_FRAME, part};
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, "http://127.0.0.1:1", |store| much(store, 30));
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let mut ask = Request::Export {
        number: None,
        passphrase: None,
    };
    let mut text = String::new();
    let first = loop {
        let reply = daemon.ask(&mut client, None, ask).await.unwrap();
        let message = FromDaemon::Reply {
            id: 1,
            result: Ok(reply.clone()),
        };
        let frame = redtag_protocol::ipc::frame::encode(&message).unwrap();
        assert!(frame.len() <= MAX_FRAME);
        let Reply::Exported(part) = reply else {
            panic!("{reply:?}");
        };
        text.push_str(&part.text);
        if part.rest == 0 {
            break part;
        }
        ask = Request::ExportRest {
            at: text.len() as u64,
        };
    };
    assert!(text.len() > MAX_FRAME, "{}", text.len());
    assert!(first.receipt.is_some());
    assert_eq!(first.edits, 1_500);
    // No part is given twice, and none to another connection.
    let mut other = daemon.client(2).await;
    for who in [&mut client, &mut other] {
        let at = text.len() as u64;
        let none = daemon.ask(who, None, Request::ExportRest { at }).await;
        assert!(none.unwrap_err().words.contains("not whole"));
    }
    daemon.stop().await;

    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, "http://127.0.0.1:1", |store| {
        store
            .change_meta(|meta| meta.device = DeviceId::from_bytes([4; 16]))
            .unwrap();
    });
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let mut at = 0;
    let mut rest = text.as_str();
    while part(rest).len() < rest.len() {
        let (text, others) = rest.split_at(part(rest).len());
        let ask = Request::AdoptPart {
            text: text.to_owned(),
            at,
        };
        assert!(redtag_protocol::ipc::frame::encode(&ask).unwrap().len() <= MAX_FRAME);
        let kept = daemon.ask(&mut client, None, ask).await;
        assert!(matches!(kept, Ok(Reply::Done)), "{kept:?}");
        (at, rest) = (at + text.len() as u64, others);
    }
    let last = |after| Request::Adopt {
        text: rest.to_owned(),
        after,
        passphrase: None,
    };
    // A part is missing.
    let torn = daemon.ask(&mut client, None, last(at - 1)).await;
    assert!(torn.unwrap_err().words.contains("did not come whole"));
    let adopted = daemon.ask(&mut client, None, last(at)).await;
    let Ok(Reply::Adopted(adopted)) = adopted else {
        panic!("{adopted:?}");
    };
    assert_eq!((adopted.saved, adopted.refused), (1_500, 0));
    daemon.stop().await;
}

#[tokio::test]
async fn nobody_is_signed_out_while_an_export_is_taken_over() {
    use redtag_protocol::ipc::{FailureCode, Reply};
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, "http://127.0.0.1:1", |_| {});
    let daemon = Daemon::start(paths);
    let (mut client, mut other) = (daemon.client(1).await, daemon.client(2).await);
    let strokes: Vec<Value> = (1..=200).map(|number| stroke(number, 1)).collect();
    let export = json!({
        "redtag_export": 1, "shop": file("one").shop, "person": file("one").person,
        "device": DeviceId::from_bytes([4; 16]), "strokes": strokes,
    });
    let adopt = Request::Adopt {
        after: 0,
        text: export.to_string(),
        passphrase: None,
    };
    let out = || Request::SignOut {
        discard: false,
        exported: None,
    };
    daemon.begin(&client, None, adopt).await;
    let refused = daemon.ask(&mut other, None, out()).await.unwrap_err();
    assert!(refused.words.contains("taken over"), "{}", refused.words);
    let Ok(Reply::Adopted(adopted)) = client.answer().await else {
        panic!("it was not taken over")
    };
    assert_eq!(adopted.saved, 200);
    loop {
        let refused = daemon.ask(&mut other, None, out()).await.unwrap_err();
        // Its answer may come before its end is known.
        if refused.code == FailureCode::Unsent {
            break;
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn who_asks_while_all_is_examined_hears_what_is_found() {
    use redtag_protocol::ipc::Reply;
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, "http://127.0.0.1:1", |_| {});
    let daemon = Daemon::start(paths);
    let mut clients = Vec::new();
    for number in 1..=4 {
        clients.push(daemon.client(number).await);
    }
    for round in 0..2 {
        for client in &clients {
            daemon.begin(client, None, Request::Examine).await;
        }
        for client in &mut clients {
            let answer = client.answer().await;
            assert!(
                matches!(answer, Ok(Reply::Examined(_))),
                "{round}: {answer:?}"
            );
        }
    }
    daemon.stop().await;
}
