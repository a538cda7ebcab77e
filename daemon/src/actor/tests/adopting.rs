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
