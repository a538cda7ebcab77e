use axum::http::StatusCode as Status;
use redtag_protocol::{ids::ShopId, role::Role};
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    auth::{
        link::{Link, Purpose, WORD},
        password,
    },
    core::{second_factor, settings},
    storage::Person,
    testing::{Bench, Browser, Log, PASSWORD, Server},
};

const ANN: &str = "ann@example.com";
const NEW: &str = "a bicycle in the rain";

/// A link for a person as they stand now.
async fn link(server: &Server, email: &str, purpose: Purpose) -> String {
    let app = &server.app;
    let person = app.storage.person_by_email(email.to_owned()).await;
    let person: Person = person.unwrap().unwrap();
    let link = Link::new(person.id, purpose, app.clock.seconds());
    let text = link.text(&app.keys.links, &person, app.storage.epoch());
    text.to_string()
}

async fn open<'a>(server: &'a Server, link: &str) -> Browser<'a> {
    Browser::open(server, &format!("/link/{link}")).await
}

async fn choose(browser: &mut Browser<'_>, password: &str, again: &str) -> StatusCode {
    let fields = [("password", password), ("again", again)];
    browser.send("/link", &fields).await;
    browser.status
}

async fn signs_in(server: &Server, email: &str, password: &str) -> StatusCode {
    let fields = json!({"email": email, "password": password});
    server.try_sign_in(&Bench::new(), fields).await.status()
}

/// Somebody who was invited and has no password yet.
async fn invited(server: &Server, role: Role) -> ShopId {
    let shop = server.shop().await;
    let person = server.member(shop, ANN, role).await;
    let storage = &server.app.storage;
    let none = password::NONE.to_owned();
    let now = server.app.clock.now();
    storage.person_password(person, none, now).await.unwrap();
    shop
}

#[tokio::test]
async fn who_is_invited_chooses_a_password_once() {
    let server = Server::start().await;
    let shop = invited(&server, Role::Technician).await;
    assert_eq!(signs_in(&server, ANN, "!").await, StatusCode::UNAUTHORIZED);
    let link = link(&server, ANN, Purpose::Invitation).await;
    let mut browser = open(&server, &link).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    for word in ["A shop", "(technician)", ANN] {
        assert!(browser.text.contains(word), "{word}: {}", browser.text);
    }
    for (password, again, word) in [
        (NEW, "a bicycle in the sun", "differ"),
        ("brief", "brief", "too short"),
        ("Password1", "Password1", "everybody knows"),
    ] {
        let status = choose(&mut browser, password, again).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(browser.text.contains(word), "{}", browser.text);
        assert!(!browser.text.contains(password), "{}", browser.text);
    }
    // Looking at it uses nothing up.
    assert_eq!(open(&server, &link).await.status, StatusCode::OK);
    assert_eq!(choose(&mut browser, NEW, NEW).await, StatusCode::OK);
    assert_eq!(signs_in(&server, ANN, NEW).await, StatusCode::OK);
    assert_eq!(server.sign_in_with(ANN, NEW).await.shop, shop);
    assert_eq!(open(&server, &link).await.status, StatusCode::GONE);
    server.stop().await;
}

#[tokio::test]
async fn of_several_that_race_with_one_link_one_chooses() {
    let server = Server::start().await;
    invited(&server, Role::Viewer).await;
    let link = link(&server, ANN, Purpose::Invitation).await;
    let mut browsers = Vec::new();
    for number in 0..6 {
        browsers.push((open(&server, &link).await, format!("{NEW} {number}")));
    }
    let racing = browsers.iter_mut().map(async |(browser, password)| {
        let status = choose(browser, password, password).await;
        (status, password.clone())
    });
    let ended = futures_util::future::join_all(racing).await;
    let won: Vec<_> = ended.iter().filter(|it| it.0 == StatusCode::OK).collect();
    assert_eq!(won.len(), 1, "{ended:?}");
    for (status, password) in &ended {
        let (wanted, signed_in) = match status {
            &StatusCode::OK => (StatusCode::OK, StatusCode::OK),
            _ => (StatusCode::GONE, StatusCode::UNAUTHORIZED),
        };
        assert_eq!(*status, wanted);
        assert_eq!(signs_in(&server, ANN, password).await, signed_in);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_link_ends_with_time_with_another_one_and_with_any_new_password() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    let signed_in = server.sign_in(ANN).await;
    let (old, late) = (
        link(&server, ANN, Purpose::Reset).await,
        link(&server, ANN, Purpose::Reset).await,
    );
    let mut open_still = open(&server, &old).await;
    server.pass(60);
    let newer = link(&server, ANN, Purpose::Reset).await;
    let mut browser = open(&server, &newer).await;
    assert_eq!(choose(&mut browser, NEW, NEW).await, StatusCode::OK);
    assert_eq!(open(&server, &old).await.status, StatusCode::GONE);
    let status = choose(&mut open_still, "another long one", "another long one").await;
    assert_eq!(status, StatusCode::GONE);
    assert_eq!(open(&server, &late).await.status, StatusCode::GONE);
    // Whatever was signed in with the old password signs in anew, and destroys nothing.
    let (_, body) = signed_in.renew(&server, &signed_in.refresh).await;
    assert_eq!(body["error"], "invalid_grant");
    // By the person, in their terminal.
    let before = link(&server, ANN, Purpose::Reset).await;
    let here = server.sign_in_with(ANN, NEW).await;
    let url = format!("{}/v1/shops/{shop}/password", server.url);
    let asked = json!({"current": NEW, "new": PASSWORD});
    let request = server.http.post(url).bearer_auth(&here.access).json(&asked);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(open(&server, &before).await.status, StatusCode::GONE);
    let last = link(&server, ANN, Purpose::Reset).await;
    server.pass(3599);
    assert_eq!(open(&server, &last).await.status, StatusCode::OK);
    server.pass(1);
    assert_eq!(open(&server, &last).await.status, StatusCode::GONE);
    server.stop().await;
}

#[tokio::test]
async fn who_was_removed_has_no_link_and_made_up_ones_run_into_a_limit() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "bob@example.com", Role::Owner).await;
    let ann = server.member(shop, ANN, Role::Viewer).await;
    let link = link(&server, ANN, Purpose::Invitation).await;
    assert_eq!(open(&server, &link).await.status, StatusCode::OK);
    server.remove(shop, ann).await;
    let refused = open(&server, &link).await;
    assert_eq!(refused.status, StatusCode::GONE);
    let made_up = open(&server, "rtlink_AAAA").await;
    let words = |text: &str| text.split("<p class=\"note\">").next().unwrap().to_owned();
    assert_eq!(
        words(&refused.text),
        words(&made_up.text),
        "which is not told"
    );
    for _ in 0..18 {
        assert_eq!(open(&server, "x").await.status, StatusCode::GONE);
    }
    assert_eq!(
        open(&server, "x").await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    server.stop().await;
}

#[tokio::test]
async fn no_link_is_in_the_log_or_on_a_page_that_refuses_it() {
    let (log, _listening) = Log::listen();
    let server = Server::start().await;
    invited(&server, Role::Viewer).await;
    let link = link(&server, ANN, Purpose::Invitation).await;
    let mut browser = open(&server, &link).await;
    choose(&mut browser, NEW, NEW).await;
    assert!(!browser.text.contains(WORD), "{}", browser.text);
    let used = open(&server, &link).await;
    assert!(!used.text.contains(WORD), "{}", used.text);
    assert!(!log.lines("/link/{link}").is_empty());
    let secret = &link[WORD.len()..];
    for text in [WORD, secret, NEW, ANN] {
        assert_eq!(log.lines(text), Vec::<String>::new(), "{text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn who_must_have_a_second_factor_is_told_so_and_one_that_is_there_stays() {
    let server = Server::start().await;
    let shop = invited(&server, Role::Dispatcher).await;
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    let mut wanted = settings::read(storage, shop).await.unwrap();
    wanted.demand_second_factor = true;
    settings::put(storage, shop, wanted, now).await.unwrap();
    let mut browser = open(&server, &link(&server, ANN, Purpose::Invitation).await).await;
    assert_eq!(choose(&mut browser, NEW, NEW).await, StatusCode::OK);
    assert!(
        browser.text.contains("second-factor enrol"),
        "{}",
        browser.text
    );
    assert_eq!(signs_in(&server, ANN, NEW).await, Status::FORBIDDEN);
    // With one, a new password by a link is no way around it.
    let person = storage.person_by_email(ANN.to_owned()).await.unwrap();
    let person = person.unwrap().id;
    let keys = &server.app.keys;
    let secret = second_factor::begin(storage, keys, person, now)
        .await
        .unwrap();
    let secret = crate::auth::totp::spelt(&secret);
    let code = crate::testing::shown(&secret, server.app.clock.seconds());
    second_factor::confirm(storage, keys, person, &code, now)
        .await
        .unwrap();
    let mut browser = open(&server, &link(&server, ANN, Purpose::Reset).await).await;
    let another = "another long one";
    assert_eq!(choose(&mut browser, another, another).await, StatusCode::OK);
    assert!(!browser.text.contains("enrol"), "{}", browser.text);
    let fields = json!({"email": ANN, "password": another});
    let answer = server.try_sign_in(&Bench::new(), fields).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["error"], "second_factor_required");
    server.stop().await;
}
