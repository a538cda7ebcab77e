use std::fmt::Write as _;

use redtag_protocol::{
    api::key_copies::{Found, Key},
    event::Scope,
    ids::{KeyCopyId, PersonId, ShopId},
    role::Role,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    core::{
        key_copies::{self, FRESH, KeyCopyError, Whose},
        tokens,
    },
    storage::KeyCopy,
    testing::{Log, NOW, Server, SignedIn},
};

const ANN: &str = "ann@example.com";
const OTTO: &str = "otto@example.com";
const KEY: [u8; 32] = *b"what opens the cache of a bench!";

fn id() -> KeyCopyId {
    KeyCopyId::from_parts(NOW, crate::keys::random())
}

async fn post(
    server: &Server,
    shop: ShopId,
    access: &str,
    path: &str,
    body: &Value,
) -> (StatusCode, Value) {
    let url = format!("{}/v1/shops/{shop}/key-copies{path}", server.url);
    let request = server.http.post(url).bearer_auth(access);
    let answer = request.json(body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn keep(server: &Server, who: &SignedIn, id: KeyCopyId, key: &[u8; 32]) {
    let body = json!({"id": id, "key": Key::new(key)});
    let kept = post(server, who.shop, &who.access, "", &body).await;
    assert_eq!(kept, (StatusCode::OK, json!({"kept": true})));
}

/// The key that comes back, or the refusal's status and code.
async fn fetch(server: &Server, who: &SignedIn, id: KeyCopyId) -> Result<[u8; 32], (u16, String)> {
    let body = json!({"id": id});
    let (status, answer) = post(server, who.shop, &who.access, "/fetch", &body).await;
    match status {
        StatusCode::OK => {
            let found: Found = serde_json::from_value(answer).unwrap();
            Ok(*found.key.bytes().unwrap())
        }
        _ => Err(refusal(&(status, answer))),
    }
}

fn refusal((status, body): &(StatusCode, Value)) -> (u16, String) {
    let code = body["error"].as_str().unwrap();
    (status.as_u16(), code.to_owned())
}

fn refused<T>(status: u16, code: &str) -> Result<T, (u16, String)> {
    Err((status, code.to_owned()))
}

fn whose(who: &SignedIn, id: KeyCopyId) -> Whose {
    Whose {
        shop: who.shop,
        person: who.person,
        id,
    }
}

/// Ann, who is a technician of a shop with an owner, Otto, and has just signed in.
async fn ann(server: &Server) -> SignedIn {
    let shop = server.shop().await;
    server.member(shop, OTTO, Role::Owner).await;
    server.member(shop, ANN, Role::Technician).await;
    server.sign_in(ANN).await
}

#[tokio::test]
async fn a_key_is_given_back_right_after_a_full_sign_in_and_not_later() {
    let server = Server::start().await;
    let first = ann(&server).await;
    let id = id();
    assert_eq!(
        fetch(&server, &first, id).await,
        refused(404, "not_found"),
        "nothing was kept yet"
    );
    keep(&server, &first, id, &KEY).await;
    assert_eq!(fetch(&server, &first, id).await, Ok(KEY));
    // The bench comes back later, and its person signs in anew: to the last moment of ten minutes.
    server.pass(3 * 24 * 3600);
    let mut again = server.sign_in(ANN).await;
    server.pass(FRESH / 1000);
    let (status, tokens) = again.renew(&server, &again.refresh).await;
    assert_eq!(status, StatusCode::OK);
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    (again.access, again.refresh) = (access, refresh);
    assert_eq!(fetch(&server, &again, id).await, Ok(KEY));
    server.pass(1);
    let body = json!({"id": id});
    let late = post(&server, again.shop, &again.access, "/fetch", &body).await;
    assert_eq!(refusal(&late), (403, "forbidden".to_owned()));
    let words = late.1["message"].as_str().unwrap();
    assert!(words.starts_with("sign in anew: a key is given back only"));
    // No renewal makes it young again; keeping and forgetting need no young one.
    let (status, tokens) = again.renew(&server, &again.refresh).await;
    assert_eq!(status, StatusCode::OK);
    again.access = tokens["access_token"].as_str().unwrap().to_owned();
    assert_eq!(
        fetch(&server, &again, id).await,
        refused(403, "forbidden"),
        "renewed"
    );
    let other = [7; 32];
    keep(&server, &again, id, &other).await;
    let anew = server.sign_in(ANN).await;
    assert_eq!(fetch(&server, &anew, id).await, Ok(other));
    for forgotten in [true, false] {
        let answer = post(&server, again.shop, &again.access, "/forget", &body).await;
        assert_eq!(answer, (StatusCode::OK, json!({"forgotten": forgotten})));
    }
    assert_eq!(fetch(&server, &anew, id).await, refused(404, "not_found"));
    server.stop().await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_sign_in_young_for_long() {
    let server = Server::start().await;
    let ann = ann(&server).await;
    let id = id();
    keep(&server, &ann, id, &KEY).await;
    let (storage, keys) = (&*server.app.storage, &server.app.keys);
    let began = server.app.clock.now();
    let at = async |now: u64| {
        let now = redtag_protocol::stamp::Stamp(now);
        let found = key_copies::fetch(storage, keys, whose(&ann, id), began, now).await;
        match found {
            Ok(key) => *key == KEY,
            Err(KeyCopyError::Stale) => false,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(
        at(began.0 - 1_000).await,
        "another process is a second behind"
    );
    assert!(!at(began.0 - FRESH - 1).await);
    assert!(at(began.0 + FRESH).await);
    assert!(!at(began.0 + FRESH + 1).await);
    server.stop().await;
}

#[tokio::test]
async fn a_key_is_its_persons_in_its_shop_only() {
    let server = Server::start().await;
    let ann = ann(&server).await;
    let otto = server.sign_in(OTTO).await;
    let id = id();
    keep(&server, &ann, id, &KEY).await;
    // Not even the owner's.
    assert_eq!(fetch(&server, &otto, id).await, refused(404, "not_found"));
    let body = json!({"id": id});
    let forgotten = post(&server, otto.shop, &otto.access, "/forget", &body).await;
    assert_eq!(forgotten, (StatusCode::OK, json!({"forgotten": false})));
    let over = json!({"id": id, "key": Key::new(&[9; 32])});
    let taken = post(&server, otto.shop, &otto.access, "", &over).await;
    assert_eq!(refusal(&taken), (403, "forbidden".to_owned()));
    assert_eq!(fetch(&server, &ann, id).await, Ok(KEY));
    // The same person elsewhere.
    let other = server.shop().await;
    server.member(other, ANN, Role::Viewer).await;
    let bench = crate::testing::Bench::new();
    let there = json!({"email": ANN, "shop": other});
    let answer = server.try_sign_in(&bench, there).await;
    let there: Value = answer.json().await.unwrap();
    let access = there["tokens"]["access_token"].as_str().unwrap();
    let none = post(&server, other, access, "/fetch", &body).await;
    assert_eq!(refusal(&none), (404, "not_found".to_owned()));
    let wall = post(&server, ann.shop, access, "/fetch", &body).await;
    assert_eq!(refusal(&wall), (404, "not_found".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn no_script_and_no_former_member_gets_at_a_key() {
    let server = Server::start().await;
    let ann = ann(&server).await;
    let id = id();
    keep(&server, &ann, id, &KEY).await;
    let wanted = tokens::Wanted {
        name: "nightly".to_owned(),
        scope: Scope::Write,
        days: 1,
    };
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    let made = tokens::make(storage, ann.shop, ann.person, wanted, now).await;
    let token = made.unwrap().unwrap().text;
    let (named, kept) = (
        json!({"id": id}),
        json!({"id": id, "key": Key::new(&[9; 32])}),
    );
    for (path, body) in [("", &kept), ("/fetch", &named), ("/forget", &named)] {
        let script = post(&server, ann.shop, &token, path, body).await;
        assert_eq!(refusal(&script), (403, "forbidden".to_owned()), "{path}");
    }
    server.remove(ann.shop, ann.person).await;
    let gone = fetch(&server, &ann, id).await;
    assert_eq!(gone, refused(403, "not_a_member"));
    // Who is brought back finds it again.
    server.member(ann.shop, ANN, Role::Viewer).await;
    let back = server.sign_in(ANN).await;
    assert_eq!(fetch(&server, &back, id).await, Ok(KEY));
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_key_is_not_kept() {
    let server = Server::start().await;
    let ann = ann(&server).await;
    let whole = serde_json::to_value(Key::new(&KEY)).unwrap();
    let whole = whole.as_str().unwrap();
    let short = &whole[..42];
    for text in [
        "",
        "x",
        short,
        &format!("{whole}="),
        &format!("{whole}AAAA"),
    ] {
        let body = json!({"id": id(), "key": text});
        let answer = post(&server, ann.shop, &ann.access, "", &body).await;
        assert_eq!(refusal(&answer), (400, "invalid".to_owned()), "{text:?}");
        let words = answer.1["message"].as_str().unwrap();
        assert!(words.starts_with("“key” must be a key"), "{words}");
    }
    server.stop().await;
}

/// A row that was taken from one place to another, in the database.
async fn moved(server: &Server, from: KeyCopy, to: Whose) -> Result<[u8; 32], KeyCopyError> {
    let Whose { shop, person, id } = to;
    let row = KeyCopy {
        shop,
        id,
        person,
        ..from
    };
    let (app, now) = (&server.app, server.app.clock.now());
    if let Some(there) = app.storage.key_copy(shop, id).await.unwrap() {
        let forgotten = app.storage.key_copy_forget(shop, id, there.person);
        assert!(forgotten.await.unwrap());
    }
    assert!(app.storage.key_copy_put(row).await.unwrap());
    let found = key_copies::fetch(&*app.storage, &app.keys, to, now, now).await;
    found.map(|key| *key)
}

#[tokio::test]
async fn a_key_at_rest_is_wrapped_for_its_person_its_shop_and_its_name_only() {
    let server = Server::start().await;
    let ann = ann(&server).await;
    let id = id();
    keep(&server, &ann, id, &KEY).await;
    let row = server.app.storage.key_copy(ann.shop, id).await.unwrap();
    let row = row.unwrap();
    assert_eq!((row.person, row.device), (ann.person, ann.device));
    assert!(
        !row.wrapped
            .windows(8)
            .any(|it| KEY.windows(8).any(|key| key == it))
    );
    let words = format!("{row:?} {:?}", Key::new(&KEY));
    assert!(
        words.contains("Key(…)") && !words.contains("wrapped"),
        "{words}"
    );
    let own = whose(&ann, id);
    let otto = server.app.storage.person_by_email(OTTO.to_owned()).await;
    let other: (ShopId, PersonId) = (server.shop().await, otto.unwrap().unwrap().id);
    let elsewhere = Whose {
        shop: other.0,
        ..own
    };
    let renamed = Whose {
        id: self::id(),
        ..own
    };
    let anothers = Whose {
        person: other.1,
        ..own
    };
    for to in [elsewhere, renamed, anothers] {
        let refused = moved(&server, row.clone(), to).await;
        assert!(matches!(refused, Err(KeyCopyError::Unwrap(_))), "{to:?}");
    }
    assert_eq!(moved(&server, row, own).await.unwrap(), KEY);
    server.stop().await;
}

#[tokio::test]
async fn that_a_key_was_given_back_is_in_the_log_and_the_key_is_not() {
    let (log, _listening) = Log::listen();
    let server = Server::start().await;
    let ann = ann(&server).await;
    let id = id();
    keep(&server, &ann, id, &KEY).await;
    assert_eq!(log.lines("given back").len(), 0);
    assert_eq!(fetch(&server, &ann, id).await, Ok(KEY));
    let lines = log.lines("given back");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(&ann.person.to_string()), "{lines:?}");
    assert!(lines[0].contains(&ann.device.to_string()), "{lines:?}");
    let text = serde_json::to_value(Key::new(&KEY)).unwrap();
    let mut digits = String::new();
    for byte in KEY {
        write!(digits, "{byte:02x}").unwrap();
    }
    let spelt = String::from_utf8(KEY.to_vec()).unwrap();
    for key in [text.as_str().unwrap(), &digits, &spelt] {
        assert_eq!(log.lines(key), Vec::<String>::new());
    }
    server.stop().await;
}
