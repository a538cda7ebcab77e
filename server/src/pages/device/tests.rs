use redtag_protocol::role::Role;
use reqwest::StatusCode;

use crate::{
    core::settings,
    testing::{Browser, PASSWORD, Server, Waiting},
};

const FORM: &str = "client_id=a+client&device_name=counter+%3Cb%3E";

#[tokio::test]
async fn a_person_sees_what_waits_from_where_and_for_which_shop() {
    let server = Server::start().await;
    let (one, other) = (server.shop().await, server.shop().await);
    server.member(one, "ann@example.com", Role::Owner).await;
    server.member(other, "ann@example.com", Role::Viewer).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let browser = waiting.signed_in(&server, "ann@example.com").await;
    for word in [
        "counter &lt;b&gt;",
        "a client",
        "127.0.0.1, as you are",
        "A person",
        "(owner)",
        "(viewer)",
        &one.to_string(),
        &other.to_string(),
    ] {
        assert!(browser.text.contains(word), "{word}: {}", browser.text);
    }
    server.stop().await;
}

#[tokio::test]
async fn what_was_typed_wrong_is_asked_again_and_guessing_codes_ends() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let mut browser = Browser::open(&server, "/device").await;
    browser
        .send("/device", &[("code", &waiting.user_code.to_lowercase())])
        .await;
    let wrong = [("email", "ann@example.com"), ("password", "wrong horse")];
    browser.send("/device/sign-in", &wrong).await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED);
    assert!(browser.text.contains("role=\"alert\""), "{}", browser.text);
    assert!(browser.text.contains("value=\"ann@example.com\""));
    assert!(!browser.text.contains("wrong horse"));
    let right = [("email", "ann@example.com"), ("password", PASSWORD)];
    browser.send("/device/sign-in", &right).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    let mut guesser = Browser::open(&server, "/device").await;
    for _ in 0..10 {
        guesser.send("/device", &[("code", "BCDF-GHJK")]).await;
        assert_eq!(guesser.status, StatusCode::NOT_FOUND);
    }
    guesser.send("/device", &[("code", "BCDF-GHJK")]).await;
    assert_eq!(guesser.status, StatusCode::TOO_MANY_REQUESTS);
    // The right one neither, from there: or the limit would say when a guess was right.
    guesser
        .send("/device", &[("code", &waiting.user_code)])
        .await;
    assert_eq!(guesser.status, StatusCode::TOO_MANY_REQUESTS);
    server.stop().await;
}

#[tokio::test]
async fn a_ticket_is_good_in_one_browser_for_one_device_and_for_minutes() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let shop = shop.to_string();
    let word = [("shop", &*shop), ("word", "yes")];
    let theirs = waiting.signed_in(&server, "ann@example.com").await;
    let (_, rest) = theirs.text.split_once("name=\"ticket\" value=\"").unwrap();
    let ticket = rest.split_once('"').unwrap().0.to_owned();
    let mut strange = Browser::open(&server, "/device").await;
    let stolen = [("ticket", &*ticket), ("shop", &*shop), ("word", "yes")];
    strange.send("/device/word", &stolen).await;
    assert_eq!(strange.status, StatusCode::CONFLICT, "{}", strange.text);
    let mut altered = Browser::open(&server, "/device").await;
    let ticket = format!("A{}", &ticket[1..]);
    let made_up = [("ticket", &*ticket), ("shop", &*shop), ("word", "yes")];
    altered.send("/device/word", &made_up).await;
    assert_eq!(altered.status, StatusCode::CONFLICT);
    let mut late = waiting.signed_in(&server, "ann@example.com").await;
    server.pass(300);
    late.send("/device/word", &word).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let mut twice = waiting.signed_in(&server, "ann@example.com").await;
    let mut again = waiting.signed_in(&server, "ann@example.com").await;
    twice.send("/device/word", &word).await;
    assert_eq!(twice.status, StatusCode::OK, "{}", twice.text);
    again.send("/device/word", &word).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    server.stop().await;
}

#[tokio::test]
async fn a_shop_that_does_not_want_it_lets_nobody_in_by_a_code() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    let waiting = Waiting::begin(&server, FORM).await;
    let mut before = waiting.signed_in(&server, "ann@example.com").await;
    let mut wanted = settings::read(storage, shop).await.unwrap();
    wanted.device_codes = false;
    settings::put(storage, shop, wanted, now).await.unwrap();
    let (status, text) = waiting.page(&server, "ann@example.com").await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{text}");
    let shop = shop.to_string();
    before
        .send("/device/word", &[("shop", &shop), ("word", "yes")])
        .await;
    assert_eq!(before.status, StatusCode::CONFLICT, "{}", before.text);
    let (_, body) = waiting.poll(&server, None).await;
    assert_eq!(body["error"], "authorization_pending");
    server.stop().await;
}

#[tokio::test]
async fn nobody_lets_a_device_into_a_shop_that_is_not_theirs() {
    let server = Server::start().await;
    let (own, other) = (server.shop().await, server.shop().await);
    server.member(own, "ann@example.com", Role::Owner).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let mut browser = waiting.signed_in(&server, "ann@example.com").await;
    let other = other.to_string();
    browser
        .send("/device/word", &[("shop", &other), ("word", "yes")])
        .await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "{}", browser.text);
    server.stop().await;
}
