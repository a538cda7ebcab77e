use axum::{Extension, Router, body::Body, http::StatusCode, middleware, routing::get};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use crate::testing::Server;

#[tokio::test]
async fn a_handler_that_panics_is_an_answer_with_a_request_id() {
    let server = Server::start().await;
    let layer = middleware::from_fn_with_state(server.app.clone(), handle);
    let broken = async || -> &'static str { panic!("on purpose, for a test") };
    let router: Router = Router::new().route("/broken", get(broken)).layer(layer);
    let request = Request::get("/broken").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let id = answer.headers()[REQUEST_ID].to_str().unwrap().to_owned();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["error"], "internal");
    assert_eq!(body["request_id"], id);
    let words = body["message"].as_str().unwrap();
    assert!(
        !words.contains("purpose"),
        "the cause is for the log: {words}"
    );
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_says_so_keeps_its_words_under_an_error_status() {
    let server = Server::start().await;
    let layer = middleware::from_fn_with_state(server.app.clone(), handle);
    let lines = async || (StatusCode::SERVICE_UNAVAILABLE, Extension(Whole), "line\n");
    let router: Router = Router::new().route("/", get(lines)).layer(layer);
    let request = Request::get("/").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers().contains_key(REQUEST_ID));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "line\n");
    server.stop().await;
}
