use redtag_protocol::role::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::testing::{Server, Waiting};

#[tokio::test]
async fn a_device_gets_a_code_for_people_and_a_secret_for_itself() {
    let server = Server::start().await;
    let (status, begun) = Waiting::ask(&server, "client_id=a+client").await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    let code = begun["user_code"].as_str().unwrap();
    assert_eq!(code.len(), 9, "{code}");
    assert_eq!(begun["verification_uri"], format!("{}/device", server.url));
    assert_eq!(
        (&begun["expires_in"], &begun["interval"]),
        (&json!(600), &json!(5))
    );
    assert!(begun.get("verification_uri_complete").is_none());
    let (_, other) = Waiting::ask(&server, "client_id=a+client").await;
    assert_ne!(begun["user_code"], other["user_code"]);
    assert_ne!(begun["device_code"], other["device_code"]);
    server.stop().await;
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_read_strictly_and_other_fields_are_ignored() {
    let server = Server::start().await;
    for (form, word) in [
        ("", "client_id"),
        ("client_id=", "client_id"),
        ("client_id=a%1B[2Jb", "client_id"),
        ("client_id=a&device_name=%E2%80%AEx", "device_name"),
        ("client_id=a&device_key=AA", "device_key"),
        ("client_id=a&device_id=1", "form"),
        ("client_id=a&client_id=b", "form"),
    ] {
        let (status, body) = Waiting::ask(&server, form).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{form}: {body}");
        assert!(body["message"].as_str().unwrap().contains(word), "{body}");
    }
    // RFC 6749, section 3.2.
    let (status, _) = Waiting::ask(&server, "client_id=a&scope=everything&colour=red").await;
    assert_eq!(status, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn one_address_begins_only_so_often() {
    let server = Server::start().await;
    for _ in 0..30 {
        let (status, _) = Waiting::ask(&server, "client_id=a").await;
        assert_eq!(status, StatusCode::OK);
    }
    let (status, body) = Waiting::ask(&server, "client_id=a").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{body}");
    server.pass(10);
    let (status, _) = Waiting::ask(&server, "client_id=a").await;
    assert_eq!(status, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn a_sign_in_that_no_device_heard_of_ends() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let waiting = Waiting::begin(&server, "client_id=a").await;
    waiting.allow(&server, "ann@example.com", shop).await;
    let sessions = || async {
        let kept = waiting.pairing(&server).await;
        server
            .app
            .storage
            .session(kept.unwrap().session.unwrap())
            .await
    };
    let session = sessions().await.unwrap().unwrap();
    assert_eq!(session.ended, None);
    server.pass(1201);
    let _: (StatusCode, Value) = Waiting::ask(&server, "client_id=b").await;
    assert!(waiting.pairing(&server).await.is_none());
    let session = server
        .app
        .storage
        .session(session.id)
        .await
        .unwrap()
        .unwrap();
    assert!(session.ended.is_some());
    server.stop().await;
}
