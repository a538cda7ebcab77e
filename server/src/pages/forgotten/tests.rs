use redtag_protocol::role::Role;
use reqwest::StatusCode;

use crate::testing::{Browser, Server, Waiting};

#[tokio::test]
async fn a_server_that_sends_no_mail_offers_none() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let browser = Browser::open(&server, "/forgotten").await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    assert!(browser.text.contains("sends no mail"), "{}", browser.text);
    let waiting = Waiting::begin(&server, "client_id=x&device_name=y").await;
    let mut browser = Browser::open(&server, "/device").await;
    browser
        .send("/device", &[("code", &waiting.user_code)])
        .await;
    assert!(!browser.text.contains("/forgotten"), "{}", browser.text);
    server.stop().await;
}
