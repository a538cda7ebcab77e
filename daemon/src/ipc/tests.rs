use std::{
    ffi::OsString,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    time::Duration,
};

use redtag_protocol::{
    api::version::Range,
    ipc::{
        Failure, FailureCode, FromDaemon, Hello, IPC, Push, Reply, Request, Welcome,
        frame::{Decoder, MAX_FRAME, encode},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    sync::mpsc,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::paths::Paths;

/// A listening socket in a home of its own.
struct Bench {
    _dir: tempfile::TempDir,
    paths: Paths,
    inbound: mpsc::Receiver<Inbound>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Bench {
    fn new() -> Self {
        Self::of(false)
    }

    /// A person's own, or one of a group.
    fn of(group: bool) -> Self {
        let (dir, paths) = home();
        let mut listener = listen(&paths).unwrap();
        listener.shared(group);
        let (sender, inbound) = mpsc::channel(8);
        let (knocks, mut knocked) = mpsc::channel::<Knock>(8);
        tokio::spawn(async move {
            while let Some(knock) = knocked.recv().await {
                let _ = knock.answer.send(Ok(sender.clone()));
            }
        });
        let stop = CancellationToken::new();
        let serving = tokio::spawn(listener.serve(knocks, stop.clone()));
        Self {
            _dir: dir,
            paths,
            inbound,
            stop,
            serving,
        }
    }

    async fn client(&self) -> Client {
        Client {
            stream: UnixStream::connect(&self.paths.socket).await.unwrap(),
            decoder: Decoder::new(),
        }
    }

    /// A client that has greeted, and its outbox.
    async fn greeted(&mut self) -> (Client, ConnId, Outbox) {
        let mut client = self.client().await;
        client.write(&hello(IPC)).await;
        assert!(matches!(client.read().await, Some(Welcome::Welcome { .. })));
        match self.inbound.recv().await {
            Some(Inbound::Opened { conn, outbox, uid }) => {
                assert_eq!(uid, rustix::process::getuid().as_raw());
                (client, conn, outbox)
            }
            other => panic!("{other:?}"),
        }
    }
}

fn home() -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let home: OsString = dir.path().into();
    let paths = Paths::find(false, &|name| (name == "REDTAG_HOME").then(|| home.clone())).unwrap();
    paths.make().unwrap();
    (dir, paths)
}

fn hello(ipc: Range) -> Hello {
    Hello {
        ipc,
        version: "1.2.3".into(),
    }
}

struct Client {
    stream: UnixStream,
    decoder: Decoder,
}

impl Client {
    async fn write<T: Serialize>(&mut self, message: &T) {
        self.bytes(&encode(message).unwrap()).await;
    }

    async fn bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next message; none at the end.
    async fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(message) = self.decoder.next().unwrap() {
                return Some(message);
            }
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.decoder.feed(&buffer[..count]),
            }
        }
    }

    async fn failure(&mut self) -> (u64, Failure) {
        match self.read().await {
            Some(FromDaemon::Reply { id, result }) => (id, result.unwrap_err()),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_client_greets_asks_and_is_answered() {
    let mut bench = Bench::new();
    let (mut client, conn, outbox) = bench.greeted().await;
    let request = FromClient {
        id: 7,
        account: None,
        request: Request::Status,
    };
    client.write(&request).await;
    match bench.inbound.recv().await {
        Some(Inbound::Request {
            conn: from,
            request,
        }) => {
            assert_eq!((from, request.id), (conn, 7));
        }
        other => panic!("{other:?}"),
    }
    let reply = FromDaemon::Reply {
        id: 7,
        result: Ok(Reply::Done),
    };
    assert!(outbox.send(reply));
    assert!(matches!(
        client.read().await,
        Some(FromDaemon::Reply {
            id: 7,
            result: Ok(Reply::Done)
        })
    ));
    drop(client);
    assert!(matches!(
        bench.inbound.recv().await,
        Some(Inbound::Closed { .. })
    ));
}

#[tokio::test]
async fn only_the_owner_can_reach_the_socket() {
    let bench = Bench::new();
    let meta = fs::metadata(&bench.paths.socket).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    let dir = fs::metadata(bench.paths.socket.parent().unwrap()).unwrap();
    assert_eq!(dir.mode() & 0o777, 0o700);
}

#[tokio::test]
async fn no_common_version_is_refused_in_words() {
    let bench = Bench::new();
    // One of a later age, and one that could not read an inspection with a table of writers.
    for (min, max) in [(900, 901), (1, 2)] {
        let mut client = bench.client().await;
        client.write(&hello(Range { min, max })).await;
        match client.read().await {
            Some(Welcome::Refused { words }) => assert!(words.contains("1.2.3"), "{words}"),
            other => panic!("{other:?}"),
        }
        assert!(client.read::<Welcome>().await.is_none());
    }
}

#[tokio::test]
async fn a_client_that_understands_this_version_is_answered_in_it() {
    for (min, max, spoken) in [
        (1, 3, 3),
        (3, 4, 4),
        (3, 5, 5),
        (3, 6, 6),
        (3, 7, 7),
        (3, 9, 8),
    ] {
        let bench = Bench::new();
        let mut client = bench.client().await;
        client.write(&hello(Range { min, max })).await;
        match client.read().await {
            Some(Welcome::Welcome { ipc, .. }) => assert_eq!(ipc, spoken),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_older_client_is_told_of_a_lock_in_words_that_it_knows() {
    let refused = || FromDaemon::Reply {
        id: 1,
        result: Err(Failure::new(FailureCode::Locked, "locked")),
    };
    let told = || {
        FromDaemon::Push(Push::Locked {
            account: "one".to_owned(),
        })
    };
    let code = |ipc| match session::understood(refused(), ipc) {
        Some(FromDaemon::Reply {
            result: Err(failure),
            ..
        }) => failure.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(6), FailureCode::NotAllowed);
    assert_eq!(code(7), FailureCode::Locked);
    assert!(session::understood(told(), 6).is_none());
    assert!(session::understood(told(), 7).is_some());
}

#[tokio::test]
async fn a_greeting_that_cannot_be_read_is_refused_in_words() {
    let bench = Bench::new();
    let mut client = bench.client().await;
    client
        .write(&serde_json::json!({"ipc": {"min": 1, "max": 1}, "version": "1", "x": 1}))
        .await;
    match client.read().await {
        Some(Welcome::Refused { words }) => assert!(words.contains('x'), "{words}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_bad_request_is_answered_and_the_connection_goes_on() {
    let mut bench = Bench::new();
    let (mut client, _, _outbox) = bench.greeted().await;

    client
        .write(&serde_json::json!({"id": 3, "request": "status", "colour": "red"}))
        .await;
    let (id, failure) = client.failure().await;
    assert_eq!((id, failure.code), (3, FailureCode::Invalid));
    assert!(failure.words.contains("colour"), "{}", failure.words);

    client
        .write(&serde_json::json!({"id": 4, "request": {"dance": {}}}))
        .await;
    let (id, failure) = client.failure().await;
    assert_eq!(id, 4);
    assert!(failure.words.contains("dance"), "{}", failure.words);

    client.bytes(&[0, 0, 0, 2]).await;
    client.bytes(b"{{").await;
    assert_eq!(client.failure().await.0, 0);

    let good = FromClient {
        id: 5,
        account: None,
        request: Request::Status,
    };
    client.write(&good).await;
    assert!(matches!(
        bench.inbound.recv().await,
        Some(Inbound::Request { .. })
    ));
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_the_connection_at_once() {
    let mut bench = Bench::new();
    let (mut client, conn, _outbox) = bench.greeted().await;
    let length = u32::try_from(MAX_FRAME + 1).unwrap();
    client.bytes(&length.to_be_bytes()).await;
    match bench.inbound.recv().await {
        Some(Inbound::Closed { conn: gone }) => assert_eq!(gone, conn),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off_and_others_are_not() {
    let mut bench = Bench::new();
    let (_slow, slow, flooded) = bench.greeted().await;
    let (mut quick, _, outbox) = bench.greeted().await;
    let big = || FromDaemon::Reply {
        id: 1,
        result: Err(Failure::new(FailureCode::Internal, "x".repeat(64 << 10))),
    };
    // More than the queue and the socket's buffers hold.
    let sent = (0..10_000).take_while(|_| flooded.send(big())).count();
    assert!(sent < 1_000, "{sent}");
    match bench.inbound.recv().await {
        Some(Inbound::Closed { conn }) => assert_eq!(conn, slow),
        other => panic!("{other:?}"),
    }
    assert!(outbox.send(FromDaemon::Push(Push::Stopping)));
    assert!(matches!(
        quick.read().await,
        Some(FromDaemon::Push(Push::Stopping))
    ));
}

#[tokio::test]
async fn a_reply_that_is_too_large_becomes_a_failure() {
    let mut bench = Bench::new();
    let (mut client, _, outbox) = bench.greeted().await;
    outbox.send(FromDaemon::Reply {
        id: 9,
        result: Ok(Reply::Provisional("x".repeat(MAX_FRAME + 1))),
    });
    let (id, failure) = client.failure().await;
    assert_eq!((id, failure.code), (9, FailureCode::Internal));
}

#[tokio::test]
async fn who_closes_only_the_sending_half_still_gets_replies() {
    let mut bench = Bench::new();
    let (mut client, _, outbox) = bench.greeted().await;
    client.stream.shutdown().await.unwrap();
    assert!(matches!(
        bench.inbound.recv().await,
        Some(Inbound::Closed { .. })
    ));
    assert!(outbox.send(FromDaemon::Push(Push::Stopping)));
    drop(outbox);
    assert!(client.read::<FromDaemon>().await.is_some());
    assert!(client.read::<FromDaemon>().await.is_none());
}

#[tokio::test]
async fn last_words_go_out_before_the_socket_goes() {
    let mut bench = Bench::new();
    let (mut client, _, outbox) = bench.greeted().await;
    outbox.send(FromDaemon::Push(Push::Stopping));
    drop(outbox);
    bench.stop.cancel();
    assert!(client.read::<FromDaemon>().await.is_some());
    tokio::time::timeout(Duration::from_secs(5), &mut bench.serving)
        .await
        .unwrap()
        .unwrap();
    assert!(!bench.paths.socket.exists());
    // And its successor can begin.
    drop(listen(&bench.paths).unwrap());
}

#[tokio::test]
async fn there_is_one_daemon_for_each_home() {
    let bench = Bench::new();
    let error = listen(&bench.paths).unwrap_err().to_string();
    assert!(error.contains(&std::process::id().to_string()), "{error}");
    assert!(error.contains("redtag daemon stop"), "{error}");
    assert!(bench.paths.socket.exists());
}

#[tokio::test]
async fn what_a_killed_daemon_left_is_cleared_and_other_files_are_not() {
    let (_dir, paths) = home();
    fs::create_dir_all(paths.socket.parent().unwrap()).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&paths.socket).unwrap());
    assert!(paths.socket.exists());
    drop(listen(&paths).unwrap());

    fs::write(&paths.socket, b"mine").unwrap();
    let error = listen(&paths).unwrap_err().to_string();
    assert!(error.contains("no socket"), "{error}");
    assert_eq!(fs::read(&paths.socket).unwrap(), b"mine");
}

#[tokio::test]
async fn a_home_with_a_long_path_gets_a_socket_with_a_short_one() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("h".repeat(120));
    let paths = Paths::find(false, &|name| match name {
        "REDTAG_HOME" => Some(home.clone().into()),
        "XDG_RUNTIME_DIR" => Some(dir.path().into()),
        _ => None,
    });
    let paths = paths.unwrap();
    paths.make().unwrap();
    let listener = listen(&paths).unwrap();
    assert!(paths.socket.starts_with(dir.path().join("redtag")));
    UnixStream::connect(&paths.socket).await.unwrap();
    drop(listener);
    assert!(!paths.socket.exists());
}

#[test]
fn another_users_client_is_refused() {
    let us = rustix::process::geteuid().as_raw();
    match session::greet(&hello(IPC), us + 1, false) {
        Welcome::Refused { words } => assert!(words.contains("serves user"), "{words}"),
        other @ Welcome::Welcome { .. } => panic!("{other:?}"),
    }
    // Where the socket's mode lets a group in, it alone decides.
    let let_in = session::greet(&hello(IPC), us + 1, true);
    assert!(matches!(let_in, Welcome::Welcome { .. }), "{let_in:?}");
}

#[tokio::test]
async fn systemds_socket_is_served_and_left_where_it_is() {
    let (dir, paths) = home();
    let path = dir.path().join("systemds.sock");
    let socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let listener = listen_on(socket, &paths).unwrap();
    let second = listen(&paths).unwrap_err().to_string();
    assert!(second.contains("already running"), "{second}");
    UnixStream::connect(&path).await.unwrap();
    drop(listener);
    assert!(path.exists());
}

#[test]
fn a_link_in_the_sockets_place_is_not_followed() {
    let (dir, paths) = home();
    let target = dir.path().join("theirs");
    fs::write(&target, b"theirs").unwrap();
    fs::create_dir_all(paths.socket.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&target, &paths.socket).unwrap();
    let error = listen(&paths).unwrap_err().to_string();
    assert!(error.contains("no socket"), "{error}");
    assert_eq!(fs::read(&target).unwrap(), b"theirs");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn garbage_on_the_socket_harms_nobody_else(
        greets in proptest::bool::ANY,
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let mut bench = Bench::new();
            let mut garbage = bench.client().await;
            if greets {
                drop(garbage);
                garbage = bench.greeted().await.0;
            }
            garbage.bytes(&bytes).await;
            drop(garbage);
            // Whatever it was, no request came of it, and the next client is served.
            let mut next = bench.client().await;
            next.write(&hello(IPC)).await;
            assert!(matches!(next.read().await, Some(Welcome::Welcome { .. })));
        });
    }
}

#[tokio::test]
async fn one_user_does_not_take_every_place_of_the_others() {
    let mut bench = Bench::of(true);
    let mut inside = Vec::new();
    for _ in 0..bind::MAX_OF_ONE {
        inside.push(bench.greeted().await);
    }
    let mut late = bench.client().await;
    assert!(late.read::<Welcome>().await.is_none());
    // A place that is free again is had again, once the listener has heard of it.
    drop(inside.pop());
    loop {
        let mut client = bench.client().await;
        let greeting = encode(&hello(IPC)).unwrap();
        let sent = client.stream.write_all(&greeting).await.is_ok();
        if sent && client.read::<Welcome>().await.is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_wait_for_answers_is_slowed_down_and_loses_nothing() {
    const ALL: u64 = 3 * session::ASKED as u64;
    let mut bench = Bench::new();
    let (mut client, conn, outbox) = bench.greeted().await;
    for id in 1..=ALL {
        client
            .write(&FromClient {
                id,
                account: None,
                request: Request::Status,
            })
            .await;
    }
    // Without an answer no more of it comes in, however much of it lies in the socket.
    let mut asked = 0;
    while asked < session::ASKED as u64 {
        let Some(Inbound::Request { conn: of, request }) = bench.inbound.recv().await else {
            panic!("the connection ended")
        };
        asked += 1;
        assert_eq!((of, request.id), (conn, asked));
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(bench.inbound.try_recv().is_err());
    // Each answer lets one more in, in order, to the last.
    for id in 1..=ALL {
        outbox.send(FromDaemon::Reply {
            id,
            result: Ok(Reply::Done),
        });
        let reply: FromDaemon = client.read().await.unwrap();
        assert!(matches!(reply, FromDaemon::Reply { id: of, .. } if of == id));
        if asked < ALL {
            let Some(Inbound::Request { request, .. }) = bench.inbound.recv().await else {
                panic!("the connection ended")
            };
            asked += 1;
            assert_eq!(request.id, asked);
        }
    }
}
