use redtag_protocol::{entity::EntityRef, role::Role};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    auth::former,
    testing::{Bench, PASSWORD, Server, SignedIn},
};

const ANN: &str = "ann@example.com";

async fn change(server: &Server, who: &SignedIn, body: Value) -> (StatusCode, Value) {
    let url = format!("{}/v1/shops/{}/password", server.url, who.shop);
    let request = server.http.post(url).bearer_auth(&who.access);
    let answer = request.json(&body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn signs_in(server: &Server, password: &str) -> StatusCode {
    let fields = json!({"email": ANN, "password": password});
    server.try_sign_in(&Bench::new(), fields).await.status()
}

#[tokio::test]
async fn a_new_password_ends_every_other_sign_in_of_the_person() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    let (here, elsewhere) = (server.sign_in(ANN).await, server.sign_in(ANN).await);
    let wrong = json!({"current": "wrong horse", "new": "a long new password"});
    let (status, body) = change(&server, &here, wrong).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(body["error"], "bad_credentials");
    let right = json!({"current": PASSWORD, "new": "a long new password"});
    let (status, body) = change(&server, &here, right).await;
    assert_eq!((status, body), (StatusCode::OK, json!({"changed": true})));
    assert_eq!(signs_in(&server, PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        signs_in(&server, "a long new password").await,
        StatusCode::OK
    );
    let told = server.deeds(shop, EntityRef::Member(here.person)).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, json!({"deed": "password"}));
    assert_eq!(here.renew(&server, &here.refresh).await.0, StatusCode::OK);
    let (_, body) = elsewhere.renew(&server, &elsewhere.refresh).await;
    // It is to sign in again, not to destroy anything.
    assert_eq!(body["error"], "invalid_grant");
    server.stop().await;
}

#[tokio::test]
async fn guesses_of_strangers_hold_nobody_up_who_is_in() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    let ann = server.sign_in(ANN).await;
    while signs_in(&server, "wrong horse").await != StatusCode::TOO_MANY_REQUESTS {}
    let right = json!({"current": PASSWORD, "new": "a long new password"});
    let (status, body) = change(&server, &ann, right).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    // Guesses of whoever holds the sign-in are counted too.
    let mut last = StatusCode::OK;
    for _ in 0..12 {
        let wrong = json!({"current": "wrong horse", "new": "a long new password"});
        last = change(&server, &ann, wrong).await.0;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    server.stop().await;
}

#[tokio::test]
async fn a_password_that_everybody_knows_or_that_is_short_is_not_taken() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    let ann = server.sign_in(ANN).await;
    for (new, word) in [("Password1", "everybody knows"), ("brief", "too short")] {
        let asked = json!({"current": PASSWORD, "new": new});
        let (status, body) = change(&server, &ann, asked).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        let message = body["message"].as_str().unwrap();
        assert!(message.contains(word), "{message}");
        assert!(!message.contains(new), "{message}");
    }
    assert_eq!(signs_in(&server, PASSWORD).await, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn a_hash_of_another_program_becomes_one_of_ours_at_the_first_sign_in() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let id = server.member(shop, ANN, Role::Viewer).await;
    let storage = &server.app.storage;
    let ours = storage.person(id).await.unwrap().unwrap().password;
    // Of PASSWORD, by another implementation.
    let theirs = former::take("$2b$10$kATfspX3Ri6j96QaGN.Gl.Na47UD3bcHm1OI5/PZhorHKMJnyg7jK");
    let theirs = theirs.unwrap();
    assert!(
        storage
            .person_rehash(id, ours, theirs.clone())
            .await
            .unwrap()
    );
    assert_eq!(
        signs_in(&server, "wrong horse").await,
        StatusCode::UNAUTHORIZED
    );
    let stands = storage.person(id).await.unwrap().unwrap().password;
    assert_eq!(stands, theirs);
    let ann = server.sign_in(ANN).await;
    let stands = storage.person(id).await.unwrap().unwrap().password;
    assert!(stands.starts_with("$argon2id$"), "{stands}");
    // It was no new password: nothing ended, and it is the one that it was.
    assert_eq!(signs_in(&server, PASSWORD).await, StatusCode::OK);
    assert_eq!(ann.renew(&server, &ann.refresh).await.0, StatusCode::OK);
    server.stop().await;
}
