use std::time::Duration;

use redtag_protocol::{ids::ShopId, role::Role};
use reqwest::Response;
use tokio::time::timeout;

use crate::{
    auth::access,
    testing::{Server, SignedIn},
};

const PATIENCE: Duration = Duration::from_secs(20);

async fn listen(server: &Server, who: &SignedIn) -> Response {
    let answer = server.get(who.shop, "live", &who.access).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    answer
}

/// The next piece; none at the end.
async fn next(stream: &mut Response) -> Option<String> {
    let piece = timeout(PATIENCE, stream.chunk()).await.unwrap().unwrap();
    piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap())
}

async fn two_owners(server: &Server) -> (ShopId, SignedIn) {
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    server.member(shop, "bob@example.com", Role::Owner).await;
    (shop, server.sign_in("ann@example.com").await)
}

#[tokio::test]
async fn it_says_where_the_shop_is_at_once_and_after_every_change() {
    let server = Server::start().await;
    let (shop, ann) = two_owners(&server).await;
    let head = server.app.storage.head(shop).await.unwrap().seq.0;
    let mut stream = listen(&server, &ann).await;
    let first = next(&mut stream).await.unwrap();
    assert_eq!(first, format!("event: seq\ndata: {head}\n\n"));
    server.member(shop, "cat@example.com", Role::Viewer).await;
    let seq = server.app.storage.head(shop).await.unwrap().seq;
    server.app.hub.tell(shop, seq);
    let second = next(&mut stream).await.unwrap();
    assert_eq!(second, format!("event: seq\ndata: {}\n\n", head + 1));
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn it_ends_with_the_membership_and_with_the_server() {
    let server = Server::start().await;
    let (shop, ann) = two_owners(&server).await;
    let bob = server.sign_in("bob@example.com").await;
    let mut removed = listen(&server, &ann).await;
    let mut stays = listen(&server, &bob).await;
    next(&mut removed).await.unwrap();
    next(&mut stays).await.unwrap();
    server.remove(shop, ann.person).await;
    assert_eq!(next(&mut removed).await, None);
    assert!(next(&mut stays).await.unwrap().contains("data: "));
    server.stop().await;
    assert_eq!(next(&mut stays).await, None);
}

#[tokio::test]
async fn it_ends_with_the_access_token() {
    let server = Server::start().await;
    let (_, ann) = two_owners(&server).await;
    server.pass(access::LIFE - 1);
    let mut stream = listen(&server, &ann).await;
    next(&mut stream).await.unwrap();
    assert_eq!(next(&mut stream).await, None);
    server.stop().await;
}
