use redtag_protocol::{entity::EntityRef, role::Role};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::testing::{Bench, Server, garble};

async fn refused(server: &Server, fields: Value) -> (StatusCode, Value) {
    let answer = server.try_sign_in(&Bench::new(), fields).await;
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_member_signs_in_whatever_the_case_of_the_address() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let person = server.member(shop, "ann@example.com", Role::Viewer).await;
    let ann = server.sign_in(" Ann@Example.COM ").await;
    assert_eq!((ann.person, ann.shop), (person, shop));
    assert!(!ann.nonce.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let wrong = json!({"email": "ann@example.com", "password": "wrong horse"});
    let unknown = json!({"email": "bob@example.com"});
    let nobodys = json!({"email": "ann@example.com\u{0}b"});
    let long = json!({"email": format!("{}@example.com", "a".repeat(300))});
    for fields in [wrong, unknown, nobodys, long] {
        let (status, mut body) = refused(&server, fields).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        body.as_object_mut().unwrap().remove("request_id");
        let words = "the e-mail address or the password is wrong";
        assert_eq!(body, json!({"error": "bad_credentials", "message": words}));
    }
    server.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed_down_and_signing_in_rightly_is_not() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    for _ in 0..15 {
        server.sign_in("ann@example.com").await;
    }
    let wrong = json!({"email": "ann@example.com", "password": "wrong horse"});
    for _ in 0..10 {
        let (status, _) = refused(&server, wrong.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let answer = server.try_sign_in(&Bench::new(), wrong).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "30");
    server.pass(31);
    server.sign_in("ann@example.com").await;
    server.stop().await;
}

#[tokio::test]
async fn who_belongs_to_several_shops_names_one() {
    let server = Server::start().await;
    let (one, other, third) = (
        server.shop().await,
        server.shop().await,
        server.shop().await,
    );
    let role = Role::Dispatcher;
    let ann = server.member(one, "ann@example.com", role).await;
    server.member(other, "ann@example.com", role).await;
    let (status, body) = refused(&server, json!({"email": "ann@example.com"})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body["error"], "choose_shop");
    assert_eq!(body["shops"].as_array().unwrap().len(), 2);
    let named = json!({"email": "ann@example.com", "shop": other});
    let (status, body) = refused(&server, named).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["membership"]["shop"], json!(other));
    // What is wrong with one shop keeps nobody out of another.
    garble(&*server.app.storage, one, EntityRef::Member(ann)).await;
    let named = json!({"email": "ann@example.com", "shop": other});
    assert_eq!(refused(&server, named).await.0, StatusCode::OK);
    let strange = json!({"email": "ann@example.com", "shop": third});
    let (status, body) = refused(&server, strange).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(body["error"], "not_a_member");
    server.stop().await;
}

#[tokio::test]
async fn a_device_id_belongs_to_one_person_of_a_shop() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    server.member(shop, "bob@example.com", Role::Owner).await;
    let ann = server.sign_in("ann@example.com").await;
    let device = json!({"id": ann.device, "name": "bench", "key": ann.bench.text()});
    let fields = json!({"email": "bob@example.com", "device": device});
    let (status, body) = refused(&server, fields).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body["error"], "device_taken");
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_name() {
    let server = Server::start().await;
    let device = |field: &str, value: Value| {
        let mut device = json!({
            "id": "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b", "name": "bench",
            "key": Bench::new().text(),
        });
        device[field] = value;
        json!({ "device": device })
    };
    for (fields, word) in [
        (json!({"colour": "red"}), "colour"),
        (json!({"email": 7}), "email"),
        (json!({"shop": "../x"}), "shop"),
        (device("id", json!("1")), "device.id"),
        (device("key", json!("AA")), "device.key"),
        (device("name", json!("a\u{1b}[2J")), "device.name"),
        (device("name", json!("")), "device.name"),
        (device("extra", json!(1)), "device.extra"),
    ] {
        let (status, body) = refused(&server, fields).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        let message = body["message"].as_str().unwrap();
        assert!(message.contains(word), "{word}: {message}");
    }
    let long = json!({"password": "x".repeat(20_000)});
    let (status, body) = refused(&server, long).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(body["error"], "too_large");
    let url = format!("{}/v1/sign-in", server.url);
    let plain = server.http.post(url).body("{}").send().await.unwrap();
    assert_eq!(plain.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    server.stop().await;
}
