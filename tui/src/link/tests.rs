use std::path::Path;

use redtag_protocol::{
    api::version::Range,
    entity::EntityRef,
    ids::InspectionId,
    ipc::{FailureCode, Status, Welcome},
};

use super::*;
use crate::testing::{Daemon, status};

fn answers(request: &Request) -> Option<Result<Reply, Failure>> {
    Some(match request {
        Request::Status | Request::Subscribe => Ok(Reply::Status(Box::new(status()))),
        Request::Templates => return None,
        _ => Err(Failure::new(FailureCode::NotFound, "there is none")),
    })
}

/// Tries that failed meanwhile are told too.
async fn up(events: &mut mpsc::UnboundedReceiver<Event>) {
    loop {
        match events.recv().await.unwrap() {
            Event::Up { pid: 42, .. } => return,
            Event::Down { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn requests_carry_the_account_and_get_their_own_replies() {
    let mut daemon = Daemon::new(answers);
    let (link, _events) = Link::open(daemon.options());
    let (one, two) = tokio::join!(
        link.request(Request::Status),
        link.request(Request::Members)
    );
    assert!(matches!(one, Ok(Reply::Status(_))), "{one:?}");
    let two = two.unwrap_err();
    assert!(
        matches!(&two, Error::Failed(failure) if failure.code == FailureCode::NotFound),
        "{two:?}"
    );
    let first = daemon.requests.recv().await.unwrap();
    assert_eq!(first.account.as_deref(), Some("tech@example.com"));
    assert_ne!(first.id, daemon.requests.recv().await.unwrap().id);
}

#[tokio::test]
async fn news_come_again_after_the_daemon_restarts() {
    let mut daemon = Daemon::new(answers);
    let (_link, mut events) = Link::open(Options {
        subscribe: true,
        ..daemon.options()
    });
    for _ in 0..2 {
        up(&mut events).await;
        let first = events.recv().await.unwrap();
        assert!(matches!(first, Event::Push(Push::Status(_))), "{first:?}");
        let id = EntityRef::Inspection(InspectionId::from_bytes([1; 16]));
        daemon.push(Push::Changed {
            documents: vec![id],
            difference: None,
        });
        let news = events.recv().await.unwrap();
        assert!(
            matches!(&news, Event::Push(Push::Changed { documents, .. }) if *documents == [id]),
            "{news:?}"
        );
        daemon.stop().await;
        let down = events.recv().await.unwrap();
        assert!(matches!(down, Event::Down { .. }), "{down:?}");
        daemon.start();
    }
}

#[tokio::test]
async fn a_request_that_the_daemon_took_with_it_is_not_called_unsent() {
    let mut daemon = Daemon::new(|request| match request {
        Request::Edit { .. } => None,
        other => answers(other),
    });
    let (link, _events) = Link::open(daemon.options());
    let edit = Request::Edit { edits: Vec::new() };
    let asking = tokio::spawn(async move { link.request(edit).await });
    daemon.requests.recv().await.unwrap();
    daemon.hang_up();
    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unanswered(_)), "{error:?}");
    // Nor is it sent a second time to the daemon that answers next.
    let (link, _events) = Link::open(daemon.options());
    assert!(link.request(Request::Status).await.is_ok());
    let next = daemon.requests.recv().await.unwrap();
    assert!(matches!(next.request, Request::Status), "{next:?}");
}

#[tokio::test]
async fn a_daemon_that_dies_before_it_greets_costs_no_request() {
    let mut daemon = Daemon::new(answers);
    daemon.mute(2);
    let (link, _events) = Link::open(daemon.options());
    let edit = Request::Edit { edits: Vec::new() };
    let failed = link.request(edit).await.unwrap_err();
    assert!(matches!(failed, Error::Failed(_)), "{failed:?}");
    daemon.requests.recv().await.unwrap();
    assert!(daemon.requests.try_recv().is_err(), "it was asked twice");
}

#[tokio::test]
async fn what_only_looks_is_asked_again_but_not_for_ever() {
    let mut daemon = Daemon::new(answers);
    let (link, _events) = Link::open(daemon.options());
    let asking = tokio::spawn(async move { link.request(Request::Templates).await });
    for _ in 0..3 {
        let asked = daemon.requests.recv().await.unwrap();
        assert!(matches!(asked.request, Request::Templates), "{asked:?}");
        daemon.hang_up();
    }
    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unanswered(_)), "{error:?}");
}

#[tokio::test]
async fn a_screen_keeps_to_the_account_that_it_met_first() {
    let mut daemon = Daemon::new(answers);
    let (link, mut events) = Link::open(Options {
        account: None,
        subscribe: true,
        ..daemon.options()
    });
    let _ = link.request(Request::Members).await;
    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.push(daemon.requests.recv().await.unwrap());
    }
    let accounts: Vec<_> = asked.iter().map(|it| it.account.as_deref()).collect();
    assert_eq!(accounts, [None, Some("a1"), Some("a1")]);
    assert!(matches!(asked[1].request, Request::Subscribe));
    assert!(matches!(asked[2].request, Request::Members));

    // Signed out elsewhere: whichever account is the default one now, as at the start.
    let nobody = || {
        Push::Status(Box::new(Status {
            account: None,
            ..status()
        }))
    };
    daemon.push(nobody());
    let again = daemon.requests.recv().await.unwrap();
    assert_eq!(again.account, None);
    loop {
        match events.recv().await.unwrap() {
            Event::Push(Push::Status(status)) if status.account.is_none() => break,
            Event::Down { words } => panic!("{words}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn versions_that_differ_are_told_in_words() {
    let refused = Welcome::Refused {
        words: "install the newer client".to_owned(),
    };
    let daemon = Daemon::greeting(refused, answers);
    let (link, _events) = Link::open(daemon.options());
    let error = link.request(Request::Status).await.unwrap_err();
    assert!(
        error.to_string().contains("install the newer client"),
        "{error}"
    );

    let strange = Welcome::Welcome {
        ipc: Range { min: 900, max: 900 }.max,
        version: "7.0.0".to_owned(),
        pid: 1,
    };
    let daemon = Daemon::greeting(strange, answers);
    let (link, _events) = Link::open(daemon.options());
    let error = link.request(Request::Status).await.unwrap_err();
    assert!(error.to_string().contains("7.0.0"), "{error}");
    assert!(error.to_string().contains("one release"), "{error}");
}

#[tokio::test]
async fn without_a_daemon_nothing_was_sent() {
    let daemon = Daemon::new(answers);
    let sockets = vec![daemon.options().sockets[0].with_file_name("other.sock")];
    let (link, mut events) = Link::open(Options {
        sockets,
        ..daemon.options()
    });
    let error = link.request(Request::Status).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotSent(words) if words.contains("no daemon runs")),
        "{error:?}"
    );
    assert!(matches!(
        events.recv().await.unwrap(),
        Event::Down { words } if words.contains("no daemon runs")
    ));
}

#[tokio::test]
async fn a_daemon_that_cannot_be_started_is_named() {
    let daemon = Daemon::new(answers);
    let other = daemon.options().sockets[0].with_file_name("other.sock");
    let ask = async |call: Call| {
        let (link, _events) = Link::open(Options {
            sockets: vec![other.clone()],
            daemon: Some(call),
            ..daemon.options()
        });
        link.request(Request::Status).await.unwrap_err().to_string()
    };
    let missing = ask(Call::named("redtagd-that-is-nowhere")).await;
    assert!(missing.contains("redtagd-that-is-nowhere"), "{missing}");
    let broken = ask(Call::exactly("redtagd", Path::new("/bin/false"), [])).await;
    assert!(broken.contains("ends as soon as it is started"), "{broken}");
}

#[tokio::test]
async fn a_daemon_that_is_started_answers_what_waited_for_it() {
    let daemon = Daemon::new(answers);
    let hidden = daemon.options().sockets.remove(0);
    let wanted = hidden.with_file_name("wanted.sock");
    // Stands for a program that begins to listen: the socket comes to where it is looked for.
    let first = [
        "-c".into(),
        "mv \"$0\" \"$1\"".into(),
        hidden.into(),
        wanted.clone().into(),
    ];
    let (link, _events) = Link::open(Options {
        sockets: vec![wanted],
        daemon: Some(Call::exactly("redtagd", Path::new("/bin/sh"), first)),
        ..daemon.options()
    });
    let reply = link.request(Request::Status).await;
    assert!(matches!(reply, Ok(Reply::Status(_))), "{reply:?}");
}
