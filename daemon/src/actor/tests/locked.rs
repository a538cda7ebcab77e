//! Accounts with a PIN. None of them is signed in, so nothing leaves the machine.

use std::{collections::BTreeSet, time::Duration};

use redtag_protocol::ipc::{
    Failure, FailureCode, FromClient, FromDaemon, Lock, Pin, Push, Reply, Request, Status,
};
use tempfile::TempDir;

use super::{
    accounts::{Client, Daemon, accounts},
    *,
};
use crate::{actor::clock, cache};

pub(super) fn pin(text: &str) -> Pin {
    Pin(text.to_owned())
}

pub(super) fn unlock(text: &str) -> Request {
    Request::Unlock {
        account: None,
        pin: pin(text),
    }
}

pub(super) fn set(text: Option<&str>) -> Request {
    Request::SetPin { pin: text.map(pin) }
}

pub(super) fn code(result: Result<Reply, Failure>) -> FailureCode {
    result.unwrap_err().code
}

pub(super) fn status(result: Result<Reply, Failure>) -> Box<Status> {
    match result {
        Ok(Reply::Status(status)) => status,
        other => panic!("{other:?}"),
    }
}

pub(super) fn lock(result: Result<Reply, Failure>) -> Option<Lock> {
    status(result).account.unwrap().lock
}

/// A daemon whose default account has the PIN 4711, and a client for which it is open.
pub(super) async fn guarded(dir: &TempDir) -> (Daemon, Client) {
    let daemon = Daemon::start(accounts(dir));
    let mut client = daemon.client(1).await;
    let done = daemon.ask(&mut client, None, set(Some("4711"))).await;
    assert!(matches!(done, Ok(Reply::Done)), "{done:?}");
    (daemon, client)
}

#[tokio::test]
async fn an_account_with_a_pin_answers_who_has_shown_it_and_nobody_else() {
    let dir = TempDir::new().unwrap();
    let (daemon, mut client) = guarded(&dir).await;
    assert!(
        daemon
            .ask(&mut client, None, Request::Members)
            .await
            .is_ok()
    );
    let mut other = daemon.client(2).await;
    assert_eq!(
        code(daemon.ask(&mut other, None, Request::Members).await),
        FailureCode::Locked
    );
    // The other account has none, and neither opens the other.
    let two = daemon.ask(&mut other, Some("two"), Request::Members).await;
    assert!(two.is_ok(), "{two:?}");
    assert_eq!(
        code(daemon.ask(&mut other, None, unlock("4712")).await),
        FailureCode::Locked
    );
    assert_eq!(
        lock(daemon.ask(&mut other, None, unlock("4711")).await),
        Some(Lock::Open)
    );
    assert!(daemon.ask(&mut other, None, Request::Members).await.is_ok());
    // For one connection only.
    assert_eq!(
        lock(daemon.ask(&mut other, None, Request::Lock).await),
        Some(Lock::Locked)
    );
    assert_eq!(
        code(daemon.ask(&mut other, None, Request::Members).await),
        FailureCode::Locked
    );
    assert!(
        daemon
            .ask(&mut client, None, Request::Members)
            .await
            .is_ok()
    );
    daemon.stop().await;
}

/// The requests that a locked account answers, as they are named on the wire; all others it refuses.
const ANSWERED: [&str; 10] = [
    "accounts",
    "active",
    "examine",
    "lock",
    "settings",
    "sign_in",
    "status",
    "stop",
    "subscribe",
    "unwatch",
];

#[tokio::test]
async fn no_request_walks_around_the_lock() {
    let dir = TempDir::new().unwrap();
    let (daemon, _client) = guarded(&dir).await;
    let mut told = BTreeSet::new();
    let golden = include_str!("../../../../protocol/tests/golden/from-client.ndjson");
    for (number, line) in (2..).zip(golden.lines()) {
        let asked: FromClient = serde_json::from_str(line).unwrap();
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let request = &value["request"];
        let name = match request.as_object() {
            Some(it) => it.keys().next().unwrap().clone(),
            None => request.as_str().unwrap().to_owned(),
        };
        told.insert(name.clone());
        let request = match asked.request {
            // They would end the test, or go over the network; both show more than a PIN.
            Request::SignIn(_)
            | Request::Pair(_)
            | Request::Paired
            | Request::SecondFactor { .. }
            | Request::Stop
            | Request::Unlock { .. } => continue,
            Request::Use { .. } => Request::Use {
                account: "one".to_owned(),
            },
            other => other,
        };
        let mut client = daemon.client(number).await;
        let result = daemon.ask(&mut client, Some("one"), request).await;
        if !ANSWERED.contains(&name.as_str()) {
            assert_eq!(code(result), FailureCode::Locked, "{line}");
            continue;
        }
        match result.unwrap() {
            Reply::Done | Reply::Settings(_) => {}
            Reply::Accounts(accounts) => {
                let locks: Vec<_> = accounts.into_iter().map(|it| it.lock).collect();
                assert_eq!(locks, [Some(Lock::Locked), None]);
            }
            Reply::Status(status) => {
                assert_eq!(status.account.unwrap().lock, Some(Lock::Locked));
                assert_eq!((status.documents, status.cursor), (0, None));
                assert!(status.notices.is_empty(), "{:?}", status.notices);
            }
            Reply::Examined(found) => {
                let text = format!("{found:?}");
                assert!(!text.contains('@') && !text.contains("Cycles"), "{text}");
            }
            other => panic!("{line}: {other:?}"),
        }
    }
    // What serde would take instead of a word that it does not know lists every request.
    let error = serde_json::from_str::<Request>(r#""?""#)
        .unwrap_err()
        .to_string();
    let known: BTreeSet<String> = error
        .split('`')
        .skip(3)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert_eq!(told, known, "each request has a golden message");
    daemon.stop().await;
}

#[tokio::test]
async fn a_locked_client_hears_of_nothing() {
    let dir = TempDir::new().unwrap();
    let (daemon, mut client) = guarded(&dir).await;
    let mut watcher = daemon.client(2).await;
    daemon
        .ask(&mut watcher, None, unlock("4711"))
        .await
        .unwrap();
    daemon
        .ask(&mut watcher, None, Request::Subscribe)
        .await
        .unwrap();
    daemon.ask(&mut watcher, None, Request::Lock).await.unwrap();
    let mut deaf = daemon.client(3).await;
    assert_eq!(
        lock(daemon.ask(&mut deaf, None, Request::Subscribe).await),
        Some(Lock::Locked)
    );
    daemon
        .ask(&mut client, None, Request::Subscribe)
        .await
        .unwrap();
    // Something that is told to whoever listens: the PIN goes, and then everybody hears again.
    let text = Request::Sync { wait: false };
    daemon.ask(&mut client, None, text).await.unwrap();
    loop {
        if let FromDaemon::Push(Push::Status(_)) = client.pushed().await {
            break;
        }
    }
    daemon.stop().await;
    for (name, mut client) in [("locked", watcher), ("never open", deaf)] {
        while let Some(message) = client.rest().await {
            assert!(
                matches!(message, FromDaemon::Push(Push::Stopping)),
                "{name}: {message:?}"
            );
        }
    }
}

#[tokio::test]
async fn wrong_pins_make_wait_and_ten_need_a_sign_in_also_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let (daemon, _client) = guarded(&dir).await;
    let mut thief = daemon.client(2).await;
    for _ in 0..5 {
        let failure = daemon
            .ask(&mut thief, None, unlock("0000"))
            .await
            .unwrap_err();
        assert!(failure.words.contains("left"), "{failure}");
    }
    // Neither the right one nor another is taken now, and none counts; a new daemon knows it still.
    let failure = daemon
        .ask(&mut thief, None, unlock("4711"))
        .await
        .unwrap_err();
    assert!(failure.words.contains("seconds"), "{failure}");
    daemon.stop().await;
    let daemon = Daemon::start(super::paths(&dir));
    let mut thief = daemon.client(1).await;
    let failure = daemon
        .ask(&mut thief, None, unlock("4711"))
        .await
        .unwrap_err();
    assert!(failure.words.contains("seconds"), "{failure}");
    assert!(matches!(
        lock(daemon.ask(&mut thief, None, Request::Status).await),
        Some(Lock::Waiting { .. })
    ));
    for left in (0..5).rev() {
        clock::pass(Duration::from_mins(10));
        let failure = daemon
            .ask(&mut thief, None, unlock("0000"))
            .await
            .unwrap_err();
        let expected = if left == 0 {
            "full sign-in"
        } else {
            &format!("{left} tr")
        };
        assert!(failure.words.contains(expected), "{failure}");
    }
    clock::pass(Duration::from_hours(10));
    let failure = daemon
        .ask(&mut thief, None, unlock("4711"))
        .await
        .unwrap_err();
    assert!(failure.words.contains("redtag login"), "{failure}");
    assert_eq!(
        lock(daemon.ask(&mut thief, None, Request::Status).await),
        Some(Lock::Spent)
    );
    daemon.stop().await;
}

#[tokio::test]
async fn who_is_away_is_locked_and_keys_keep_it_open() {
    let dir = TempDir::new().unwrap();
    let (daemon, mut client) = guarded(&dir).await;
    daemon
        .ask(&mut client, None, Request::Subscribe)
        .await
        .unwrap();
    clock::pass(Duration::from_mins(4));
    daemon
        .ask(&mut client, None, Request::Active)
        .await
        .unwrap();
    clock::pass(Duration::from_mins(4));
    // Asked by the screen itself: no sign of a person.
    daemon
        .ask(&mut client, None, Request::Members)
        .await
        .unwrap();
    clock::pass(Duration::from_mins(2));
    assert_eq!(
        code(daemon.ask(&mut client, None, Request::Members).await),
        FailureCode::Locked
    );
    // What it is told when nothing happens at all: a shorter time is an occasion to look.
    daemon.ask(&mut client, None, unlock("4711")).await.unwrap();
    daemon
        .settings
        .send_modify(|it| it.config.idle_lock = Duration::from_millis(1));
    loop {
        if let FromDaemon::Push(Push::Locked { account }) = client.pushed().await {
            assert_eq!(account, "one");
            break;
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn another_pin_needs_the_one_there_is_and_locks_the_other_clients() {
    let dir = TempDir::new().unwrap();
    let (daemon, mut client) = guarded(&dir).await;
    for unfit in ["123", "12a4", "1234567890123"] {
        assert_eq!(
            code(daemon.ask(&mut client, None, set(Some(unfit))).await),
            FailureCode::Invalid
        );
    }
    let mut other = daemon.client(2).await;
    daemon.ask(&mut other, None, unlock("4711")).await.unwrap();
    clock::pass(Duration::from_mins(2));
    for change in [None, Some("1234")] {
        assert_eq!(
            code(daemon.ask(&mut client, None, set(change)).await),
            FailureCode::Locked
        );
    }
    daemon.ask(&mut client, None, unlock("4711")).await.unwrap();
    daemon
        .ask(&mut client, None, set(Some("1234")))
        .await
        .unwrap();
    assert_eq!(
        code(daemon.ask(&mut other, None, Request::Members).await),
        FailureCode::Locked
    );
    assert_eq!(
        code(daemon.ask(&mut other, None, unlock("4711")).await),
        FailureCode::Locked
    );
    daemon.ask(&mut client, None, set(None)).await.unwrap();
    assert!(daemon.ask(&mut other, None, Request::Members).await.is_ok());
    daemon.stop().await;
}

#[tokio::test]
async fn a_cache_that_is_lost_opens_the_account_to_nobody() {
    let dir = TempDir::new().unwrap();
    let (daemon, _client) = guarded(&dir).await;
    daemon.stop().await;
    let home = Home::open(&super::paths(&dir)).unwrap();
    std::fs::write(home.at("one").join("cache.db"), "nothing of it is left").unwrap();
    let daemon = Daemon::start(super::paths(&dir));
    let mut client = daemon.client(1).await;
    let failure = daemon
        .ask(&mut client, None, Request::Members)
        .await
        .unwrap_err();
    assert!(failure.words.contains("redtag login"), "{failure}");
    daemon.stop().await;
}

#[tokio::test]
async fn a_wait_ends_where_its_client_is_locked() {
    let dir = TempDir::new().unwrap();
    let (daemon, client) = guarded(&dir).await;
    let mut client = client;
    daemon
        .begin(&client, None, Request::Sync { wait: true })
        .await;
    daemon.begin(&client, None, Request::Lock).await;
    // Nobody is signed in, so the wait may have ended before.
    let first = code(client.answer().await);
    assert!(
        matches!(first, FailureCode::Locked | FailureCode::NotSignedIn),
        "{first:?}"
    );
    daemon.stop().await;
}

/// Whoever damages a cache so that only part of it can be read gets no further than before.
#[test]
fn the_pin_is_read_with_the_tokens() {
    let dir = TempDir::new().unwrap();
    let paths = accounts(&dir);
    let home = Home::open(&paths).unwrap();
    let secrets = crate::secret::Store::choose(&paths, true).unwrap();
    let key = secrets.load("one").unwrap();
    let fresh = || unreachable!("the cache is there");
    let open = || cache::open(&home.at("one"), &key, Stamp(0)).unwrap();
    let mut store = open().store(fresh).unwrap();
    store.set_pin(Some(&pin("4711"))).unwrap();
    store.close();
    cache::note_damage(&home.at("one")).unwrap();
    let opened = open();
    let cache::Origin::SetAside { salvaged, .. } = &opened.origin else {
        panic!("{:?}", opened.origin);
    };
    assert!(salvaged.meta().unwrap().lock.is_some());
}
