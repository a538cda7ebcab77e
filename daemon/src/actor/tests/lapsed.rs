//! A bench that has not heard from its API for too long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redtag_protocol::ipc::{FailureCode, FromDaemon, Lock, Push, Reply, Request};
use tempfile::TempDir;

use super::{
    accounts::{Daemon, accounts},
    locked::{code, status},
};
use crate::{
    actor::clock,
    remote::tests::server::{Reply as Said, Server},
};

#[tokio::test]
async fn a_copy_that_has_not_heard_from_the_api_is_shown_to_nobody_until_it_does() {
    let day = Duration::from_hours(24);
    let dir = TempDir::new().unwrap();
    let daemon = Daemon::start(accounts(&dir));
    let mut client = daemon.client(1).await;
    daemon
        .ask(&mut client, None, Request::Subscribe)
        .await
        .unwrap();
    clock::pass(day * 13);
    assert!(
        daemon
            .ask(&mut client, None, Request::Members)
            .await
            .is_ok()
    );
    clock::pass(day * 2);
    let failure = daemon
        .ask(&mut client, None, Request::Members)
        .await
        .unwrap_err();
    assert_eq!(failure.code, FailureCode::Locked);
    assert!(
        failure.words.contains("not heard from the API"),
        "{failure}"
    );
    let shown = status(daemon.ask(&mut client, None, Request::Status).await);
    assert_eq!(shown.account.unwrap().lock, Some(Lock::Lapsed));
    // What asks the API is let through: nobody is signed in here, so it says that.
    let wait = Request::Sync { wait: true };
    assert_eq!(
        code(daemon.ask(&mut client, None, wait).await),
        FailureCode::NotSignedIn
    );
    daemon.stop().await;
    // Neither a new daemon nor a clock that was set back (this one never moved) begins it anew.
    let daemon = Daemon::start(super::paths(&dir));
    let mut client = daemon.client(1).await;
    assert_eq!(
        code(daemon.ask(&mut client, None, Request::Members).await),
        FailureCode::Locked
    );
    // Whoever made it longer has it open again, and is told.
    daemon
        .ask(&mut client, None, Request::Subscribe)
        .await
        .unwrap();
    daemon.settings.send_modify(|it| it.config.lease = day * 30);
    loop {
        if let FromDaemon::Push(Push::Status(status)) = client.pushed().await
            && status.account.unwrap().lock.is_none()
        {
            break;
        }
    }
    assert!(
        daemon
            .ask(&mut client, None, Request::Members)
            .await
            .is_ok()
    );
    daemon.stop().await;
}

#[tokio::test]
async fn hearing_from_the_api_opens_the_copy_again_and_nothing_unsent_was_lost() {
    let away = Arc::new(AtomicBool::new(true));
    let gone = Arc::clone(&away);
    let api = Server::start(move |asked| match asked.path.as_str() {
        _ if gone.load(Ordering::SeqCst) => Said::error(503, "away"),
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        _ => Said::error(500, "internal"),
    })
    .await;
    let dir = TempDir::new().unwrap();
    let (paths, _) = super::leaving::home(&dir, &api.url(), super::leaving::unsent);
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    assert!(
        daemon
            .ask(&mut client, None, Request::Members)
            .await
            .is_ok()
    );
    clock::pass(Duration::from_hours(15 * 24));
    assert_eq!(
        code(daemon.ask(&mut client, None, Request::Members).await),
        FailureCode::Locked
    );
    let shut = status(daemon.ask(&mut client, None, Request::Status).await);
    assert_eq!((shut.waiting, shut.documents), (1, 0));
    // The edits are a way out that stays, should the API be gone for good.
    let export = Request::Export {
        number: None,
        passphrase: None,
    };
    let Ok(Reply::Exported(out)) = daemon.ask(&mut client, None, export).await else {
        panic!("what is unsent can be taken out");
    };
    assert_eq!(out.edits, 1);
    away.store(false, Ordering::SeqCst);
    loop {
        let sync = Request::Sync { wait: false };
        let shown = status(daemon.ask(&mut client, None, sync).await);
        if shown.account.unwrap().lock.is_none() {
            break;
        }
    }
    assert!(
        daemon
            .ask(&mut client, None, Request::Members)
            .await
            .is_ok()
    );
    let open = status(daemon.ask(&mut client, None, Request::Status).await);
    assert_eq!(open.waiting + open.sent, 1);
    daemon.stop().await;
}
