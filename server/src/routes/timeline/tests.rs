use redtag_protocol::{
    api::{
        NDJSON,
        changes::{Cursor, Line},
    },
    role::Role,
};
use reqwest::StatusCode;

use crate::testing::Server;

#[tokio::test]
async fn a_document_tells_all_that_happened_to_it() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Viewer).await;
    let ann = server.sign_in("ann@example.com").await;
    let bob = server.member(shop, "bob@example.com", Role::Viewer).await;
    server
        .member(shop, "bob@example.com", Role::Technician)
        .await;
    let path = format!("timeline/member/{bob}");
    let answer = server.get(shop, &path, &ann.access).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], NDJSON);
    let body = answer.bytes().await.unwrap();
    let lines: Vec<_> = body
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| Line::parse(line).unwrap())
        .collect();
    let [Line::Event(first), Line::Event(second), Line::End(end)] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(first.seq < second.seq);
    assert!(second.payload.get().contains(&bob.to_string()));
    let head = server.app.storage.head(shop).await.unwrap().seq;
    assert_eq!(end.cursor.parse::<Cursor>().unwrap().level(), head);
    assert!(!end.more);
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_document_is_refused() {
    let server = Server::start().await;
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Viewer).await;
    let ann = server.sign_in("ann@example.com").await;
    for path in ["timeline/tyre/x", "timeline/vehicle/x", "timeline/x/y"] {
        let answer = server.get(shop, path, &ann.access).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
    }
    server.stop().await;
}
