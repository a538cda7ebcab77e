use redtag_protocol::{
    entity::EntityRef,
    ids::{PassId, ShopId},
    role::Role,
    shop::Settings,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::auth::pass;
use crate::core::settings;
use crate::testing::{PASSWORD, Server, SignedIn, customer};

const ANN: &str = "ann@example.com";

async fn post(server: &Server, who: &SignedIn, path: &str, body: Value) -> (StatusCode, Value) {
    let url = format!("{}/v1/shops/{}/{path}", server.url, who.shop);
    let request = server.http.post(url).bearer_auth(&who.access);
    let answer = request.json(&body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn make(server: &Server, who: &SignedIn, fields: Value) -> (StatusCode, Value) {
    let mut body = json!({"password": PASSWORD, "name": "nightly", "scope": "read", "days": 30});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    post(server, who, "tokens", body).await
}

/// A token's text and id.
async fn made(server: &Server, who: &SignedIn, scope: &str) -> (String, String) {
    let (status, body) = make(server, who, json!({"scope": scope})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&body["secret"]), text(&body["token"]["id"]))
}

async fn status(server: &Server, shop: ShopId, path: &str, token: &str) -> StatusCode {
    let answer = server.get(shop, path, token).send().await.unwrap();
    answer.status()
}

/// Pushes a customer under a token; the status, and the outcome's name.
async fn push(server: &Server, shop: ShopId, token: &str, device: &str) -> (StatusCode, Value) {
    let url = format!("{}/v1/shops/{shop}/ops", server.url);
    let batch = json!({"device": device, "ops": [customer(1)]});
    let request = server.http.post(url).bearer_auth(token);
    let answer = request.json(&batch).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_token_reads_or_writes_as_its_person_until_it_ends() {
    let server = Server::start().await;
    let (shop, other) = (server.shop().await, server.shop().await);
    server.member(shop, ANN, Role::Technician).await;
    let ann = server.sign_in(ANN).await;
    let (reads, id) = made(&server, &ann, "read").await;
    assert!(reads.starts_with("rtpat_"));
    assert_eq!(status(&server, shop, "changes", &reads).await, 200);
    assert_eq!(status(&server, other, "changes", &reads).await, 404);
    assert_eq!(push(&server, shop, &reads, &id).await.0, 403);
    // What a sign-in is for: neither lists tokens nor makes others.
    for path in ["tokens", "sessions", "second-factor"] {
        assert_eq!(status(&server, shop, path, &reads).await, 403, "{path}");
    }
    let (writes, id) = made(&server, &ann, "write").await;
    let (code, answer) = push(&server, shop, &writes, &id).await;
    assert_eq!(code, 200, "{answer}");
    assert!(
        answer["outcomes"][0].to_string().contains("accepted"),
        "{answer}"
    );
    // Under its own device alone.
    let strange = push(&server, shop, &writes, &ann.device.to_string()).await;
    assert_eq!(strange.1["error"], "other_device");
    // Neither a new password nor a sign-in that ended ends it; taking it back does.
    let (ended, _) = post(&server, &ann, "tokens/end", json!({"token": id})).await;
    assert_eq!(ended, 200);
    assert_eq!(status(&server, shop, "changes", &writes).await, 401);
    let again = post(&server, &ann, "tokens/end", json!({"token": id})).await;
    assert_eq!(again.1, json!({"now": false}));
    let told = server.deeds(shop, EntityRef::Member(ann.person)).await;
    let deeds: Vec<_> = told.iter().map(|it| it.1["deed"].clone()).collect();
    assert_eq!(deeds, ["token_made", "token_made", "token_ended"]);
    server.pass(31 * 24 * 3600);
    assert_eq!(status(&server, shop, "changes", &reads).await, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_token_ends_with_the_membership_and_follows_the_role() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let person = server.member(shop, ANN, Role::Technician).await;
    let ann = server.sign_in(ANN).await;
    let (writes, id) = made(&server, &ann, "write").await;
    server.member(shop, ANN, Role::Viewer).await;
    let (code, answer) = push(&server, shop, &writes, &id).await;
    assert_eq!(code, 200);
    assert!(
        answer["outcomes"][0].to_string().contains("refused"),
        "{answer}"
    );
    server.remove(shop, person).await;
    assert_eq!(status(&server, shop, "changes", &writes).await, 401);
    // Whoever comes back makes another one.
    server.member(shop, ANN, Role::Viewer).await;
    assert_eq!(status(&server, shop, "changes", &writes).await, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_token_is_no_way_round_a_second_factor() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Technician).await;
    server.member(shop, "bob@example.com", Role::Owner).await;
    let (ann, bob) = (
        server.sign_in(ANN).await,
        server.sign_in("bob@example.com").await,
    );
    let (risen, _) = made(&server, &ann, "write").await;
    let (owners, _) = made(&server, &bob, "read").await;
    let demanded = Settings {
        demand_second_factor: true,
        ..Settings::default()
    };
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    settings::put(storage, shop, demanded, now).await.unwrap();
    assert_eq!(status(&server, shop, "changes", &risen).await, 200);
    assert_eq!(status(&server, shop, "changes", &owners).await, 403);
    // Who rises to a role that wants one begins anew.
    server.member(shop, ANN, Role::Dispatcher).await;
    assert_eq!(status(&server, shop, "changes", &risen).await, 401);
    server.stop().await;
}

#[tokio::test]
async fn whoever_makes_one_shows_the_password_and_says_for_how_long() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    let ann = server.sign_in(ANN).await;
    let (code, body) = make(&server, &ann, json!({"password": "wrong horse"})).await;
    assert_eq!(
        (code.as_u16(), &body["error"]),
        (401, &json!("bad_credentials"))
    );
    for days in [0, 367] {
        let (code, body) = make(&server, &ann, json!({"days": days})).await;
        assert_eq!((code.as_u16(), &body["error"]), (400, &json!("invalid")));
        assert!(body["message"].as_str().unwrap().contains("days"), "{body}");
    }
    let (code, _) = make(&server, &ann, json!({"name": " "})).await;
    assert_eq!(code, 400);
    let listed = server.get(shop, "tokens", &ann.access).send().await;
    let listed: Value = listed.unwrap().json().await.unwrap();
    assert_eq!(listed, json!({"tokens": []}));
    server.stop().await;
}

#[tokio::test]
async fn an_owner_sees_and_ends_all_and_others_their_own() {
    let server = Server::start().await;
    let (shop, other) = (server.shop().await, server.shop().await);
    server.member(shop, ANN, Role::Owner).await;
    server.member(shop, "tim@example.com", Role::Viewer).await;
    server.member(other, "eve@example.com", Role::Owner).await;
    let ann = server.sign_in(ANN).await;
    let tim = server.sign_in("tim@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    let (_, anns) = made(&server, &ann, "read").await;
    let (secret, tims) = made(&server, &tim, "read").await;
    for (who, count) in [(&ann, 2), (&tim, 1), (&eve, 0)] {
        let listed = server.get(who.shop, "tokens", &who.access).send().await;
        let body = listed.unwrap().text().await.unwrap();
        assert!(!body.contains(&secret), "{body}");
        let listed: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(listed["tokens"].as_array().unwrap().len(), count);
    }
    let end = |who, token: &str| post(&server, who, "tokens/end", json!({"token": token}));
    assert_eq!(end(&tim, &anns).await.0, 403);
    assert_eq!(end(&eve, &anns).await.0, 404);
    assert_eq!(end(&ann, &tims).await.1, json!({"now": true}));
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_token_lets_nobody_in() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Owner).await;
    let ann = server.sign_in(ANN).await;
    let (token, _) = made(&server, &ann, "read").await;
    let made_up = pass::mint(pass::ACCESS, shop, PassId::from_parts(9, [9; 10]));
    let last = if token.ends_with('A') { "E" } else { "A" };
    let altered = format!("{}{last}", &token[..token.len() - 1]);
    for text in [
        "rtpat_",
        "rtpat_AAAA",
        &*altered,
        &token[..token.len() - 2],
        &*made_up.0,
    ] {
        assert_eq!(status(&server, shop, "changes", text).await, 401, "{text}");
    }
    server.stop().await;
}
