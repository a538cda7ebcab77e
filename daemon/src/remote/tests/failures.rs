use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use proptest::prelude::*;

use super::*;

async fn ops(reply: fn() -> Reply) -> RemoteError {
    let (_server, remote) = api(move |_| reply()).await;
    remote
        .ops(&access(), shop(), b"{}".to_vec())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn each_refusal_has_its_own_meaning() {
    assert_eq!(
        ops(|| Reply::error(401, "unauthorized")).await,
        RemoteError::Unauthorized
    );
    assert!(matches!(
        ops(|| Reply::error(403, "not_a_member")).await,
        RemoteError::NotAMember { words, .. } if words.contains("because of")
    ));
    assert!(matches!(
        ops(|| Reply::error(403, "forbidden")).await,
        RemoteError::Rejected { code, .. } if code == "forbidden"
    ));
    assert_eq!(
        ops(|| Reply::error(413, "too_large")).await,
        RemoteError::TooLarge
    );
    // A proxy's own say nothing of the message or of the sign-in.
    assert_eq!(
        ops(|| Reply::json(413, "<html>")).await,
        RemoteError::TooLargeOnTheWay
    );
    assert_eq!(
        ops(|| Reply::json(401, "<html>")).await,
        RemoteError::OtherGate
    );
    assert_eq!(
        ops(|| Reply::json(401, r#"{"error":"login_required","message":""}"#)).await,
        RemoteError::OtherGate
    );
    assert_eq!(
        ops(|| Reply::with(429, "retry-after: 7\r\n", b"")).await,
        RemoteError::RetryAfter(7)
    );
    assert_eq!(
        ops(|| Reply::with(503, "retry-after: 99999999\r\n", b"")).await,
        RemoteError::RetryAfter(600)
    );
    assert!(matches!(
        ops(|| Reply::error(500, "internal")).await,
        RemoteError::Server { .. }
    ));
    assert!(matches!(
        ops(|| Reply::json(502, "<html>")).await,
        RemoteError::Server { .. }
    ));
    assert!(matches!(
        ops(|| Reply::json(404, "<html>")).await,
        RemoteError::Garbage { .. }
    ));
    assert!(matches!(
        ops(|| Reply::json(200, "<html>")).await,
        RemoteError::Garbage { .. }
    ));
    assert!(matches!(
        ops(|| Reply::with(302, "location: https://elsewhere.example\r\n", b"")).await,
        RemoteError::Garbage { .. }
    ));
}

#[tokio::test]
async fn control_sequences_in_a_servers_words_go_no_further() {
    let error = ops(|| {
        Reply::json(
            403,
            r#"{"error":"forbidden","message":"a\u001b]0;x\u0007b"}"#,
        )
    });
    assert_eq!(error.await.to_string(), "ab");
}

#[tokio::test]
async fn another_program_is_told_apart() {
    let server = Server::start(|_| {
        Reply::json(
            200,
            r#"{"name":"other","version":"1","api":{"min":1,"max":1},"schema":{"min":1,"max":1}}"#,
        )
    })
    .await;
    let remote = Remote::new(&server.url(), None).unwrap();
    let error = remote.version().await.unwrap_err();
    assert!(error.to_string().contains("not a Redtag API"), "{error}");
}

#[tokio::test]
async fn versions_that_do_not_meet_say_who_is_older() {
    for (range, word) in [
        ((7, 9), "upgrade redtag"),
        ((0, 0), "have the API upgraded"),
    ] {
        let server = Server::start(move |_| {
            let (min, max) = range;
            Reply::json(
                200,
                &serde_json::json!({
                    "name": "redtag-server", "version": "1",
                    "api": {"min": min, "max": max}, "schema": {"min": 1, "max": 1},
                })
                .to_string(),
            )
        })
        .await;
        let remote = Remote::new(&server.url(), None).unwrap();
        // Any other call finds it out first, before it sends anything of the shop's.
        let error = remote.ops(&access(), shop(), Vec::new()).await.unwrap_err();
        assert!(matches!(error, RemoteError::Upgrade { .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn versions_are_compared_once_for_a_connection() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::start({
        let count = Arc::clone(&count);
        move |asked| {
            if asked.path == "/v1/version" {
                count.fetch_add(1, Ordering::Relaxed);
                Reply::json(200, VERSION)
            } else {
                Reply::json(200, r#"{"outcomes":[]}"#)
            }
        }
    })
    .await;
    let remote = Remote::new(&server.url(), None).unwrap();
    for _ in 0..3 {
        let answer = remote.ops(&access(), shop(), Vec::new()).await.unwrap();
        assert_eq!(answer.date.unwrap().0, 784_111_777_000);
    }
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn nobody_there_is_offline_in_words() {
    let server = Server::start(|_| Reply::raw("")).await;
    let url = server.url();
    let remote = Remote::new(&url, None).unwrap();
    let error = remote.version().await.unwrap_err();
    assert!(matches!(error, RemoteError::Offline { .. }), "{error}");

    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let remote = Remote::new(&format!("http://{free}"), None).unwrap();
    let error = remote.version().await.unwrap_err();
    assert!(error.to_string().contains("nothing listens"), "{error}");

    let remote = Remote::new("https://nowhere.invalid", None).unwrap();
    let error = remote.version().await.unwrap_err();
    assert!(error.to_string().contains("name is not known"), "{error}");
    assert!(matches!(error, RemoteError::Offline { .. }), "{error}");
}

#[tokio::test]
async fn an_answer_larger_than_any_is_not_kept() {
    let error = ops(|| Reply::stream(vec![b' '; 5 << 20]).hold()).await;
    assert!(error.to_string().contains("larger"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn garbage_of_any_kind_is_an_error_and_never_a_panic(
        status in prop_oneof![Just(None), (100u16..600).prop_map(Some)],
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let (_server, remote) = api(move |_| match status {
                Some(status) => Reply::with(status, "", &bytes),
                None => Reply::raw(bytes.clone()),
            })
            .await;
            let (access, shop) = (access(), shop());
            prop_assert!(remote.ops(&access, shop, Vec::new()).await.is_err());
            if let Ok(changes) = remote.changes(&access, shop, None, None).await {
                prop_assert!(changes.value.whole().await.is_err());
            }
            if let Ok(mut live) = remote.live(&access, shop).await {
                while let Ok(Some(_)) = live.value.next().await {}
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn what_the_server_speaks_is_asked_once_and_again_where_that_is_in_doubt() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let server = Server::start(move |it| match it.path.as_str() {
        "/v1/version" => {
            // A newer one each time.
            let schema = counted.fetch_add(1, Ordering::SeqCst) + 1;
            let said = VERSION.replace(r#""schema":{"min":1,"max":1}"#, "\"schema\":SAID");
            let range = format!(r#"{{"min":1,"max":{schema}}}"#);
            Reply::json(200, &said.replace("SAID", &range))
        }
        // No answer at all.
        path if path.ends_with("/changes") => Reply::raw(Vec::new()),
        _ => Reply::error(503, "later"),
    })
    .await;
    let remote = Remote::new(&server.url(), None).unwrap();
    assert_eq!(remote.takes(), 0, "nothing was said yet");
    let call = async || {
        let failed = remote.ops(&access(), shop(), b"{}".to_vec()).await;
        assert!(failed.is_err());
        remote.takes()
    };
    assert_eq!((call().await, call().await), (1, 1));
    remote.doubt();
    assert_eq!(remote.takes(), 1, "until it was asked");
    assert_eq!((call().await, call().await), (2, 2));
    // Who gives no answer may be another when it does.
    let unanswered = remote.changes(&access(), shop(), None, None).await;
    assert!(matches!(unanswered, Err(RemoteError::Offline { .. })));
    assert_eq!((call().await, call().await), (3, 3));
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_call_ends_with_its_network_and_the_next_goes_over_another_connection() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let (_server, remote) = api(move |_| {
        // A line that has taken everything and gives nothing back.
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::raw("").hold(),
            _ => Reply::json(200, r#"{"outcomes":[]}"#),
        }
    })
    .await;
    assert!(remote.moved(), "nobody has answered yet");
    let push = async || remote.ops(&access(), shop(), b"{}".to_vec()).await;
    let change = async {
        while asked.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        remote.renew();
    };
    let (ended, ()) = tokio::join!(push(), change);
    assert!(matches!(ended, Err(RemoteError::Moved { .. })), "{ended:?}");
    assert!(push().await.is_ok());
    assert!(!remote.moved(), "it is reached as before");
}

#[tokio::test]
async fn a_page_and_the_live_channel_end_with_their_network() {
    let (_server, remote) = api(|_| Reply::stream("{").hold()).await;
    let page = remote.changes(&access(), shop(), None, None).await;
    let page = page.unwrap().value;
    let mut live = remote.live(&access(), shop()).await.unwrap().value;
    remote.renew();
    let ended = page.whole().await;
    assert!(matches!(ended, Err(RemoteError::Moved { .. })), "{ended:?}");
    let ended = live.next().await;
    assert!(matches!(ended, Err(RemoteError::Moved { .. })), "{ended:?}");
}
