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
    let (_server, mut page) = changes(|asked| {
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
    assert!(matches!(page.next().await.unwrap(), Some(Line::Document(it)) if it.id == "v"));
    assert!(matches!(page.next().await.unwrap(), Some(Line::Gone(it)) if it.id == "w"));
    assert!(matches!(page.next().await.unwrap(), Some(Line::End(it)) if !it.more));
    // The closing line ends the page even while the connection stays open.
    assert!(page.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_packed_page_is_unpacked() {
    let (_server, mut page) = changes(|_| {
        let packed = zstd::encode_all(LINES.as_bytes(), 3).unwrap();
        Reply::with(200, "content-encoding: zstd\r\n", &packed)
    })
    .await;
    let mut count = 0;
    while page.next().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(count, 3);
}

#[tokio::test]
async fn a_page_that_breaks_off_passes_and_keeps_what_was_read() {
    let (_server, mut page) = changes(|_| Reply::stream(&LINES[..LINES.len() - 3])).await;
    assert!(page.next().await.unwrap().is_some());
    assert!(page.next().await.unwrap().is_some());
    let error = page.next().await.unwrap_err();
    assert!(matches!(error, RemoteError::Offline { .. }), "{error}");
}

#[tokio::test]
async fn a_line_without_end_is_not_collected_for_ever() {
    let (_server, mut page) = changes(|_| Reply::stream(vec![b'x'; 9 << 20]).hold()).await;
    let error = page.next().await.unwrap_err();
    assert!(error.to_string().contains("longer"), "{error}");
}

#[tokio::test]
async fn a_page_that_unpacks_without_end_is_not_collected_either() {
    let (_server, mut page) = changes(|_| {
        let packed = zstd::encode_all(&vec![b'x'; 64 << 20][..], 3).unwrap();
        Reply::with(200, "content-encoding: zstd\r\n", &packed)
    })
    .await;
    let error = page.next().await.unwrap_err();
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
    let mut page = page.at_most(100_000);
    let error = loop {
        match page.next().await {
            Ok(line) => assert!(line.is_some()),
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("larger"), "{error}");
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
