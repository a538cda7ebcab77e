mod provider;

use redtag_protocol::{ids::ShopId, role::Role};
use reqwest::StatusCode;

use self::provider::{Account, At};
use crate::{
    auth::totp,
    core::{second_factor, settings},
    testing::{Browser, Log, Place, Server, Waiting, shown},
};

const ANN: &str = "ann@example.com";
const FORM: &str = "client_id=a+client&device_name=counter";

async fn serving(at: &At) -> (Server, ShopId) {
    let place = Place {
        openid: Some(at.provider()),
        ..Place::default()
    };
    let server = Server::start_in(place).await;
    let shop = server.shop().await;
    server.member(shop, "bob@example.com", Role::Owner).await;
    server.member(shop, ANN, Role::Owner).await;
    (server, shop)
}

/// A browser that was sent to the provider, and where it is to go there.
async fn sent<'a>(server: &'a Server, waiting: &Waiting) -> (Browser<'a>, String) {
    let mut browser = Browser::open(server, "/device").await;
    browser
        .send("/device", &[("code", &waiting.user_code)])
        .await;
    assert!(browser.text.contains("Sign in with Example ID"));
    browser.send("/device/openid", &[]).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    let (_, url) = browser.text.split_once("<a href=\"").unwrap();
    let url = url.split_once('"').unwrap().0.replace("&amp;", "&");
    (browser, url)
}

/// A browser that is back, with whatever the server says.
async fn back<'a>(
    server: &'a Server,
    at: &At,
    waiting: &Waiting,
    account: Account<'_>,
) -> Browser<'a> {
    let (mut browser, url) = sent(server, waiting).await;
    browser.arrive(&at.allows(&url, account)).await;
    browser
}

#[tokio::test]
async fn who_signs_in_at_the_provider_lets_a_device_in_and_stays_linked() {
    let (log, _listening) = Log::listen();
    let at = At::start().await;
    let (server, shop) = serving(&at).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let mut browser = back(&server, &at, &waiting, Account::of("s1", ANN)).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    assert!(browser.text.contains("(owner)"), "{}", browser.text);
    let shop = shop.to_string();
    let word = [("shop", &*shop), ("word", "yes")];
    browser.send("/device/word", &word).await;
    assert!(browser.text.contains("It is let in"), "{}", browser.text);
    let (status, _) = waiting.poll(&server, None).await;
    assert_eq!(status, StatusCode::OK);
    // From now on it is the account that counts, whatever address it has.
    let waiting = Waiting::begin(&server, FORM).await;
    let other = Account::of("s1", "annes.new@example.com");
    let browser = back(&server, &at, &waiting, other).await;
    assert!(browser.text.contains(ANN), "{}", browser.text);
    // Nobody else's account becomes hers, though it had her address now.
    let waiting = Waiting::begin(&server, FORM).await;
    let taken = back(&server, &at, &waiting, Account::of("s2", ANN)).await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN, "{}", taken.text);
    for secret in ["s1", ANN, "client secret"] {
        assert_eq!(log.lines(secret), Vec::<String>::new());
    }
    server.stop().await;
}

#[tokio::test]
async fn nobody_is_let_in_by_an_address_that_is_not_verified_or_not_a_members() {
    let at = At::start().await;
    let (server, shop) = serving(&at).await;
    let unverified = Account {
        verified: false,
        ..Account::of("s1", ANN)
    };
    let eve = Account::of("s3", "eve@example.com");
    let kiosk = Account::of("s4", "kiosk-1@kiosk.invalid");
    for account in [unverified, eve, kiosk] {
        let waiting = Waiting::begin(&server, FORM).await;
        let browser = back(&server, &at, &waiting, account).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN, "{}", browser.text);
    }
    let found = server.app.storage.person_by_email("eve@example.com".into());
    assert!(found.await.unwrap().is_none(), "nobody is made");
    // Who was a member and is none any more is told so.
    let ann = server.app.storage.person_by_email(ANN.to_owned()).await;
    server.remove(shop, ann.unwrap().unwrap().id).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let browser = back(&server, &at, &waiting, Account::of("s1", ANN)).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    server.stop().await;
}

#[tokio::test]
async fn a_provider_stands_for_the_password_and_never_for_the_second_factor() {
    let at = At::start().await;
    let (server, shop) = serving(&at).await;
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    let mut wanted = settings::read(storage, shop).await.unwrap();
    wanted.demand_second_factor = true;
    settings::put(storage, shop, wanted, now).await.unwrap();
    let waiting = Waiting::begin(&server, FORM).await;
    let without = back(&server, &at, &waiting, Account::of("s1", ANN)).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    assert!(without.text.contains("second factor"), "{}", without.text);
    let person = storage.person_by_email(ANN.to_owned()).await.unwrap();
    let person = person.unwrap().id;
    let keys = &server.app.keys;
    let secret = second_factor::begin(storage, keys, person, now).await;
    let secret = totp::spelt(&secret.unwrap());
    let code = shown(&secret, server.app.clock.seconds());
    let codes = second_factor::confirm(storage, keys, person, &code, now).await;
    let codes = codes.unwrap();
    let waiting = Waiting::begin(&server, FORM).await;
    let mut browser = back(&server, &at, &waiting, Account::of("s1", ANN)).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    assert!(!browser.text.contains("word"), "{}", browser.text);
    // What says that the first half was shown is good for nothing else.
    let shop = shop.to_string();
    let word = [("shop", &*shop), ("word", "yes")];
    let mut around = back(&server, &at, &waiting, Account::of("s1", ANN)).await;
    around.send("/device/word", &word).await;
    assert_eq!(around.status, StatusCode::CONFLICT, "{}", around.text);
    let path = "/device/openid/factor";
    browser.send(path, &[("factor", "000000")]).await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED);
    browser.send(path, &[("factor", &codes[0])]).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    browser.send("/device/word", &word).await;
    assert!(browser.text.contains("It is let in"), "{}", browser.text);
    server.stop().await;
}

#[tokio::test]
async fn a_sign_in_comes_back_to_the_browser_that_began_it_once_and_in_time() {
    let at = At::start().await;
    let (server, _) = serving(&at).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let ann = || Account::of("s1", ANN);
    // Another browser: somebody was talked into following a link.
    let (mut browser, url) = sent(&server, &waiting).await;
    let path = at.allows(&url, ann());
    let (mut strange, _) = sent(&server, &waiting).await;
    strange.arrive(&path).await;
    assert_eq!(strange.status, StatusCode::CONFLICT);
    let bare = Browser::open(&server, &path).await;
    assert_eq!(bare.status, StatusCode::CONFLICT);
    let altered = path.replacen("state=", "state=A", 1);
    browser.arrive(&altered).await;
    assert_eq!(browser.status, StatusCode::CONFLICT);
    let foreign = format!("{path}&iss=https%3A%2F%2Fevil.example");
    browser.arrive(&foreign).await;
    assert_eq!(browser.status, StatusCode::CONFLICT);
    browser.arrive(&path).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    browser.arrive(&path).await;
    assert_eq!(browser.status, StatusCode::CONFLICT, "a state is good once");
    // Who says no there.
    let (mut browser, url) = sent(&server, &waiting).await;
    let path = at.allows(&url, ann());
    let denied = path.replacen("code=", "error=access_denied&was=", 1);
    browser.arrive(&denied).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "{}", browser.text);
    server.pass(600);
    let late = Waiting::begin(&server, FORM).await;
    browser.arrive(&path).await;
    assert_eq!(browser.status, StatusCode::CONFLICT);
    drop(late);
    server.stop().await;
}

#[tokio::test]
async fn what_the_provider_says_must_hold() {
    let at = At::start().await;
    let (server, _) = serving(&at).await;
    let ann = || Account::of("s1", ANN);
    for account in [
        Account {
            nonce: Some("another"),
            ..ann()
        },
        Account {
            audience: Some("another"),
            ..ann()
        },
        Account {
            unproven: true,
            ..ann()
        },
    ] {
        let waiting = Waiting::begin(&server, FORM).await;
        let browser = back(&server, &at, &waiting, account).await;
        assert_eq!(browser.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(browser.text.contains("does not hold"), "{}", browser.text);
    }
    // A provider that signs no address and tells it when asked.
    let told = Account {
        told: true,
        ..ann()
    };
    let waiting = Waiting::begin(&server, FORM).await;
    let browser = back(&server, &at, &waiting, told).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    // One that is away holds nobody up.
    at.stop();
    let waiting = Waiting::begin(&server, FORM).await;
    let mut browser = Browser::open(&server, "/device").await;
    browser
        .send("/device", &[("code", &waiting.user_code)])
        .await;
    browser.send("/device/openid", &[]).await;
    assert_eq!(browser.status, StatusCode::INTERNAL_SERVER_ERROR);
    server.stop().await;
}

#[tokio::test]
async fn nobody_has_us_ask_the_provider_without_end() {
    let at = At::start().await;
    let (server, _) = serving(&at).await;
    let waiting = Waiting::begin(&server, FORM).await;
    let (mut first, url) = sent(&server, &waiting).await;
    let path = at.allows(&url, Account::of("s1", ANN));
    for _ in 1..20 {
        sent(&server, &waiting).await;
    }
    let mut browser = Browser::open(&server, "/device").await;
    let code = [("code", &*waiting.user_code)];
    browser.send("/device", &code).await;
    browser.send("/device/openid", &[]).await;
    assert_eq!(browser.status, StatusCode::TOO_MANY_REQUESTS);
    // Nor by coming back.
    first.arrive(&path).await;
    assert_eq!(first.status, StatusCode::TOO_MANY_REQUESTS);
    // Time heals it.
    server.pass(20);
    let (mut browser, url) = sent(&server, &waiting).await;
    browser
        .arrive(&at.allows(&url, Account::of("s1", ANN)))
        .await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    server.stop().await;
}
