use redtag_protocol::{entity::EntityRef, ids::KeyCopyId, role::Role};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    core::key_copies::{self, Whose},
    keys::random,
    testing::{Server, SignedIn, nonce},
};

async fn list(server: &Server, who: &SignedIn) -> Vec<Value> {
    let answer = server.get(who.shop, "sessions", &who.access).send().await;
    let mut body: Value = answer.unwrap().json().await.unwrap();
    body["sessions"].take().as_array().unwrap().clone()
}

/// The id of the sign-in that asks.
async fn own(server: &Server, who: &SignedIn) -> Value {
    let all = list(server, who).await;
    let mut own = all.iter().filter(|it| it["own"] == true);
    let id = own.next().unwrap()["id"].clone();
    assert!(own.next().is_none());
    id
}

async fn revoke(server: &Server, who: &SignedIn, session: &Value) -> (StatusCode, Value) {
    let url = format!("{}/v1/shops/{}/sessions/revoke", server.url, who.shop);
    let request = server.http.post(url).bearer_auth(&who.access);
    let answer = request.json(&json!({"session": session})).send().await;
    let answer = answer.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn destroyed(server: &Server, who: &SignedIn, path: &str) -> Response {
    let mut claims = who.claims(server);
    claims["htu"] = json!(format!("{}{path}", server.url));
    let request = server
        .http
        .post(format!("{}/v1/destroyed", server.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("DPoP", who.bench.sign(&claims))
        .body(format!("refresh_token={}", who.refresh));
    request.send().await.unwrap()
}

async fn refusal(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (
        status,
        body["error"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn an_owner_sees_every_sign_in_and_others_their_own() {
    let server = Server::start().await;
    let (shop, other) = (server.shop().await, server.shop().await);
    server.member(shop, "ann@example.com", Role::Owner).await;
    server
        .member(shop, "tim@example.com", Role::Technician)
        .await;
    server.member(other, "eve@example.com", Role::Owner).await;
    let ann = server.sign_in("ann@example.com").await;
    let tim = server.sign_in("tim@example.com").await;
    server.sign_in("tim@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    assert_eq!(list(&server, &ann).await.len(), 3);
    let tims = list(&server, &tim).await;
    assert_eq!(tims.len(), 2);
    assert!(tims.iter().all(|it| it["person"] == json!(tim.person)));
    assert_eq!(tims[0]["device_name"], "bench");
    assert_eq!(tims[0]["name"], "A person");
    assert_eq!(list(&server, &eve).await.len(), 1);
    // What has run out by itself is nobody's any more.
    server.pass(31 * 24 * 3600);
    let ann = server.sign_in("ann@example.com").await;
    assert_eq!(list(&server, &ann).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_revoked_device_hears_so_wherever_it_asks() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    server
        .member(shop, "tim@example.com", Role::Technician)
        .await;
    let ann = server.sign_in("ann@example.com").await;
    let tim = server.sign_in("tim@example.com").await;
    let lost = own(&server, &tim).await;
    let (status, body) = revoke(&server, &ann, &lost).await;
    assert_eq!((status, body), (StatusCode::OK, json!({"now": true})));
    assert_eq!(revoke(&server, &ann, &lost).await.1, json!({"now": false}));
    let told = server.deeds(shop, EntityRef::Member(tim.person)).await;
    let by = json!({"caller": {"person": ann.person}});
    let deed = json!({"deed": "revoked", "device": "bench"});
    assert_eq!(told, [(by, deed)]);
    let answer = server.get(shop, "changes", &tim.access).send().await;
    let told = refusal(answer.unwrap()).await;
    assert_eq!(told, (403, "device_revoked".to_owned()));
    let (status, body) = tim.renew(&server, &tim.refresh).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["error"], "device_revoked");
    // Without the device's proof nothing is learnt.
    let proofless = tim.renew_with(&server, &tim.refresh, None).await;
    assert_eq!(refusal(proofless).await.1, "invalid_dpop_proof");
    // The person themselves is as welcome as before.
    server.sign_in("tim@example.com").await;
    server.stop().await;
}

#[tokio::test]
async fn who_is_no_owner_revokes_their_own_only_and_nobody_those_of_another_shop() {
    let server = Server::start().await;
    let (shop, other) = (server.shop().await, server.shop().await);
    server.member(shop, "ann@example.com", Role::Owner).await;
    server
        .member(shop, "tim@example.com", Role::Dispatcher)
        .await;
    server.member(other, "eve@example.com", Role::Owner).await;
    let ann = server.sign_in("ann@example.com").await;
    let tim = server.sign_in("tim@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    let anns = own(&server, &ann).await;
    let (status, body) = revoke(&server, &tim, &anns).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(body["error"], "forbidden");
    assert_eq!(revoke(&server, &eve, &anns).await.0, StatusCode::NOT_FOUND);
    let tims = own(&server, &tim).await;
    assert_eq!(revoke(&server, &tim, &tims).await.0, StatusCode::OK);
    assert_eq!(list(&server, &ann).await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_device_says_once_that_it_destroyed_its_key() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let ann = server.sign_in("ann@example.com").await;
    // Nobody has asked it to.
    let early = destroyed(&server, &ann, "/v1/destroyed").await;
    assert_eq!(refusal(early).await, (400, "invalid_grant".to_owned()));
    let own = own(&server, &ann).await;
    revoke(&server, &ann, &own).await;
    // A proof for another endpoint is none for this one.
    let elsewhere = destroyed(&server, &ann, "/v1/token").await;
    assert_eq!(refusal(elsewhere).await.1, "invalid_dpop_proof");
    let device = server.app.storage.device(shop, ann.device).await.unwrap();
    assert_eq!(device.unwrap().destroyed, None);
    for now in [true, false] {
        let noted = destroyed(&server, &ann, "/v1/destroyed").await;
        assert_eq!(noted.status(), StatusCode::OK);
        assert!(!nonce(&noted).is_empty());
        let body: Value = noted.json().await.unwrap();
        assert_eq!(body, json!({"now": now}));
    }
    let device = server.app.storage.device(shop, ann.device).await.unwrap();
    assert_eq!(device.unwrap().destroyed, Some(server.app.clock.now()));
    server.stop().await;
}

#[tokio::test]
async fn the_copies_of_a_key_end_with_the_key_and_not_with_the_sign_in() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let (ann, elsewhere) = (
        server.sign_in("ann@example.com").await,
        server.sign_in("ann@example.com").await,
    );
    let storage = &*server.app.storage;
    let mut copies = Vec::new();
    for device in [ann.device, elsewhere.device] {
        let whose = Whose {
            shop,
            person: ann.person,
            id: KeyCopyId::from_parts(1, random()),
        };
        let (keys, now) = (&server.app.keys, server.app.clock.now());
        let kept = key_copies::keep(storage, keys, whose, device, &[7; 32], now);
        kept.await.unwrap();
        copies.push(whose.id);
    }
    let stands = async || {
        let mut stands = Vec::new();
        for id in &copies {
            stands.push(storage.key_copy(shop, *id).await.unwrap().is_some());
        }
        stands
    };
    let own = own(&server, &ann).await;
    revoke(&server, &ann, &own).await;
    assert_eq!(stands().await, [true, true]);
    destroyed(&server, &ann, "/v1/token").await;
    assert_eq!(stands().await, [true, true], "it has not proven itself");
    destroyed(&server, &ann, "/v1/destroyed").await;
    assert_eq!(stands().await, [false, true]);
    server.stop().await;
}
