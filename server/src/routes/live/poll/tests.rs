use std::time::Duration;

use redtag_protocol::{api::live::News, ids::ShopId, role::Role, stamp::Seq};
use reqwest::{RequestBuilder, StatusCode};

use crate::testing::{Place, Server, SignedIn};

async fn signed_in(server: &Server) -> (ShopId, SignedIn, Seq) {
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    let ann = server.sign_in("ann@example.com").await;
    let head = server.app.storage.head(shop).await.unwrap().seq;
    (shop, ann, head)
}

fn ask(server: &Server, ann: &SignedIn, after: Seq) -> RequestBuilder {
    let path = format!("live?after={after}");
    let request = server.get(ann.shop, &path, &ann.access);
    request.header("accept", "application/json")
}

async fn said(request: RequestBuilder) -> Seq {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json::<News>().await.unwrap().seq
}

#[tokio::test]
async fn who_is_behind_is_told_at_once_and_who_is_not_when_something_happens() {
    let server = Server::start().await;
    let (shop, ann, head) = signed_in(&server).await;
    assert_eq!(said(ask(&server, &ann, Seq(head.0 - 1))).await, head);
    let waiting = tokio::spawn(said(ask(&server, &ann, head)));
    while !server.app.hub.is_watched(shop) {
        tokio::task::yield_now().await;
    }
    server.member(shop, "bob@example.com", Role::Viewer).await;
    let now = server.app.storage.head(shop).await.unwrap().seq;
    server.app.hub.tell(shop, now);
    assert_eq!(waiting.await.unwrap(), now);
    server.stop().await;
}

#[tokio::test]
async fn who_waited_long_enough_is_told_where_the_shop_is() {
    let place = Place {
        poll: Some(Duration::from_millis(20)),
        ..Place::default()
    };
    let server = Server::start_in(place).await;
    let (_, ann, head) = signed_in(&server).await;
    assert_eq!(said(ask(&server, &ann, head)).await, head);
    // Also a cursor of a database that was restored behind it.
    assert_eq!(said(ask(&server, &ann, Seq(head.0 + 99))).await, head);
    server.stop().await;
}

#[tokio::test]
async fn a_stream_has_no_after() {
    let server = Server::start().await;
    let (_, ann, _) = signed_in(&server).await;
    for path in ["live?after=1", "live?after=x", "live?before=1"] {
        let answer = server.get(ann.shop, path, &ann.access).send().await;
        assert_eq!(answer.unwrap().status(), StatusCode::BAD_REQUEST, "{path}");
    }
    server.stop().await;
}
