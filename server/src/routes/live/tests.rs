use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use redtag_protocol::{ids::ShopId, role::Role, stamp::Seq};
use serde_json::value::to_raw_value;
use tempfile::TempDir;

use crate::{
    auth::access,
    core::push::{Sender, push},
    keys::{MasterKey, ServerKeys},
    storage::sqlite::{Options, SqliteStorage},
    testing::{Ailing, Ailment, Live, Place, Server, SignedIn, customer},
};

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
    let mut stream = Live::of(&server, &ann).await;
    let first = stream.next().await.unwrap();
    assert_eq!(first, format!("event: seq\ndata: {head}\n\n"));
    server.member(shop, "cat@example.com", Role::Viewer).await;
    let seq = server.app.storage.head(shop).await.unwrap().seq;
    server.app.hub.tell(shop, seq);
    let second = stream.next().await.unwrap();
    assert_eq!(second, format!("event: seq\ndata: {}\n\n", head + 1));
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn it_ends_with_the_membership_and_with_the_server() {
    let server = Server::start().await;
    let (shop, ann) = two_owners(&server).await;
    let bob = server.sign_in("bob@example.com").await;
    let mut removed = Live::of(&server, &ann).await;
    let mut stays = Live::of(&server, &bob).await;
    removed.next().await.unwrap();
    stays.next().await.unwrap();
    server.remove(shop, ann.person).await;
    assert_eq!(removed.next().await, None);
    assert!(stays.next().await.unwrap().contains("data: "));
    server.stop().await;
    assert_eq!(stays.next().await, None);
}

#[tokio::test]
async fn it_ends_with_the_access_token() {
    let server = Server::start().await;
    let (_, ann) = two_owners(&server).await;
    server.pass(access::LIFE - 1);
    let mut stream = Live::of(&server, &ann).await;
    stream.next().await.unwrap();
    assert_eq!(stream.next().await, None);
    server.stop().await;
}

#[tokio::test]
async fn a_change_that_nobody_told_of_is_noticed_at_a_heartbeat() {
    let place = Place {
        heartbeat: Some(Duration::from_millis(20)),
        ..Place::default()
    };
    let server = Server::start_in(place).await;
    let (shop, ann) = two_owners(&server).await;
    let mut stream = Live::of(&server, &ann).await;
    let before = stream.seq().await;
    assert_eq!(stream.next().await.unwrap(), ":\n\n");
    // Makes the change and tells nobody.
    server.member(shop, "cat@example.com", Role::Viewer).await;
    stream.until(Seq(before.0 + 1)).await;
    server.stop().await;
}

#[tokio::test]
async fn whoever_is_woken_without_news_hears_a_heartbeat_or_the_end() {
    let server = Server::start().await;
    let (shop, ann) = two_owners(&server).await;
    let bob = server.sign_in("bob@example.com").await;
    let mut ends = Live::of(&server, &ann).await;
    let mut stays = Live::of(&server, &bob).await;
    let seq = ends.seq().await;
    assert_eq!(stays.seq().await, seq);
    // As a new password does it: the shop stays where it is.
    let (storage, now) = (&server.app.storage, server.app.clock.now());
    let hash = "another".to_owned();
    let changed = storage.person_password(ann.person, hash, now).await;
    changed.unwrap();
    server.app.hub.wake(shop, seq);
    assert_eq!(ends.next().await, None);
    assert_eq!(stays.next().await.unwrap(), ":\n\n");
    drop(stays);
    server.stop().await;
}

/// A server whose database hangs, as far as live streams look at it, once the flag is set.
async fn hanging(heartbeat: Duration) -> (Server, Arc<AtomicBool>, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let keys = Arc::new(ServerKeys::derive(&MasterKey::of([7; 32])));
    let storage = SqliteStorage::open(Options {
        dir: dir.path().to_owned(),
        control_key: keys.control.clone(),
        wrap: keys.wrapping.clone(),
    });
    let hangs = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&hangs);
    let storage = Ailing::new(Arc::new(storage.await.unwrap()), move |call| {
        let looks = ["head", "tip", "documents", "session"].contains(&call);
        (looks && flag.load(Ordering::SeqCst)).then_some(Ailment::Hangs)
    });
    let place = Place {
        heartbeat: Some(heartbeat),
        ..Place::default()
    };
    let server = Server::start_on(Arc::new(storage), keys, place).await;
    (server, hangs, dir)
}

#[tokio::test]
async fn a_database_that_hangs_does_not_silence_the_line() {
    let (server, hangs, _dir) = hanging(Duration::from_millis(20)).await;
    let (_, ann) = two_owners(&server).await;
    let mut stream = Live::of(&server, &ann).await;
    stream.seq().await;
    hangs.store(true, Ordering::SeqCst);
    let silent = Instant::now();
    // Some beats may be on their way already.
    while silent.elapsed() < super::LOOKS {
        assert_eq!(stream.next().await.unwrap(), ":\n\n");
    }
    // And the server does not wait for it when it is to end.
    let asked = Instant::now();
    server.stop().await;
    while stream.next().await.is_some() {}
    assert!(asked.elapsed() < super::LOOKS, "{:?}", asked.elapsed());
}

/// A push of one edit by this person, past the routes; the sequence after it.
async fn pushed(server: &Server, who: &SignedIn, number: u64) -> Seq {
    let sender = Sender {
        person: who.person,
        shop: who.shop,
        device: who.device,
    };
    let ops = [to_raw_value(&customer(number)).unwrap()];
    let (app, now) = (&server.app, server.app.clock.now());
    let pushed = push(&*app.storage, &app.recent, sender, &ops, now).await;
    let seq = pushed.unwrap().seq.unwrap();
    app.announce(who.shop, seq);
    seq
}

#[tokio::test]
async fn news_of_a_push_is_told_without_asking_while_nobody_doubts_the_right_to_hear_it() {
    let (server, hangs, _dir) = hanging(Duration::from_secs(15)).await;
    let (shop, ann) = two_owners(&server).await;
    let mut stream = Live::of(&server, &ann).await;
    stream.seq().await;
    // The first is asked about.
    stream.until(pushed(&server, &ann, 1).await).await;
    hangs.store(true, Ordering::SeqCst);
    for number in 2..5 {
        let seq = pushed(&server, &ann, number).await;
        assert_eq!(stream.seq().await, seq);
    }
    hangs.store(false, Ordering::SeqCst);
    let (storage, now) = (&server.app.storage, server.app.clock.now());
    let ended = storage.sessions_end(ann.person, shop, now).await;
    assert_eq!(ended.unwrap(), 1);
    // Whoever ends a sign-in wakes the shop; the news that comes with it is not told.
    server.app.hub.wake(shop, Seq(0));
    pushed(&server, &ann, 5).await;
    assert_eq!(stream.next().await, None);
    server.stop().await;
}
