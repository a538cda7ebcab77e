use std::collections::BTreeSet;

use redtag_protocol::{
    api::version::{Range, SERVED, Version},
    role::Role,
};
use reqwest::StatusCode;
use serde_json::Value;

use super::*;
use crate::testing::{Server, matrix};

/// Everything that answers without a sign-in. A route that joins it is a decision.
const PUBLIC: [&str; 20] = [
    "/",
    "/device",
    "/device/sign-in",
    "/device/word",
    "/device/openid",
    "/device/openid/factor",
    "/forgotten",
    "/link/{link}",
    "/link",
    "/healthz",
    "/readyz",
    "/v1/version",
    "/v1/openapi.json",
    "/v1/sign-in",
    "/v1/token",
    "/v1/enrol",
    "/v1/second-factor",
    "/v1/destroyed",
    "/oauth/device_authorization",
    "/oauth/token",
];

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
    let public = ROUTES.iter().filter(|it| it.access() == Access::Public);
    let paths: BTreeSet<&str> = public.map(Route::path).collect();
    assert_eq!(paths, PUBLIC.into());
}

#[tokio::test]
async fn every_route_for_every_role_in_its_own_shop_and_in_another() {
    let server = Server::start().await;
    matrix::members(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn every_route_for_the_tokens_of_scripts() {
    let server = Server::start().await;
    matrix::scripts(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn every_route_refuses_strangers_expired_tokens_and_removed_members() {
    let server = Server::start().await;
    matrix::strangers(&server).await;
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

/// A bench that cannot read what is stored from now on has no version in common with this server.
#[tokio::test]
async fn the_versions_are_those_that_it_serves() {
    let server = Server::start().await;
    let answer = server.http.get(format!("{}/v1/version", server.url)).send();
    let said: Version = answer.await.unwrap().json().await.unwrap();
    assert_eq!(said.api, SERVED);
    assert_eq!(said.api.common(Range { min: 1, max: 1 }), None);
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
        ("GET", "/nowhere", 404),
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
