//! One order per shop: sequences are given out and committed in the same order, whoever writes, so
//! no reader can ever skip one.

use std::{sync::Arc, time::Duration};

use redtag_protocol::{event, ids::ShopId, role::Role, stamp::Seq};
use redtag_server::{
    core::members,
    keys::random,
    storage::{PageLimit, Row, Shops as _, Storage, postgres::PostgresStorage},
};
use tokio::time::timeout;

use super::{
    Case,
    ground::Database,
    on_database,
    shop::{Bench, NOW, audit, follows, shop},
};

/// Nothing here takes so long unless it hangs.
const LONG: Duration = Duration::from_mins(1);

pub(super) fn cases() -> Vec<Case> {
    vec![
        on_database("two_transactions_of_a_shop_take_turns", turns),
        on_database("no_reader_skips_a_sequence", readers),
        on_database("the_operators_commands_stand_in_the_same_order", operators),
    ]
}

/// Waits until so many sessions wait for a lock in the database.
async fn waiting(database: &Database, count: u32) {
    let look = || {
        database.sql(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
    };
    let reached = async {
        while look() != count.to_string() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, reached).await.unwrap();
}

/// Two API processes have a transaction of one shop open at once: the second has begun to wait for
/// the first in the database itself, and begins where that one ended.
async fn turns(database: Database) {
    let (one, other) = (database.open().await, Arc::new(database.open().await));
    let (shop, person) = shop(&one).await;
    let start = one.head(shop).await.unwrap();
    let first = one.begin(shop).await.unwrap();
    let second = tokio::spawn({
        let other = Arc::clone(&other);
        async move { other.begin(shop).await.unwrap().head() }
    });
    waiting(&database, 1).await;
    assert_eq!(
        other.head(shop).await.unwrap(),
        start,
        "readers wait for nobody"
    );
    let mut end = start;
    end.ticket += 1;
    first.commit(end).await.unwrap();
    assert_eq!(timeout(LONG, second).await.unwrap().unwrap(), end);
    // The second was dropped without a commit, and holds nothing any more.
    let mut bench = Bench::new(shop, person, 1..=1);
    bench.once(&one, 1).await;
    audit(&*other, shop, &[bench]).await;
}

/// Follows a shop from its beginning to `upto`, page by page of changing sizes, as benches do.
async fn follow(storage: Arc<PostgresStorage>, shop: ShopId, upto: Seq) -> u32 {
    let mut end = (Seq(0), event::GENESIS);
    let mut pages = 0;
    while end.0 < upto {
        let [size] = random::<1>();
        let limit = PageLimit {
            seqs: u32::from(size % 7) + 1,
            bytes: usize::from(size) * 16,
        };
        let page = storage.page(shop, end.0, limit).await.unwrap();
        for row in &page.rows {
            match row {
                Row::Event(event) => end = follows(end, event),
                Row::Document(it) => assert_eq!(it.version, end.0, "a document before its event"),
                Row::Gone(it) => panic!("nobody deleted {it:?}"),
            }
        }
        assert_eq!((page.upto, page.hash), end);
        pages += 1;
    }
    pages
}

/// Many benches push to one shop through two API processes, and readers at both follow it meanwhile.
async fn readers(database: Database) {
    const BENCHES: u64 = 8;
    const EACH: u64 = 25;
    let engines = [database.open().await, database.open().await].map(Arc::new);
    let (shop, person) = shop(&*engines[0]).await;
    let end = Seq(engines[0].head(shop).await.unwrap().seq.0 + BENCHES * EACH);
    let readers: Vec<_> = engines
        .iter()
        .chain(&engines)
        .map(|engine| tokio::spawn(follow(Arc::clone(engine), shop, end)))
        .collect();
    let writers: Vec<_> = (0..BENCHES)
        .map(|place| {
            let engine = Arc::clone(&engines[usize::try_from(place % 2).unwrap()]);
            tokio::spawn(async move {
                let mut bench = Bench::new(shop, person, 1..=EACH);
                while !bench.done() {
                    bench
                        .once(&*engine, usize::from(random::<1>()[0] % 4) + 1)
                        .await;
                }
                bench
            })
        })
        .collect();
    let mut benches = Vec::new();
    for writer in writers {
        benches.push(timeout(LONG, writer).await.unwrap().unwrap());
    }
    for reader in readers {
        let pages = timeout(LONG, reader).await.unwrap().unwrap();
        assert!(pages > 1, "everything came at once, so nothing was tried");
    }
    audit(&*engines[1], shop, &benches).await;
}

/// What the operator changes takes its sequences from the same counter.
async fn operators(database: Database) {
    let (one, other) = (Arc::new(database.open().await), database.open().await);
    let (shop, person) = shop(&*one).await;
    let start = one.head(shop).await.unwrap().seq;
    let pushing = tokio::spawn({
        let one = Arc::clone(&one);
        async move {
            let mut bench = Bench::new(shop, person, 1..=20);
            while !bench.done() {
                bench.once(&*one, 1).await;
            }
        }
    });
    let storage: &dyn Storage = &other;
    for round in 0..20 {
        let name = format!("Olga {round}");
        members::put(storage, shop, person, &name, Role::Owner, NOW)
            .await
            .unwrap();
    }
    timeout(LONG, pushing).await.unwrap().unwrap();
    let end = Seq(start.0 + 40);
    assert_eq!(other.head(shop).await.unwrap().seq, end);
    follow(one, shop, end).await;
}
