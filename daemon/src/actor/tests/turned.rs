//! What clients hear when a lock, or a lease, stands otherwise than before: they may be shut out of the
//! account, and are told all the same.

use std::time::Duration;

use redtag_protocol::ipc::{FromDaemon, Lock, Push, Reply, Request, SignIn};
use tempfile::TempDir;

use super::{
    accounts::{Client, Daemon},
    leaving::{home, unsent},
    locked::{code, guarded, lock, set, unlock},
};
use crate::{
    actor::clock,
    remote::tests::server::{Reply as Said, Server},
};

/// A client that listens and is shut out.
async fn listener(daemon: &Daemon) -> Client {
    let mut client = daemon.client(2).await;
    let shut = daemon.ask(&mut client, None, Request::Subscribe).await;
    assert_eq!(lock(shut), Some(Lock::Locked));
    client
}

/// What a client that listens hears next of the lock.
async fn heard(client: &mut Client) -> Option<Lock> {
    match client.pushed().await {
        FromDaemon::Push(Push::Status(status)) => status.account.unwrap().lock,
        FromDaemon::Push(Push::Locked { account }) => {
            assert_eq!(account, "one");
            Some(Lock::Locked)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_pin_that_was_removed_opens_the_other_clients() {
    let dir = TempDir::new().unwrap();
    let (daemon, mut client) = guarded(&dir).await;
    let mut listener = listener(&daemon).await;
    daemon.ask(&mut client, None, set(None)).await.unwrap();
    while heard(&mut listener).await.is_some() {}
    daemon.stop().await;
}

/// An API that signs in and is away for everything else.
async fn api() -> Server {
    let file = super::file("one");
    let signed_in = serde_json::json!({
        "person": file.person, "name": "Ada",
        "membership": {"shop": file.shop, "name": "Cycles", "role": "technician"},
        "tokens": {
            "access_token": "at", "token_type": "DPoP", "expires_in": 600, "refresh_token": "rt",
        },
        "last_number": 0,
    });
    Server::start(move |asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/sign-in" => Said::json(200, &signed_in.to_string()),
        _ => Said::error(503, "later"),
    })
    .await
}

fn sign_in(api: &Server, forget_pin: bool) -> Request {
    Request::SignIn(SignIn {
        url: api.url(),
        email: "ada@example.com".to_owned(),
        password: "right".to_owned(),
        code: None,
        enroll: None,
        shop: None,
        insecure_storage: true,
        ca: None,
        forget_pin,
    })
}

#[tokio::test]
async fn a_full_sign_in_ends_the_pause_of_the_other_clients_too() {
    for forget_pin in [true, false] {
        let api = api().await;
        let dir = TempDir::new().unwrap();
        let (paths, _) = home(&dir, &api.url(), unsent);
        let daemon = Daemon::start(paths);
        let mut client = daemon.client(1).await;
        daemon
            .ask(&mut client, None, set(Some("4711")))
            .await
            .unwrap();
        let mut listener = listener(&daemon).await;
        for _ in 0..5 {
            code(daemon.ask(&mut listener, None, unlock("0000")).await);
        }
        let shut = daemon.ask(&mut listener, None, Request::Status).await;
        assert!(matches!(lock(shut), Some(Lock::Waiting { .. })));
        let done = daemon
            .ask(&mut client, None, sign_in(&api, forget_pin))
            .await;
        assert!(matches!(done, Ok(Reply::Account(_))), "{done:?}");
        if forget_pin {
            while heard(&mut listener).await.is_some() {}
        } else {
            assert_eq!(heard(&mut listener).await, Some(Lock::Locked));
            let opened = daemon.ask(&mut listener, None, unlock("4711")).await;
            assert_eq!(lock(opened), Some(Lock::Open));
        }
        daemon.stop().await;
    }
}

#[tokio::test]
async fn a_lease_that_is_good_again_is_told_to_who_is_to_show_the_pin() {
    let dir = TempDir::new().unwrap();
    let (daemon, mut client) = guarded(&dir).await;
    let mut listener = listener(&daemon).await;
    clock::pass(Duration::from_hours(15 * 24));
    code(daemon.ask(&mut client, None, Request::Members).await);
    assert_eq!(heard(&mut listener).await, Some(Lock::Locked));
    let lapsed = daemon.ask(&mut listener, None, Request::Status).await;
    assert_eq!(lock(lapsed), Some(Lock::Lapsed));
    let longer = Duration::from_hours(30 * 24);
    daemon.settings.send_modify(|it| it.config.lease = longer);
    assert_eq!(heard(&mut listener).await, Some(Lock::Locked));
    let shut = daemon.ask(&mut listener, None, Request::Status).await;
    assert_eq!(lock(shut), Some(Lock::Locked));
    daemon.stop().await;
}

#[tokio::test]
async fn who_waits_for_a_synchronisation_is_there_and_is_not_locked() {
    // Takes every question and never answers, so that the wait has no end of its own.
    let silent = Server::start(|_| Said::raw("").hold()).await;
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, &silent.url(), unsent);
    let daemon = Daemon::start(paths);
    let mut waiting = daemon.client(1).await;
    daemon
        .ask(&mut waiting, None, set(Some("4711")))
        .await
        .unwrap();
    let mut idle = daemon.client(2).await;
    daemon
        .ask(&mut idle, None, Request::Subscribe)
        .await
        .unwrap();
    daemon.ask(&mut idle, None, unlock("4711")).await.unwrap();
    daemon
        .begin(&waiting, None, Request::Sync { wait: true })
        .await;
    // It was taken up with this.
    let shown = daemon.ask(&mut waiting, None, Request::Status).await;
    assert_eq!(lock(shown), Some(Lock::Open));
    clock::pass(Duration::from_mins(6));
    daemon.settings.send_modify(|_| {});
    while heard(&mut idle).await != Some(Lock::Locked) {}
    let members = daemon.ask(&mut waiting, None, Request::Members).await;
    assert!(matches!(members, Ok(Reply::Members(_))), "{members:?}");
    daemon.stop().await;
}
