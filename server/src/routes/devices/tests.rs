use redtag_protocol::{ids::DeviceId, role::Role};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{keys::random, testing::Server};

#[tokio::test]
async fn a_sign_in_moves_to_a_new_device_id() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server
        .member(shop, "ann@example.com", Role::Technician)
        .await;
    let ann = server.sign_in("ann@example.com").await;
    let new = DeviceId::from_parts(2, random());
    let post = |path: &str, body: Value| {
        let url = format!("{}/v1/shops/{shop}/{path}", server.url);
        server
            .http
            .post(url)
            .bearer_auth(&ann.access)
            .json(&body)
            .send()
    };
    for _ in 0..2 {
        let answer = post("devices", json!({"device": new, "name": "bench 2"})).await;
        let body: Value = answer.unwrap().json().await.unwrap();
        assert_eq!(body, json!({"last_number": 0}));
    }
    // What the former id holds is told for the asking.
    let asks = json!({
        "device": new, "name": "bench 2", "former": [ann.device], "from": [1, 1],
    });
    let answer = post("devices", asks).await.unwrap();
    let body: Value = answer.json().await.unwrap();
    let told = json!({"last_number": 0, "former": [0], "digests": ["", ""]});
    assert_eq!(body, told);
    let old = post("ops", json!({"device": ann.device, "ops": []})).await;
    assert_eq!(old.unwrap().status(), StatusCode::FORBIDDEN);
    let moved = post("ops", json!({"device": new, "ops": []})).await;
    assert_eq!(moved.unwrap().status(), StatusCode::OK);
    server.stop().await;
}
