//! Several API processes on one database: news between them, and what else they must share.

mod kept;

use std::{sync::Arc, time::Duration};

use redtag_postgres::{Cluster, Config, Mode};
use redtag_protocol::{ids::ShopId, role::Role, stamp::Seq};
use redtag_server::{
    auth::access,
    keys::{self, KeyCheckError, MasterKey, ServerKeys},
    storage::postgres::hints::{self, Hint},
    testing::{Live, Place, Server, SignedIn, customer, matrix},
};
use reqwest::StatusCode;
use serde_json::json;

use super::{
    Case, case,
    ground::{Database, runtime},
    on_database,
};

/// A heartbeat that no test lives to see.
const NEVER: Duration = Duration::from_hours(1);

/// A heartbeat for a test that waits for one.
const SOON: Duration = Duration::from_millis(50);

pub(super) fn cases() -> Vec<Case> {
    vec![
        on_database("a_push_at_one_is_heard_at_the_other", heard),
        on_database("what_is_said_while_the_line_is_cut_is_caught_up_with", cut),
        on_database(
            "without_any_notification_a_heartbeat_finds_the_news",
            unheard,
        ),
        case("a_stream_outlives_a_restart_of_the_database", restarted),
        on_database("what_a_server_said_last_is_still_told", last_words),
        on_database("a_hint_outlives_the_line_that_it_broke_on", kept::kept),
        on_database("an_operators_command_is_heard_everywhere", operator),
        on_database("garbage_and_lies_on_the_channel_do_nothing", garbage),
        on_database("a_busy_shop_is_told_of_in_the_end", busy),
        on_database("a_token_of_one_is_good_at_the_other", tokens),
        on_database("a_sign_in_moves_on_once_wherever_it_is_renewed", renewals),
        on_database(
            "a_member_who_is_removed_at_one_is_out_at_the_other",
            removed,
        ),
        on_database("another_master_key_is_refused", other_key),
        on_database("matrix", roles),
    ]
}

/// An API on the database, as one process of several.
async fn server(database: &Database, heartbeat: Duration) -> Server {
    let place = Place {
        others: Some(database.address()),
        heartbeat: Some(heartbeat),
        ..Place::default()
    };
    start(database, place).await
}

async fn start(database: &Database, place: Place) -> Server {
    let storage = Arc::new(database.open().await);
    Server::start_on(storage, Arc::clone(&database.keys), place).await
}

/// Two processes whose streams say only what they hear from each other.
async fn two(database: &Database) -> (Server, Server) {
    let one = server(database, NEVER).await;
    (one, server(database, NEVER).await)
}

async fn stop(servers: [Server; 2]) {
    for server in servers {
        server.stop().await;
    }
}

/// Ann, an owner, signed in at a server.
async fn ann(server: &Server) -> (ShopId, SignedIn) {
    let shop = server.shop().await;
    server.member(shop, "ann@example.com", Role::Owner).await;
    (shop, server.sign_in("ann@example.com").await)
}

async fn head(server: &Server, shop: ShopId) -> Seq {
    server.app.storage.head(shop).await.unwrap().seq
}

/// Waits until so many connections listen on the database.
async fn listening(database: &Database, wanted: usize) -> Vec<i64> {
    let words = format!(
        "SELECT pid FROM pg_stat_activity \
         WHERE datname = '{}' AND query = 'LISTEN redtag' AND state = 'idle'",
        database.name
    );
    loop {
        let pids: Vec<i64> = database
            .sql(&words)
            .lines()
            .map(|pid| pid.parse().unwrap())
            .collect();
        if pids.len() == wanted {
            return pids;
        }
        tokio::task::yield_now().await;
    }
}

async fn heard(database: Database) {
    let (one, two) = two(&database).await;
    let (shop, ann) = ann(&one).await;
    listening(&database, 2).await;
    let mut there = Live::of(&two, &ann).await;
    let before = there.seq().await;
    assert_eq!(before, head(&one, shop).await);
    ann.push_customer(&one, 1).await;
    there.until(Seq(before.0 + 1)).await;
    // And the other way round.
    let mut here = Live::of(&one, &ann).await;
    here.seq().await;
    ann.push_customer(&two, 2).await;
    here.until(Seq(before.0 + 2)).await;
    drop((here, there));
    stop([one, two]).await;
}

async fn cut(database: Database) {
    let (one, two) = two(&database).await;
    let (_, ann) = ann(&one).await;
    let mut there = Live::of(&two, &ann).await;
    let mut seq = there.seq().await;
    let connections = |allowed: bool| {
        let (name, cluster) = (&database.name, database.cluster);
        let words = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
        cluster.sql(redtag_postgres::ADMIN, &words).unwrap();
    };
    let (mut number, mut unheard) = (0, 0);
    while unheard < 3 {
        number += 1;
        // Nobody listens while this is committed and told: the lines are dead, and no new one is
        // taken. What is pooled stays.
        let lines = listening(&database, 2).await;
        connections(false);
        for pid in &lines {
            let words = format!("SELECT pg_terminate_backend({pid}, 10000)");
            database
                .cluster
                .sql(redtag_postgres::ADMIN, &words)
                .unwrap();
        }
        let batch = json!({"device": ann.device, "ops": [customer(number)]});
        let (status, body) = ann.push(&one, &batch).await;
        connections(true);
        if status == StatusCode::OK {
            unheard += 1;
        } else {
            // What is pooled may still be ending the work before, and this asked for one line more.
            // It is there for the next round: the same again, as a bench does.
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
            ann.push_customer(&one, number).await;
        }
        seq = seq.next();
        there.until(seq).await;
    }
    drop(there);
    stop([one, two]).await;
}

async fn last_words(database: Database) {
    let (one, two) = two(&database).await;
    let (shop, ann) = ann(&one).await;
    listening(&database, 2).await;
    let mut there = Live::of(&two, &ann).await;
    let seq = there.seq().await;
    one.member(shop, "bob@example.com", Role::Viewer).await;
    one.app.ending.cancel();
    // As a request does that was still running when the end was asked for.
    one.app.announce(shop, seq.next());
    one.stop().await;
    there.until(seq.next()).await;
    drop(there);
    two.stop().await;
}

async fn unheard(database: Database) {
    let one = start(&database, Place::default()).await;
    let place = Place {
        heartbeat: Some(SOON),
        others: None,
        ..Place::default()
    };
    let two = start(&database, place).await;
    let (_, ann) = ann(&one).await;
    let mut there = Live::of(&two, &ann).await;
    let before = there.seq().await;
    ann.push_customer(&one, 1).await;
    there.until(before.next()).await;
    drop(there);
    stop([one, two]).await;
}

fn restarted() {
    // Its own, for it is stopped; gone with this program.
    let cluster = Cluster::start(&Config::default()).unwrap();
    let cluster: &'static Cluster = Box::leak(Box::new(cluster));
    runtime().block_on(async {
        let database = Database::on(cluster).await;
        let one = server(&database, NEVER).await;
        let two = server(&database, NEVER).await;
        let (_, ann) = ann(&one).await;
        listening(&database, 2).await;
        let mut there = Live::of(&two, &ann).await;
        let mut seq = there.seq().await;
        for (number, mode) in [(1, Mode::Fast), (2, Mode::Immediate)] {
            cluster.restart(mode).unwrap();
            let batch = json!({"device": ann.device, "ops": [customer(number)]});
            // As a bench does: the same again until it is answered.
            loop {
                let (status, body) = ann.push(&one, &batch).await;
                if status == StatusCode::OK {
                    break;
                }
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
            }
            seq = seq.next();
            there.until(seq).await;
            assert_eq!(head(&one, ann.shop).await, seq, "once");
        }
        drop(there);
        one.stop().await;
        two.stop().await;
    });
}

async fn operator(database: Database) {
    let one = server(&database, NEVER).await;
    let (shop, ann) = ann(&one).await;
    listening(&database, 1).await;
    let mut live = Live::of(&one, &ann).await;
    let before = live.seq().await;
    // As a command does: the change in one process, the word of it in another.
    one.member(shop, "bob@example.com", Role::Viewer).await;
    hints::tell(&database.address(), Hint::Look(shop))
        .await
        .unwrap();
    live.until(before.next()).await;
    // A new password moves no shop, and yet those who listen are looked at again.
    let (storage, now) = (&one.app.storage, one.app.clock.now());
    let changed = storage.person_password(ann.person, "another".into(), now);
    changed.await.unwrap();
    hints::tell(&database.address(), Hint::Look(shop))
        .await
        .unwrap();
    assert_eq!(live.next().await, None);
    one.stop().await;
}

async fn garbage(database: Database) {
    let one = server(&database, NEVER).await;
    let (shop, ann) = ann(&one).await;
    listening(&database, 1).await;
    let mut live = Live::of(&one, &ann).await;
    let before = live.seq().await;
    for payload in [
        String::new(),
        "x".into(),
        format!("{shop} -1"),
        format!("{shop} 99999999999999999999"),
        format!("{shop} {}", u64::MAX),
        format!("{} 1", ShopId::from_parts(1, [9; 10])),
    ] {
        database.sql(&format!("SELECT pg_notify('redtag', '{payload}')"));
    }
    // The lie cost a read and no more: the true word is heard as ever.
    ann.push_customer(&one, 1).await;
    assert_eq!(live.seq().await, before.next());
    drop(live);
    one.stop().await;
}

async fn busy(database: Database) {
    let (one, two) = two(&database).await;
    let (shop, ann) = ann(&one).await;
    listening(&database, 2).await;
    let mut there = Live::of(&two, &ann).await;
    for number in 1..=50 {
        ann.push_customer(&one, number).await;
    }
    there.until(head(&one, shop).await).await;
    drop(there);
    stop([one, two]).await;
}

async fn tokens(database: Database) {
    let (one, two) = two(&database).await;
    let (shop, first) = ann(&one).await;
    // The second server has made no key yet, and must not need one of its own.
    let status = |server: &Server, who: &SignedIn| {
        let request = server.get(shop, "changes", &who.access).send();
        async { request.await.unwrap().status() }
    };
    assert_eq!(status(&two, &first).await, StatusCode::OK);
    let second = two.sign_in("ann@example.com").await;
    assert_eq!(status(&one, &second).await, StatusCode::OK);
    // And when the key is due to be replaced, whoever makes the new one makes it for both.
    for server in [&one, &two] {
        server.pass(access::LIFE * 10_000);
    }
    let third = two.sign_in("ann@example.com").await;
    assert_eq!(status(&one, &third).await, StatusCode::OK);
    stop([one, two]).await;
}

async fn renewals(database: Database) {
    let (one, two) = two(&database).await;
    let (_, ann) = ann(&one).await;
    // The proof's nonce is of the one, and good at the other. Both renew at once; the second gets
    // what the first got, as if the reply had been lost.
    let (here, there) = tokio::join!(ann.renew(&one, &ann.refresh), ann.renew(&two, &ann.refresh));
    assert_eq!(
        (here.0, there.0),
        (StatusCode::OK, StatusCode::OK),
        "{here:?} {there:?}"
    );
    assert_eq!(here.1["refresh_token"], there.1["refresh_token"]);
    let next = here.1["refresh_token"].as_str().unwrap();
    assert_ne!(next, ann.refresh);
    let (status, body) = ann.renew(&two, next).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    // Two steps behind: somebody else's. It ends everywhere.
    let (status, body) = ann.renew(&one, &ann.refresh).await;
    assert_eq!(
        (status, &body["error"]),
        (StatusCode::BAD_REQUEST, &"invalid_grant".into())
    );
    let last = body_of(&two, &ann).await;
    assert_eq!(last, StatusCode::UNAUTHORIZED);
    stop([one, two]).await;
}

async fn body_of(server: &Server, who: &SignedIn) -> StatusCode {
    let request = server.get(who.shop, "changes", &who.access).send();
    request.await.unwrap().status()
}

async fn removed(database: Database) {
    let (one, two) = two(&database).await;
    let (shop, ann) = ann(&one).await;
    let bob = one.member(shop, "bob@example.com", Role::Owner).await;
    let there = two.sign_in("bob@example.com").await;
    listening(&database, 2).await;
    let (mut ends, mut stays) = (Live::of(&two, &there).await, Live::of(&two, &ann).await);
    ends.seq().await;
    let seq = stays.seq().await;
    one.remove(shop, bob).await;
    assert_eq!(ends.next().await, None);
    stays.until(seq.next()).await;
    assert_eq!(body_of(&two, &there).await, StatusCode::FORBIDDEN);
    drop(stays);
    stop([one, two]).await;
}

async fn other_key(database: Database) {
    let storage = database.open().await;
    let now = redtag_protocol::stamp::Stamp(redtag_server::testing::NOW);
    keys::check(&storage, &database.keys.wrapping, now)
        .await
        .unwrap();
    let other = ServerKeys::derive(&MasterKey::of([8; 32]));
    let refused = keys::check(&storage, &other.wrapping, now).await;
    assert!(matches!(refused, Err(KeyCheckError::Other)));
    assert!(keys::is_checked(&storage).await.unwrap());
    keys::check(&storage, &database.keys.wrapping, now)
        .await
        .unwrap();
}

async fn roles(database: Database) {
    let one = server(&database, NEVER).await;
    matrix::members(&one).await;
    matrix::strangers(&one).await;
    one.stop().await;
}
