use redtag_protocol::{ids::ShopId, role::Role};
use reqwest::StatusCode;
use serde_json::Value;

use crate::testing::{Bench, Server, Waiting, nonce};

const PLAIN: &str = "client_id=a+client&device_name=counter";

async fn shop(server: &Server) -> ShopId {
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    shop
}

fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_device_waits_and_is_let_in_once() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let waiting = Waiting::begin(&server, PLAIN).await;
    let (status, body) = waiting.poll(&server, None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["error"], "authorization_pending");
    waiting.allow(&server, "ann@example.com", shop).await;
    server.pass(5);
    let (status, body) = waiting.poll(&server, None).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(text(&body, "email"), "ann@example.com");
    assert_eq!(body["membership"]["shop"], shop.to_string());
    assert_eq!(
        (&body["token_type"], body["expires_in"].is_u64()),
        (&"Bearer".into(), true)
    );
    let access = text(&body, "access_token");
    let answer = server.get(shop, "changes", &access).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    // A code is good once: without a key nobody can say that the reply was lost.
    server.pass(5);
    let (status, body) = waiting.poll(&server, None).await;
    assert_eq!(
        (status, text(&body, "error")),
        (StatusCode::BAD_REQUEST, "invalid_grant".to_owned())
    );
    server.stop().await;
}

#[tokio::test]
async fn who_asks_too_soon_waits_five_seconds_longer_each_time() {
    let server = Server::start().await;
    shop(&server).await;
    let waiting = Waiting::begin(&server, PLAIN).await;
    let mut told = Vec::new();
    // 4 s is too soon for 5, 9 for 10; 14 for 15; 20 will do, and 20 again.
    for seconds in [0, 4, 9, 14, 20, 20] {
        server.pass(seconds);
        told.push(text(&waiting.poll(&server, None).await.1, "error"));
    }
    let (wait, slow) = ("authorization_pending", "slow_down");
    assert_eq!(told, [wait, slow, slow, slow, wait, wait]);
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_and_the_end_of_time_are_definite() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let refused = Waiting::begin(&server, PLAIN).await;
    refused.word(&server, "ann@example.com", shop, "no").await;
    let (_, body) = refused.poll(&server, None).await;
    assert_eq!(body["error"], "access_denied");
    let late = Waiting::begin(&server, PLAIN).await;
    server.pass(600);
    let (_, body) = late.poll(&server, None).await;
    assert_eq!(body["error"], "expired_token");
    let answer = late.page(&server, "ann@example.com").await;
    assert_eq!(answer.0, StatusCode::NOT_FOUND, "{}", answer.1);
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_code_gets_nothing() {
    let server = Server::start().await;
    let waiting = Waiting::begin(&server, PLAIN).await;
    let code = &waiting.device_code;
    let grant = redtag_protocol::api::device::DEVICE_CODE;
    for (form, error) in [
        (
            format!("grant_type={grant}&client_id=a+client&device_code=AAAA"),
            "invalid_grant",
        ),
        (
            format!("grant_type={grant}&client_id=another&device_code={code}"),
            "invalid_grant",
        ),
        (format!("grant_type={grant}&device_code={code}"), "invalid"),
        (format!("grant_type={grant}&client_id=a+client"), "invalid"),
        (
            "grant_type=password&username=a".to_owned(),
            "unsupported_grant_type",
        ),
        (
            "grant_type=refresh_token&refresh_token=AAAA".to_owned(),
            "invalid_grant",
        ),
        ("grant_type=refresh_token".to_owned(), "invalid"),
    ] {
        let (status, body) = Waiting::token(&server, &form, None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{form}");
        assert_eq!(body["error"], error, "{form}");
    }
    server.stop().await;
}

#[tokio::test]
async fn without_a_device_key_a_refresh_token_is_good_once_and_its_reuse_ends_the_sign_in() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let waiting = Waiting::begin(&server, PLAIN).await;
    waiting.allow(&server, "ann@example.com", shop).await;
    let (_, first) = waiting.poll(&server, None).await;
    let renew = |body: &Value| {
        format!(
            "grant_type=refresh_token&refresh_token={}",
            text(body, "refresh_token")
        )
    };
    let (status, second) = Waiting::token(&server, &renew(&first), None).await;
    assert_eq!(status, StatusCode::OK, "{second}");
    let (status, third) = Waiting::token(&server, &renew(&second), None).await;
    assert_eq!(status, StatusCode::OK, "{third}");
    // The parent of the newest one: a device that proves itself would be given the newest again.
    let (status, body) = Waiting::token(&server, &renew(&second), None).await;
    assert_eq!(
        (status, text(&body, "error")),
        (StatusCode::BAD_REQUEST, "invalid_grant".to_owned())
    );
    let (status, _) = Waiting::token(&server, &renew(&third), None).await;
    assert_eq!(
        status,
        StatusCode::BAD_REQUEST,
        "it ended for the newest too"
    );
    let access = text(&third, "access_token");
    let answer = server.get(shop, "changes", &access).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    server.stop().await;
}

#[tokio::test]
async fn with_a_device_key_nothing_is_told_without_its_proof_and_a_lost_reply_is_given_again() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let bench = Bench::new();
    let waiting = Waiting::begin(&server, &format!("{PLAIN}&device_key={}", bench.text())).await;
    let (_, body) = waiting.poll(&server, None).await;
    assert_eq!(body["error"], "invalid_dpop_proof");
    let claims = |nonce: &str| {
        serde_json::json!({
            "jti": "1", "htm": "POST", "htu": format!("{}/oauth/token", server.url), "iat": 1,
            "nonce": nonce,
        })
    };
    let refused = waiting
        .ask_token(&server, Some(bench.sign(&claims("old"))))
        .await;
    let good = nonce(&refused);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"], "use_dpop_nonce");
    let proof = || Some(bench.sign(&claims(&good)));
    let strange = Some(Bench::new().sign(&claims(&good)));
    let (_, body) = waiting.poll(&server, strange).await;
    assert_eq!(body["error"], "invalid_dpop_proof");
    // None of these was a question that came too soon.
    let (_, body) = waiting.poll(&server, proof()).await;
    assert_eq!(body["error"], "authorization_pending");
    waiting.allow(&server, "ann@example.com", shop).await;
    let (status, first) = waiting.poll(&server, proof()).await;
    assert_eq!(status, StatusCode::OK, "{first}");
    let (status, again) = waiting.poll(&server, proof()).await;
    assert_eq!(status, StatusCode::OK, "{again}");
    assert_eq!(first["refresh_token"], again["refresh_token"]);
    let refresh = format!(
        "grant_type=refresh_token&refresh_token={}",
        text(&first, "refresh_token")
    );
    let (status, body) = Waiting::token(&server, &refresh, None).await;
    assert_eq!(
        (status, text(&body, "error")),
        (StatusCode::BAD_REQUEST, "invalid_dpop_proof".to_owned())
    );
    let (status, _) = Waiting::token(&server, &refresh, proof()).await;
    assert_eq!(status, StatusCode::OK);
    let (status, body) = waiting.poll(&server, proof()).await;
    assert_eq!(
        (status, text(&body, "error")),
        (StatusCode::BAD_REQUEST, "invalid_grant".to_owned())
    );
    server.stop().await;
}
