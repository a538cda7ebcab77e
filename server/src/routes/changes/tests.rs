use redtag_protocol::{
    api::{
        NDJSON,
        changes::{Copying, Cursor, Line, Mark},
    },
    role::Role,
    stamp::Seq,
};
use reqwest::StatusCode;
use serde_json::Value;

use crate::testing::{Server, SignedIn};

async fn signed_in(server: &Server) -> SignedIn {
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Viewer).await;
    server.sign_in("ann@example.com").await
}

async fn lines(server: &Server, ann: &SignedIn, path: &str) -> Vec<Line> {
    let answer = server
        .get(ann.shop, path, &ann.access)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], NDJSON);
    assert!(answer.headers().contains_key("date"));
    let body = answer.bytes().await.unwrap();
    body.split_inclusive(|byte| *byte == b'\n')
        .map(|line| Line::parse(line).unwrap())
        .collect()
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let mut path = "changes?limit=1".to_owned();
    let mut documents = 0;
    loop {
        let page = lines(&server, &ann, &path).await;
        documents += page
            .iter()
            .filter(|line| matches!(line, Line::Document(_)))
            .count();
        let Some(Line::End(end)) = page.last() else {
            panic!("a page without an end: {page:?}");
        };
        if !end.more {
            break;
        }
        path = format!("changes?limit=1&cursor={}", end.cursor);
    }
    assert_eq!(documents, 2, "the shop and its member");
    server.stop().await;
}

#[tokio::test]
async fn a_cursor_of_another_life_is_told_to_begin_anew() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let strange = Cursor {
        epoch: 1,
        seq: Seq(1),
        hash: [9; 8],
        copying: None,
    };
    let page = lines(&server, &ann, &format!("changes?cursor={strange}")).await;
    assert!(matches!(page.first(), Some(Line::Reset)));
    server.stop().await;
}

#[tokio::test]
async fn who_accepts_it_gets_it_compressed() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let client = reqwest::Client::builder()
        .tls_certs_only([])
        .no_zstd()
        .build()
        .unwrap();
    let url = format!("{}/v1/shops/{}/changes", server.url, ann.shop);
    let request = client.get(url).bearer_auth(&ann.access);
    let answer = request.header("accept-encoding", "zstd").send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.headers()["content-encoding"], "zstd");
    let body = answer.bytes().await.unwrap();
    let plain = zstd::decode_all(&body[..]).unwrap();
    let last = plain.split(|byte| *byte == b'\n').rev().nth(1).unwrap();
    assert!(matches!(Line::parse(last).unwrap(), Line::End(end) if !end.more));
    server.stop().await;
}

#[tokio::test]
async fn a_cursor_that_somebody_made_up_is_refused_or_begins_anew() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    let page = lines(&server, &ann, "changes?limit=1").await;
    let Some(Line::End(end)) = page.last() else {
        panic!("a page without an end: {page:?}");
    };
    let real: Cursor = end.cursor.parse().unwrap();
    for seq in [real.seq.0, i64::MAX.cast_unsigned(), 1 << 63, u64::MAX] {
        for part in [0, 3, 7, 8, 255] {
            for marked in [0, i64::MAX.cast_unsigned(), 1 << 63, u64::MAX] {
                let cursor = Cursor {
                    seq: Seq(seq),
                    copying: Some(Copying {
                        part,
                        after: Some(Mark {
                            id: [0xff; 16],
                            seq: Seq(marked),
                        }),
                    }),
                    ..real
                };
                let path = format!("changes?cursor={cursor}");
                let answer = server.get(ann.shop, &path, &ann.access).send().await;
                let answer = answer.unwrap();
                let counted = |seq| i64::try_from(seq).is_ok();
                let expected = if counted(seq) && counted(marked) {
                    StatusCode::OK
                } else {
                    StatusCode::BAD_REQUEST
                };
                assert_eq!(answer.status(), expected, "{cursor:?}");
                // Whole to its closing line, and not broken off in the middle.
                let body = answer.text().await.unwrap();
                assert!(body.contains("cursor"), "{cursor:?}: {body}");
            }
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_refused_by_name() {
    let server = Server::start().await;
    let ann = signed_in(&server).await;
    for (query, word) in [
        ("cursor=!", "cursor"),
        ("limit=x", "limit"),
        ("limit=0", "limit"),
        ("x=1", "x"),
    ] {
        let path = format!("changes?{query}");
        let answer = server.get(ann.shop, &path, &ann.access).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body: Value = answer.json().await.unwrap();
        let message = body["message"].as_str().unwrap();
        assert!(message.contains(word), "{word}: {message}");
    }
    server.stop().await;
}
