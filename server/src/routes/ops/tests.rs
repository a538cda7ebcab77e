use redtag_protocol::{
    entity::EntityRef,
    ids::{CustomerId, DeviceId},
    role::Role,
};
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    keys::random,
    testing::{Log, Server, customer, garble},
};

#[tokio::test]
async fn a_batch_is_decided_once() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server
        .member(shop, "ann@example.com", Role::Technician)
        .await;
    let ann = server.sign_in("ann@example.com").await;
    let batch = json!({"device": ann.device, "ops": [customer(1), customer(2)]});
    let (status, first) = ann.push(&server, &batch).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    assert_eq!(first["outcomes"][1]["outcome"]["verdict"], "applied");
    let (_, again) = ann.push(&server, &batch).await;
    assert_eq!(again["outcomes"][1]["replayed"], true);
    let gap = json!({"device": ann.device, "ops": [customer(9)]});
    let (status, gap) = ann.push(&server, &gap).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(gap["ending"], json!({"ending": "gap", "expected": 3}));
    server.stop().await;
}

#[tokio::test]
async fn what_a_viewer_may_not_do_comes_back_as_an_outcome() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "vic@example.com", Role::Viewer).await;
    let vic = server.sign_in("vic@example.com").await;
    let batch = json!({"device": vic.device, "ops": [customer(1)]});
    let (status, body) = vic.push(&server, &batch).await;
    assert_eq!(status, StatusCode::OK);
    let outcome = &body["outcomes"][0]["outcome"];
    assert_eq!(outcome["refusal"]["code"], "not_allowed", "{body}");
    server.stop().await;
}

#[tokio::test]
async fn a_batch_of_another_device_or_one_that_cannot_be_read_is_refused_whole() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server
        .member(shop, "ann@example.com", Role::Technician)
        .await;
    let ann = server.sign_in("ann@example.com").await;
    let other = DeviceId::from_parts(1, random());
    let foreign = json!({"device": other, "ops": [customer(1)]});
    assert_eq!(ann.push(&server, &foreign).await.0, StatusCode::FORBIDDEN);
    let strange = json!({"device": ann.device, "ops": [], "colour": "red"});
    let (status, body) = ann.push(&server, &strange).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body["message"].as_str().unwrap().contains("colour"));
    let array = json!([ann.device, []]);
    let (status, _) = ann.push(&server, &array).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "fields have names");
    let many: Vec<_> = (1..=501).map(customer).collect();
    let long = "x".repeat(2 << 20);
    for batch in [
        json!({"device": ann.device, "ops": many}),
        json!({"device": ann.device, "ops": [long]}),
    ] {
        let (status, body) = ann.push(&server, &batch).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{body}");
        assert_eq!(body["error"], "too_large");
    }
    let batch = json!({"device": ann.device, "ops": [customer(1)]});
    let (_, body) = ann.push(&server, &batch).await;
    assert!(body.get("ending").is_none(), "nothing above was taken");
    server.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_with_a_batch_is_logged_under_its_request() {
    let (log, _listening) = Log::listen();
    let server = Server::start().await;
    let shop = server.shop().await;
    server
        .member(shop, "ann@example.com", Role::Technician)
        .await;
    let ann = server.sign_in("ann@example.com").await;
    let broken = CustomerId::from_parts(1, random());
    garble(&*server.app.storage, shop, EntityRef::Customer(broken)).await;
    let write = json!({"field": "consent", "consent": true});
    let edit = json!({"do": "customer", "id": broken, "write": write});
    let op = json!({"number": 1, "group": 1, "stamp": 1, "base": 0, "schema": 1, "edit": edit});
    let url = format!("{}/v1/shops/{shop}/ops", server.url);
    let batch = json!({"device": ann.device, "ops": [op]});
    let request = server.http.post(url).bearer_auth(&ann.access).json(&batch);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let id = answer.headers()["x-request-id"].to_str().unwrap();
    let said = log.lines("cannot be stored");
    assert!(!said.is_empty());
    assert!(said.iter().all(|line| line.contains(id)), "{said:?}");
    assert!(log.lines(&ann.access).is_empty() && log.lines("consent").is_empty());
    server.stop().await;
}
