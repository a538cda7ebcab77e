use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::role::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::testing::{Bench, Log, Server, SignedIn, nonce};

async fn signed_in(server: &Server) -> SignedIn {
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    server.sign_in("ann@example.com").await
}

fn refresh(body: &Value) -> String {
    body["refresh_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_renewal_gives_the_next_token_and_an_access_token_that_works() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let (status, first) = ann.renew(&server, &ann.refresh).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    let (status, second) = ann.renew(&server, &refresh(&first)).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(refresh(&first), refresh(&second));
    let access = second["access_token"].as_str().unwrap();
    let answer = server.get(ann.shop, "changes", access).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn a_lost_reply_is_given_again_and_an_older_token_ends_the_sign_in() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let (_, first) = ann.renew(&server, &ann.refresh).await;
    let (status, again) = ann.renew(&server, &ann.refresh).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(refresh(&first), refresh(&again), "the same generation");
    let (_, second) = ann.renew(&server, &refresh(&first)).await;
    let (status, ended) = ann.renew(&server, &ann.refresh).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(ended["error"], "invalid_grant");
    let (status, after) = ann.renew(&server, &refresh(&second)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "ended for the newest too");
    assert_eq!(after["error"], "invalid_grant");
    let answer = server.get(ann.shop, "changes", &ann.access).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::UNAUTHORIZED);
    server.stop().await;
}

#[tokio::test]
async fn renewals_at_once_give_one_token() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let answers =
        futures_util::future::join_all((0..8).map(|_| ann.renew(&server, &ann.refresh))).await;
    let tokens: Vec<_> = answers.iter().map(|(_, body)| refresh(body)).collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    let (status, _) = ann.renew(&server, &tokens[0]).await;
    assert_eq!(status, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn a_restored_database_adopts_what_benches_hold() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let token = URL_SAFE_NO_PAD.decode(&ann.refresh).unwrap();
    let session = token[..16].try_into().unwrap();
    let session = redtag_protocol::ids::SessionId::from_bytes(session);
    let ahead = crate::auth::refresh::mint(&server.app.keys.refresh, session, 40);
    let (status, body) = ann.renew(&server, &ahead).await;
    assert_eq!(status, StatusCode::OK);
    let stored = server.app.storage.session(session).await.unwrap().unwrap();
    assert_eq!(stored.generation, 41);
    assert_eq!(ann.renew(&server, &refresh(&body)).await.0, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn without_the_device_keys_proof_nothing_moves() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let good = ann.claims(&server);
    let missing = ann.renew_with(&server, &ann.refresh, None).await;
    let stolen = Bench::new().sign(&good);
    let stolen = ann.renew_with(&server, &ann.refresh, Some(stolen)).await;
    for answer in [missing, stolen] {
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"], "invalid_dpop_proof");
    }
    let (status, _) = ann.renew(&server, &ann.refresh).await;
    assert_eq!(status, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn a_proof_for_another_address_is_logged_with_both() {
    let (log, _listening) = Log::listen();
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let mut claims = ann.claims(&server);
    claims["htu"] = json!("https://inner.example\u{1b}[2J/v1/other");
    let proof = ann.bench.sign(&claims);
    let answer = ann.renew_with(&server, &ann.refresh, Some(proof)).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "invalid_dpop_proof");
    let said = log.lines("--public-url");
    for words in [&said.concat(), &body.to_string()] {
        assert!(words.contains("https://inner.example"), "{words}");
        assert!(
            words.contains("an address that ends in /v1/token"),
            "{words}"
        );
        assert!(!words.contains('\u{1b}'), "{words}");
    }
    server.stop().await;
}

#[tokio::test]
async fn an_old_nonce_brings_the_new_one() {
    let server = Server::start().await;
    let mut ann = signed_in(&server).await;
    server.pass(2 * 3600);
    let proof = ann.bench.sign(&ann.claims(&server));
    let answer = ann.renew_with(&server, &ann.refresh, Some(proof)).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    ann.nonce = nonce(&answer);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "use_dpop_nonce");
    assert_eq!(ann.renew(&server, &ann.refresh).await.0, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn a_sign_in_that_was_not_used_for_thirty_days_has_ended() {
    let server = Server::start().await;
    let mut ann = signed_in(&server).await;
    for (days, wanted) in [(29, StatusCode::OK), (31, StatusCode::BAD_REQUEST)] {
        server.pass(days * 24 * 3600);
        let probe = ann.renew_with(&server, &ann.refresh, None).await;
        ann.nonce = nonce(&probe);
        let (status, body) = ann.renew(&server, &ann.refresh).await;
        assert_eq!(status, wanted, "{body}");
        if status == StatusCode::OK {
            ann.refresh = refresh(&body);
        }
    }
    server.stop().await;
}

/// The nonce of now: the one of the sign-in is good for some minutes.
async fn fresh(server: &Server, who: &mut SignedIn) {
    let probe = who.renew_with(server, &who.refresh, None).await;
    who.nonce = nonce(&probe);
}

#[tokio::test]
async fn a_reply_that_was_lost_is_given_again_a_day_later() {
    let server = Server::start().await;
    let mut ann = signed_in(&server).await;
    let (_, lost) = ann.renew(&server, &ann.refresh).await;
    server.pass(24 * 3600);
    fresh(&server, &mut ann).await;
    let (status, again) = ann.renew(&server, &ann.refresh).await;
    assert_eq!(status, StatusCode::OK, "{again}");
    assert_eq!(refresh(&again), refresh(&lost));
    // And lost once more, at the next step.
    let (_, next) = ann.renew(&server, &refresh(&again)).await;
    let (status, twice) = ann.renew(&server, &refresh(&again)).await;
    assert_eq!(status, StatusCode::OK, "{twice}");
    assert_eq!(refresh(&next), refresh(&twice));
    server.stop().await;
}

#[tokio::test]
async fn however_it_is_used_a_sign_in_lives_for_a_hundred_and_eighty_days() {
    let server = Server::start().await;
    let mut ann = signed_in(&server).await;
    for _ in 0..7 {
        server.pass(25 * 24 * 3600);
        fresh(&server, &mut ann).await;
        let (status, body) = ann.renew(&server, &ann.refresh).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        ann.refresh = refresh(&body);
    }
    server.pass(5 * 24 * 3600);
    fresh(&server, &mut ann).await;
    let (status, body) = ann.renew(&server, &ann.refresh).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["error"], "invalid_grant");
    server.stop().await;
}

#[tokio::test]
async fn a_removed_member_is_told_so() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    server
        .member(ann.shop, "bob@example.com", Role::Owner)
        .await;
    server.remove(ann.shop, ann.person).await;
    let (status, body) = ann.renew(&server, &ann.refresh).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(body["error"], "not_a_member");
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_renewal_is_refused_with_words() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let post = |body: &'static str| {
        let request = server.http.post(format!("{}/v1/token", server.url));
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
    };
    for (body, code) in [
        (
            "grant_type=password&refresh_token=x",
            "unsupported_grant_type",
        ),
        ("grant_type=refresh_token&refresh_token=x", "invalid_grant"),
        ("grant_type=refresh_token", "invalid"),
        (
            "grant_type=refresh_token&refresh_token=x&scope=all",
            "invalid",
        ),
    ] {
        let answer = post(body).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body}");
        let words: Value = answer.json().await.unwrap();
        assert_eq!(words["error"], code, "{words}");
    }
    drop(ann);
    server.stop().await;
}
