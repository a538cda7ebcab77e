use redtag_protocol::{ids::ShopId, role::Role};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::*;
use crate::{
    auth::access::LIFE,
    testing::{Server, SignedIn},
};

/// Everything that answers without a sign-in. A route that joins it is a decision.
const PUBLIC: [&str; 6] = [
    "/healthz",
    "/readyz",
    "/v1/version",
    "/v1/openapi.json",
    "/v1/sign-in",
    "/v1/token",
];

async fn call(server: &Server, route: &Route, shop: &str, access: Option<&str>) -> Response {
    let path = route.path().replace("{shop}", shop);
    let url = format!("{}{path}", server.url);
    let method = reqwest::Method::from_bytes(route.method().as_str().as_bytes()).unwrap();
    let mut request = server.http.request(method, url);
    if let Some(access) = access {
        request = request.bearer_auth(access);
    }
    request.send().await.unwrap()
}

/// The status, and the code where it is an error. A live stream is not read.
async fn outcome(answer: Response) -> (StatusCode, String) {
    let status = answer.status();
    if status.is_success() {
        return (status, String::new());
    }
    let body: Value = answer.json().await.unwrap();
    assert!(body["request_id"].is_string(), "{body}");
    assert!(!body["message"].as_str().unwrap().is_empty(), "{body}");
    (status, body["error"].as_str().unwrap().to_owned())
}

fn of_shops() -> impl Iterator<Item = (&'static Route, Permission)> {
    ROUTES.iter().filter_map(|route| match route.access() {
        Access::Public => None,
        Access::Members(permission) => Some((route, permission)),
    })
}

async fn members(server: &Server, shop: ShopId) -> Vec<(Role, SignedIn)> {
    let mut members = Vec::new();
    for role in Role::ALL {
        let email = format!("{role}@example.com");
        server.member(shop, &email, role).await;
        members.push((role, server.sign_in(&email).await));
    }
    members
}

#[test]
fn what_is_public_is_on_the_short_list_and_the_rest_names_a_shop() {
    for route in ROUTES {
        match route.access() {
            Access::Public => assert!(PUBLIC.contains(&route.path()), "{}", route.path()),
            Access::Members(_) => {
                assert!(route.path().starts_with(SHOP), "{}", route.path());
                assert_eq!(route.path().split('/').nth(3), Some("{shop}"));
            }
        }
        assert!(MethodFilter::try_from(route.method().clone()).is_ok());
    }
    assert_eq!(of_shops().count() + PUBLIC.len(), ROUTES.len());
}

#[tokio::test]
async fn every_route_for_every_role_in_its_own_shop_and_in_another() {
    let server = Server::start().await;
    let (shop, other) = (server.shop().await, server.shop().await);
    for (role, who) in members(&server, shop).await {
        for (route, permission) in of_shops() {
            let own = call(&server, route, &shop.to_string(), Some(&who.access)).await;
            let (status, code) = outcome(own).await;
            let words = format!("{role} {} {}", route.method(), route.path());
            if role.may(permission) {
                // Let in: what is wrong now is the missing body.
                let inside = status.is_success() || status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
                assert!(inside, "{words}: {status} {code}");
            } else {
                assert_eq!(
                    (status, &*code),
                    (StatusCode::FORBIDDEN, "forbidden"),
                    "{words}"
                );
            }
            let there = call(&server, route, &other.to_string(), Some(&who.access)).await;
            let found = outcome(there).await;
            assert_eq!(
                found,
                (StatusCode::NOT_FOUND, "not_found".into()),
                "{words}"
            );
            let malformed = call(&server, route, "..%2f", Some(&who.access)).await;
            assert_eq!(
                outcome(malformed).await.0,
                StatusCode::BAD_REQUEST,
                "{words}"
            );
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn every_route_refuses_strangers_expired_tokens_and_removed_members() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let bob = server.member(shop, "bob@example.com", Role::Owner).await;
    let ann = server.sign_in("ann@example.com").await;
    let gone = server.sign_in("bob@example.com").await;
    server.remove(shop, bob).await;
    let id = shop.to_string();
    for (route, _) in of_shops() {
        for token in [None, Some("x"), Some("a.b.c")] {
            let answer = call(&server, route, &id, token).await;
            assert!(answer.headers().contains_key("www-authenticate"));
            let wanted = (StatusCode::UNAUTHORIZED, "unauthorized".to_owned());
            assert_eq!(outcome(answer).await, wanted, "{}", route.path());
        }
        let answer = call(&server, route, &id, Some(&gone.access)).await;
        let wanted = (StatusCode::FORBIDDEN, "not_a_member".to_owned());
        assert_eq!(outcome(answer).await, wanted, "{}", route.path());
    }
    server.pass(LIFE);
    for (route, _) in of_shops() {
        let answer = call(&server, route, &id, Some(&ann.access)).await;
        assert_eq!(outcome(answer).await.0, StatusCode::UNAUTHORIZED);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_role_that_changes_counts_at_once_and_so_does_coming_back() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let bob = server.member(shop, "bob@example.com", Role::Viewer).await;
    let before = server.sign_in("bob@example.com").await;
    server.remove(shop, bob).await;
    server
        .member(shop, "bob@example.com", Role::Technician)
        .await;
    let old = server.get(shop, "changes", &before.access).send().await;
    let old = old.unwrap().status();
    assert_eq!(
        old,
        StatusCode::UNAUTHORIZED,
        "the sign-in ended with the membership"
    );
    let after = server.sign_in("bob@example.com").await;
    let new = server.get(shop, "changes", &after.access).send().await;
    assert_eq!(new.unwrap().status(), StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn every_answer_has_its_headers_and_every_error_its_body() {
    let server = Server::start().await;
    for (method, path, status) in [
        ("GET", "/v1/version", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/v1/openapi.json", 200),
        ("GET", "/", 404),
        ("GET", "/v1/shops", 404),
        ("DELETE", "/v1/version", 405),
        ("GET", "/v1/token", 405),
        ("POST", "/v1/sign-in", 415),
    ] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", server.url);
        let answer = server.http.request(method, url).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        for name in [
            "date",
            "x-request-id",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "content-security-policy",
            "cache-control",
        ] {
            assert!(answer.headers().contains_key(name), "{path}: {name}");
        }
        let id = answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        if status >= 400 {
            let body: Value = answer.json().await.unwrap();
            assert_eq!(body["request_id"], id, "{path}");
        }
    }
    server.stop().await;
}
