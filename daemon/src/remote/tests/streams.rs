use std::time::Duration;

use redtag_protocol::{api::changes::Line, stamp::Seq};

use super::*;

const LINES: &str = "{\"kind\":\"vehicle\",\"id\":\"v\",\"version\":3,\"body\":{\"x\":1}}\n\
    {\"kind\":\"vehicle\",\"id\":\"w\",\"version\":4}\n\
    {\"cursor\":\"c\",\"more\":false}\n";

async fn changes(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Server, Changes) {
    let (server, remote) = api(reply).await;
    let changes = remote
        .changes(&access(), shop(), Some("c d"), Some(10))
        .await
        .unwrap();
    (server, changes.value)
}

#[tokio::test]
async fn a_page_comes_line_by_line() {
    let (_server, page) = changes(|asked| {
        assert!(
            asked.path.ends_with("/changes?cursor=c+d&limit=10"),
            "{}",
            asked.path
        );
        assert_eq!(asked.header("authorization"), Some("Bearer a.b.c"));
        assert!(asked.header("accept-encoding").unwrap().contains("zstd"));
        Reply::stream(LINES).hold()
    })
    .await;
    // The closing line ends the page even while the connection stays open.
    let page = page.whole().await.unwrap();
    assert_eq!(page.end().unwrap().cursor, "c");
    let lines: Vec<Line> = page.lines().map(Result::unwrap).collect();
    assert!(matches!(&lines[0], Line::Document(it) if it.id == "v"));
    assert!(matches!(&lines[1], Line::Gone(it) if it.id == "w"));
    assert!(matches!(&lines[2], Line::End(it) if !it.more));
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn a_packed_page_is_unpacked() {
    let (_server, page) = changes(|_| {
        let packed = zstd::encode_all(LINES.as_bytes(), 3).unwrap();
        Reply::with(200, "content-encoding: zstd\r\n", &packed)
    })
    .await;
    assert_eq!(page.whole().await.unwrap().lines().count(), 3);
}

#[tokio::test]
async fn a_page_that_breaks_off_is_no_page_and_passes() {
    let (_server, page) = changes(|_| Reply::stream(&LINES[..LINES.len() - 3])).await;
    let error = page.whole().await.unwrap_err();
    assert!(matches!(error, RemoteError::Offline { .. }), "{error}");
}

#[tokio::test]
async fn a_line_without_end_is_not_collected_for_ever() {
    let (_server, page) = changes(|_| Reply::stream(vec![b'x'; 9 << 20]).hold()).await;
    let error = page.whole().await.unwrap_err();
    assert!(error.to_string().contains("longer"), "{error}");
}

#[tokio::test]
async fn a_page_that_unpacks_without_end_is_not_collected_either() {
    let (_server, page) = changes(|_| {
        let packed = zstd::encode_all(&vec![b'x'; 64 << 20][..], 3).unwrap();
        Reply::with(200, "content-encoding: zstd\r\n", &packed)
    })
    .await;
    let error = page.whole().await.unwrap_err();
    assert!(error.to_string().contains("longer"), "{error}");
}

async fn live(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Server, Live) {
    let (server, remote) = api(reply).await;
    let live = remote.live(&access(), shop()).await.unwrap().value;
    (server, live)
}

#[tokio::test]
async fn the_live_channel_says_how_far_the_shop_is() {
    let (_server, mut live) = live(|asked| {
        assert_eq!(asked.header("accept"), Some("text/event-stream"));
        Reply::stream(": hello\r\n\r\nevent: other\ndata: x\n\nevent: seq\rdata: 42\r\rid: 1\n\n")
    })
    .await;
    assert_eq!(live.next().await.unwrap(), Some(LiveEvent::Heartbeat));
    assert_eq!(live.next().await.unwrap(), Some(LiveEvent::Seq(Seq(42))));
    assert_eq!(live.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_silent_channel_is_dead() {
    let (_server, live) = live(|_| Reply::stream("event: seq\ndata: 1\n\n").hold()).await;
    let mut live = live.with_silence(Duration::from_millis(50));
    assert_eq!(live.next().await.unwrap(), Some(LiveEvent::Seq(Seq(1))));
    let error = live.next().await.unwrap_err();
    assert!(error.to_string().contains("silent"), "{error}");
}

#[tokio::test]
async fn a_channel_that_floods_needs_no_memory_and_nonsense_ends_it() {
    let (_server, mut it) = live(|_| {
        let many: Vec<_> = (0..1000)
            .map(|n| format!("event: seq\ndata: {n}\n\n"))
            .collect();
        Reply::stream(many.concat())
    })
    .await;
    let mut last = None;
    while let Some(event) = it.next().await.unwrap() {
        last = Some(event);
    }
    assert_eq!(last, Some(LiveEvent::Seq(Seq(999))));

    for nonsense in ["event: seq\ndata: many\n\n".to_owned(), "x".repeat(5000)] {
        let (_server, mut it) = live(move |_| Reply::stream(&nonsense).hold()).await;
        let error = it.next().await.unwrap_err();
        assert!(matches!(error, RemoteError::Garbage { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_page_of_short_lines_without_end_is_not_collected_either() {
    let line = "{\"kind\":\"vehicle\",\"id\":\"w\",\"version\":4}\n";
    let (_server, page) = changes(move |_| Reply::stream(line.repeat(5_000)).hold()).await;
    let error = page.at_most(100_000).whole().await.unwrap_err();
    assert!(matches!(error, RemoteError::TooMuch { .. }), "{error}");
}

#[tokio::test]
async fn a_question_how_far_the_shop_is_is_answered() {
    let (_server, remote) = api(|asked| {
        assert!(asked.path.ends_with("/live?after=41"), "{}", asked.path);
        assert_eq!(asked.header("accept"), Some("application/json"));
        Reply::with(200, "content-type: application/json\r\n", b"{\"seq\":42}")
    })
    .await;
    let answer = remote.poll(&access(), shop(), Seq(41)).await.unwrap();
    assert_eq!(answer.value, Seq(42));
}

/// Speaks on one connection for as long as it is asked there; counts connections.
async fn keeps_alive(page: &'static str) -> (String, std::sync::Arc<std::sync::atomic::AtomicU32>) {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut asked = Vec::new();
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    asked.extend_from_slice(&buffer[..read]);
                    if !asked.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    let version = asked.starts_with(b"GET /v1/version");
                    asked.clear();
                    let body = if version { VERSION } else { page };
                    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                    let chunk = format!("{head}{:x}\r\n{body}\r\n", body.len());
                    stream.write_all(chunk.as_bytes()).await.unwrap();
                    // The end comes after the last line, as a piece of its own.
                    tokio::task::yield_now().await;
                    stream.write_all(b"0\r\n\r\n").await.unwrap();
                }
            });
        }
    });
    (url, count)
}

#[tokio::test]
async fn pages_that_follow_one_another_come_over_the_same_connections() {
    let (url, count) = keeps_alive("{\"cursor\":\"c\",\"more\":true}\n").await;
    let remote = Remote::new(&url, None).unwrap();
    for _ in 0..20 {
        let page = remote.changes(&access(), shop(), None, None).await.unwrap();
        page.value.whole().await.unwrap();
    }
    // One that was just given back may not be back yet when the next call looks for it.
    let connections = count.load(std::sync::atomic::Ordering::Relaxed);
    assert!(connections <= 3, "{connections}");
}
