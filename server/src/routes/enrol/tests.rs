use redtag_protocol::{
    entity::EntityRef,
    ids::{DeviceId, ShopId},
    role::Role,
    shop::Settings,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    core::{kiosks, members, settings},
    keys::random,
    testing::{Bench, NOW, Server},
};

async fn token(server: &Server, shop: ShopId, role: Role) -> String {
    let now = server.app.clock.now();
    let made = kiosks::token(&*server.app.storage, shop, role, "Bay 3", 2, now).await;
    made.unwrap().to_string()
}

async fn enrol(server: &Server, token: &str) -> (StatusCode, Value) {
    enrol_as(server, token, DeviceId::from_parts(NOW, random())).await
}

async fn enrol_as(server: &Server, token: &str, device: DeviceId) -> (StatusCode, Value) {
    let device = json!({"id": device, "name": "kiosk", "key": Bench::new().text()});
    let request = server.http.post(format!("{}/v1/enrol", server.url));
    let answer = request.json(&json!({"token": token, "device": device}));
    let answer = answer.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_kiosk_is_let_in_once_in_the_role_of_its_token() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let token = token(&server, shop, Role::Technician).await;
    let told = server.deeds(shop, EntityRef::Shop(shop)).await;
    let deed = json!({"deed": "kiosk_token", "name": "Bay 3", "role": "technician"});
    assert_eq!(told, [(json!("operator"), deed)]);
    let (status, body) = enrol(&server, &token).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["name"], "Bay 3");
    assert_eq!(body["membership"]["role"], "technician");
    assert_eq!(body["membership"]["shop"], json!(shop));
    let access = body["tokens"]["access_token"].as_str().unwrap();
    let answer = server.get(shop, "changes", access).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let members = members::list(&*server.app.storage, shop).await.unwrap();
    assert!(
        members
            .iter()
            .any(|it| it.name == "Bay 3" && it.role == Role::Technician)
    );
    let (status, again) = enrol(&server, &token).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(again["error"], "bad_credentials");
    // The address that stands for it lets nobody in.
    for password in ["!", "correct horse battery"] {
        let fields = json!({"email": body["email"], "password": password});
        let answer = server.try_sign_in(&Bench::new(), fields).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_try_that_broke_off_costs_no_token() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let token = token(&server, shop, Role::Viewer).await;
    // It is made a member, and breaks off at the device: that id is somebody else's.
    server.member(shop, "ann@example.com", Role::Owner).await;
    let ann = server.sign_in("ann@example.com").await;
    let (status, body) = enrol_as(&server, &token, ann.device).await;
    assert_eq!(status, StatusCode::CONFLICT, "{body}");
    let (status, body) = enrol(&server, &token).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let members = members::list(&*server.app.storage, shop).await.unwrap();
    assert_eq!(members.len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn of_two_that_race_with_one_token_one_is_let_in() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let token = token(&server, shop, Role::Viewer).await;
    let (one, other) = tokio::join!(enrol(&server, &token), enrol(&server, &token));
    let mut both = [one.0.as_u16(), other.0.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 401]);
    let members = members::list(&*server.app.storage, shop).await.unwrap();
    assert_eq!(members.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_token_that_is_old_or_made_up_lets_nobody_in() {
    let server = Server::start().await;
    let (shop, other) = (server.shop().await, server.shop().await);
    let (token, unused) = (
        token(&server, shop, Role::Viewer).await,
        token(&server, other, Role::Viewer).await,
    );
    server.pass(2 * 3600);
    for text in [
        "",
        "rtenrol_",
        "x",
        &token,
        &token[..token.len() - 1],
        &unused,
    ] {
        let (status, body) = enrol(&server, text).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
        assert_eq!(body["error"], "bad_credentials");
        assert!(text.len() < 20 || !body.to_string().contains(text));
    }
    let made_up = crate::auth::pass::mint("rtenrol_", ShopId::from_parts(9, [9; 10]), {
        redtag_protocol::ids::PassId::from_parts(9, [9; 10])
    });
    let (status, _) = enrol(&server, &made_up.0).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    server.stop().await;
}

#[tokio::test]
async fn a_kiosk_comes_to_no_role_that_wants_a_second_factor() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let token = token(&server, shop, Role::Dispatcher).await;
    let demanded = Settings {
        demand_second_factor: true,
        ..Settings::default()
    };
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    settings::put(storage, shop, demanded, now).await.unwrap();
    let (status, body) = enrol(&server, &token).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
    server.stop().await;
}
