use redtag_protocol::{
    api::second_factor::Answer,
    entity::EntityRef,
    ids::{PersonId, ShopId},
    role::Role,
    shop::Settings,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    auth::totp::STEP,
    core::{members, settings},
    storage::SecondFactor,
    testing::{Bench, Browser, PASSWORD, Server, Waiting, shown},
};

const ANN: &str = "ann@example.com";

/// A member with a second factor: what makes the codes, and the recovery codes.
struct Enrolled {
    shop: ShopId,
    person: PersonId,
    secret: String,
    codes: Vec<String>,
}

async fn ask(server: &Server, fields: Value) -> (StatusCode, Value) {
    let mut body = json!({"email": ANN, "password": PASSWORD});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    let request = server.http.post(format!("{}/v1/second-factor", server.url));
    let answer = request.json(&body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn done(server: &Server, fields: Value) -> Answer {
    let (status, body) = ask(server, fields).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_value(body).unwrap()
}

async fn begin(server: &Server) -> String {
    match done(server, json!({"wish": "begin"})).await {
        Answer::Begun { secret, address } => {
            assert!(address.contains(&secret), "{address}");
            secret
        }
        other => panic!("{other:?}"),
    }
}

/// What the authenticator shows now.
fn code(server: &Server, secret: &str) -> String {
    shown(secret, server.app.clock.seconds())
}

async fn codes(server: &Server, wish: &str, code: &str) -> Vec<String> {
    match done(server, json!({"wish": wish, "code": code})).await {
        Answer::Codes { codes } => codes,
        other => panic!("{other:?}"),
    }
}

async fn enrolled(server: &Server, role: Role) -> Enrolled {
    let shop = server.shop().await;
    let person = server.member(shop, ANN, role).await;
    let secret = begin(server).await;
    let codes = codes(server, "confirm", &code(server, &secret)).await;
    assert_eq!(codes.len(), 10);
    let told = server.deeds(shop, EntityRef::Member(person)).await;
    assert_eq!(told[0].1, json!({"deed": "second_factor", "on": true}));
    // Its step is used up.
    server.pass(STEP);
    Enrolled {
        shop,
        person,
        secret,
        codes,
    }
}

async fn sign_in(server: &Server, fields: Value) -> (StatusCode, Value) {
    let mut wanted = json!({"email": ANN});
    for (name, value) in fields.as_object().unwrap() {
        wanted[name] = value.clone();
    }
    let answer = server.try_sign_in(&Bench::new(), wanted).await;
    (answer.status(), answer.json().await.unwrap())
}

async fn demand(server: &Server, shop: ShopId, demanded: bool) {
    let wanted = Settings {
        demand_second_factor: demanded,
        ..Settings::default()
    };
    let now = server.app.clock.now();
    let put = settings::put(&*server.app.storage, shop, wanted, now).await;
    assert!(put.unwrap().is_some());
}

fn refusal(answer: &(StatusCode, Value)) -> (u16, &str) {
    (answer.0.as_u16(), answer.1["error"].as_str().unwrap())
}

#[tokio::test]
async fn a_second_factor_is_asked_for_once_it_is_confirmed() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Technician).await;
    let first = begin(&server).await;
    let second = begin(&server).await;
    assert_ne!(first, second);
    server.sign_in(ANN).await;
    let wrong = json!({"wish": "confirm", "code": code(&server, &first)});
    let refused = ask(&server, wrong).await;
    assert_eq!(refusal(&refused), (401, "bad_credentials"));
    let missing = ask(&server, json!({"wish": "confirm"})).await;
    assert_eq!(refusal(&missing), (400, "invalid"));
    server.sign_in(ANN).await;
    let shown = code(&server, &second);
    codes(&server, "confirm", &shown).await;
    let refused = sign_in(&server, json!({})).await;
    assert_eq!(refusal(&refused), (401, "second_factor_required"));
    // Whoever saw the code that confirmed has nothing.
    let refused = sign_in(&server, json!({"code": shown})).await;
    assert_eq!(refusal(&refused), (401, "bad_credentials"));
    server.pass(STEP);
    let next = json!({"code": code(&server, &second)});
    let (status, body) = sign_in(&server, next.clone()).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let again = sign_in(&server, next).await;
    assert_eq!(refusal(&again), (401, "bad_credentials"));
    server.stop().await;
}

#[tokio::test]
async fn which_part_was_wrong_is_not_told() {
    let server = Server::start().await;
    let ann = enrolled(&server, Role::Technician).await;
    let good = code(&server, &ann.secret);
    let mut told = Vec::new();
    for fields in [
        json!({"code": "000000"}),
        json!({"code": "abcde-fgh23"}),
        json!({"code": good, "password": "wrong horse"}),
        json!({"code": good, "email": "bob@example.com"}),
    ] {
        let mut refused = sign_in(&server, fields).await;
        refused.1.as_object_mut().unwrap().remove("request_id");
        told.push(refused);
    }
    assert_eq!(refusal(&told[0]), (401, "bad_credentials"));
    assert!(told.iter().all(|it| *it == told[0]), "{told:?}");
    // A wrong password does not use the code up.
    let (status, body) = sign_in(&server, json!({"code": good})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    server.stop().await;
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_new_ones_push_the_old_out() {
    let server = Server::start().await;
    let ann = enrolled(&server, Role::Technician).await;
    let with = |code: &str| json!({"code": code});
    let typed = ann.codes[0].to_uppercase().replace('-', " ");
    assert_eq!(sign_in(&server, with(&typed)).await.0, StatusCode::OK);
    let again = sign_in(&server, with(&ann.codes[0])).await;
    assert_eq!(refusal(&again), (401, "bad_credentials"));
    let me = sign_in(&server, with(&ann.codes[1])).await.1;
    let access = me["tokens"]["access_token"].as_str().unwrap();
    let request = server.get(ann.shop, "second-factor", access);
    let standing: Value = request.send().await.unwrap().json().await.unwrap();
    let wanted = json!({"confirmed": true, "codes": 8, "demanded": false});
    assert_eq!(standing, wanted);
    let new = codes(&server, "codes", &ann.codes[2]).await;
    let old = sign_in(&server, with(&ann.codes[3])).await;
    assert_eq!(refusal(&old), (401, "bad_credentials"));
    assert_eq!(sign_in(&server, with(&new[9])).await.0, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn a_second_factor_is_given_up_with_a_code_only() {
    let server = Server::start().await;
    let ann = enrolled(&server, Role::Owner).await;
    for wish in ["begin", "codes", "remove"] {
        let refused = ask(&server, json!({"wish": wish})).await;
        assert_eq!(refusal(&refused), (401, "second_factor_required"), "{wish}");
    }
    let begun = ask(&server, json!({"wish": "begin", "code": ann.codes[0]})).await;
    assert_eq!(refusal(&begun), (409, "second_factor"));
    let removed = done(&server, json!({"wish": "remove", "code": ann.codes[1]})).await;
    assert_eq!(removed, Answer::Removed);
    server.sign_in(ANN).await;
    for wish in ["codes", "remove"] {
        let none = ask(&server, json!({"wish": wish})).await;
        assert_eq!(refusal(&none), (409, "second_factor"), "{wish}");
    }
    server.stop().await;
}

#[tokio::test]
async fn where_a_shop_demands_one_owners_and_dispatchers_enrol_first() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Owner).await;
    server
        .member(shop, "kit@example.com", Role::Technician)
        .await;
    demand(&server, shop, true).await;
    server.sign_in("kit@example.com").await;
    let refused = sign_in(&server, json!({})).await;
    assert_eq!(refusal(&refused), (403, "must_enrol"));
    let secret = begin(&server).await;
    // Begun is not confirmed.
    let refused = sign_in(&server, json!({})).await;
    assert_eq!(refusal(&refused), (403, "must_enrol"));
    let recovery = codes(&server, "confirm", &code(&server, &secret)).await;
    let (status, body) = sign_in(&server, json!({"code": recovery[0]})).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let stays = ask(&server, json!({"wish": "remove", "code": recovery[1]})).await;
    assert_eq!(refusal(&stays), (403, "forbidden"));
    demand(&server, shop, false).await;
    done(&server, json!({"wish": "remove", "code": recovery[2]})).await;
    server.sign_in(ANN).await;
    server.stop().await;
}

#[tokio::test]
async fn guessing_at_codes_is_slow_for_the_person_and_for_nobody_else() {
    let server = Server::start().await;
    let ann = enrolled(&server, Role::Technician).await;
    server
        .member(ann.shop, "kit@example.com", Role::Owner)
        .await;
    for _ in 0..5 {
        let refused = sign_in(&server, json!({"code": "000000"})).await;
        assert_eq!(refusal(&refused), (401, "bad_credentials"));
    }
    let good = json!({"code": code(&server, &ann.secret)});
    let slow = sign_in(&server, good.clone()).await;
    assert_eq!(refusal(&slow), (429, "slow_down"));
    let other = ask(&server, json!({"wish": "remove", "code": ann.codes[0]})).await;
    assert_eq!(refusal(&other), (429, "slow_down"));
    server.sign_in("kit@example.com").await;
    server.pass(301);
    let good = json!({"code": code(&server, &ann.secret)});
    assert_eq!(sign_in(&server, good).await.0, StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn of_two_racing_uses_of_a_code_one_is_let_in() {
    let server = Server::start().await;
    let ann = enrolled(&server, Role::Technician).await;
    let good = json!({"code": code(&server, &ann.secret)});
    let (one, other) = tokio::join!(sign_in(&server, good.clone()), sign_in(&server, good));
    let mut both = [one.0.as_u16(), other.0.as_u16()];
    both.sort_unstable();
    assert_eq!(both, [200, 401]);
    server.stop().await;
}

#[tokio::test]
async fn a_secret_at_rest_is_its_persons_only() {
    let server = Server::start().await;
    let ann = enrolled(&server, Role::Technician).await;
    let storage = &server.app.storage;
    let kit = server
        .member(ann.shop, "kit@example.com", Role::Owner)
        .await;
    let kept = storage.second_factor(ann.person).await.unwrap().unwrap();
    let spelt = ann.secret.as_bytes();
    assert!(!kept.wrapped.windows(spelt.len()).any(|it| it == spelt));
    // Ann's row under Kit's name is no second factor of Kit's.
    let stolen = SecondFactor {
        person: kit,
        version: 1,
        ..kept
    };
    assert!(storage.second_factor_put(stolen).await.unwrap());
    let fields = json!({"email": "kit@example.com", "code": code(&server, &ann.secret)});
    let refused = sign_in(&server, fields).await;
    assert_eq!(refusal(&refused), (500, "internal"));
    let fields = json!({"email": "kit@example.com", "code": ann.codes[5]});
    let refused = sign_in(&server, fields).await;
    assert_eq!(refusal(&refused), (401, "bad_credentials"));
    server.stop().await;
}

#[tokio::test]
async fn a_code_is_wanted_on_the_page_that_lets_devices_in_too() {
    let server = Server::start().await;
    let it = enrolled(&server, Role::Owner).await;
    let waiting = Waiting::begin(&server, "client_id=a+client&device_name=counter").await;
    let mut browser = Browser::open(&server, "/device").await;
    browser
        .send("/device", &[("code", &waiting.user_code)])
        .await;
    let password = [("email", ANN), ("password", PASSWORD)];
    browser.send("/device/sign-in", &password).await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED);
    assert!(browser.text.contains("second factor is wanted"));
    let wrong = [password[0], password[1], ("factor", "000000")];
    browser.send("/device/sign-in", &wrong).await;
    assert_eq!(browser.status, StatusCode::UNAUTHORIZED);
    let now = code(&server, &it.secret);
    let right = [password[0], password[1], ("factor", now.as_str())];
    browser.send("/device/sign-in", &right).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    server.stop().await;
}

#[tokio::test]
async fn a_page_lets_nobody_in_where_a_second_factor_is_demanded_and_missing() {
    let server = Server::start().await;
    let (strict, lax) = (server.shop().await, server.shop().await);
    server.member(strict, ANN, Role::Owner).await;
    server.member(lax, ANN, Role::Owner).await;
    let demanded = Settings {
        demand_second_factor: true,
        ..Settings::default()
    };
    let storage = &*server.app.storage;
    let now = server.app.clock.now();
    settings::put(storage, strict, demanded, now).await.unwrap();
    let waiting = Waiting::begin(&server, "client_id=a+client&device_name=counter").await;
    let mut browser = waiting.signed_in(&server, ANN).await;
    assert!(browser.text.contains(&lax.to_string()));
    assert!(!browser.text.contains(&strict.to_string()));
    // The page does not offer it; whoever writes the form by hand is not let in either.
    let strict = strict.to_string();
    let word = [("shop", strict.as_str()), ("word", "yes")];
    browser.send("/device/word", &word).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "{}", browser.text);
    server.stop().await;
}

#[tokio::test]
async fn what_was_shown_before_a_new_password_lets_no_device_in() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let ann = server.member(shop, ANN, Role::Owner).await;
    let waiting = Waiting::begin(&server, "client_id=a+client&device_name=counter").await;
    let mut browser = waiting.signed_in(&server, ANN).await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    let now = server.app.clock.now();
    let changed = server
        .app
        .storage
        .person_password(ann, "new".to_owned(), now);
    changed.await.unwrap();
    let shop = shop.to_string();
    let word = [("shop", shop.as_str()), ("word", "yes")];
    browser.send("/device/word", &word).await;
    assert_eq!(browser.status, StatusCode::CONFLICT, "{}", browser.text);
    server.stop().await;
}

#[tokio::test]
async fn whoever_comes_to_a_role_that_wants_one_signs_in_anew() {
    let server = Server::start().await;
    let shop = server.shop().await;
    let ann = server.member(shop, ANN, Role::Technician).await;
    demand(&server, shop, true).await;
    let bench = server.sign_in(ANN).await;
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    let raised = members::put(storage, shop, ann, "Ann", Role::Dispatcher, now);
    raised.await.unwrap();
    let (_, body) = bench.renew(&server, &bench.refresh).await;
    assert_eq!(body["error"], "invalid_grant");
    let refused = sign_in(&server, json!({})).await;
    assert_eq!(refusal(&refused), (403, "must_enrol"));
    server.stop().await;
}

#[tokio::test]
async fn who_has_to_name_a_shop_keeps_the_code() {
    let server = Server::start().await;
    let ann = enrolled(&server, Role::Technician).await;
    let other = server.shop().await;
    server.member(other, ANN, Role::Technician).await;
    for code in [code(&server, &ann.secret), ann.codes[0].clone()] {
        let asked = sign_in(&server, json!({"code": code})).await;
        assert_eq!(refusal(&asked), (409, "choose_shop"));
        let named = json!({"code": code, "shop": other});
        let (status, body) = sign_in(&server, named.clone()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        // And it is used up now.
        let again = sign_in(&server, named).await;
        assert_eq!(refusal(&again), (401, "bad_credentials"));
        // Whoever has no code hears of no shops.
        let without = sign_in(&server, json!({})).await;
        assert_eq!(refusal(&without), (401, "second_factor_required"));
        let wrong = sign_in(&server, json!({"code": "000000"})).await;
        assert_eq!(refusal(&wrong), (401, "bad_credentials"));
    }
    server.stop().await;
}
