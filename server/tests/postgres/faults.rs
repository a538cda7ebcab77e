//! PostgreSQL restarted, connections cut, transactions refused, no connection free: a bench is told
//! to come again, and in the end each of its operations is there once.

mod lines;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redtag_postgres::{Cluster, Config, Mode};
use redtag_protocol::ids::ShopId;
use redtag_server::storage::{Control as _, Shops as _, StorageError, postgres::PostgresStorage};
use tokio::time::timeout;

use super::{
    Case, case,
    ground::{Database, runtime},
    on_database,
    shop::{Bench, audit, shop},
};

/// Nothing here takes so long unless it hangs.
const LONG: Duration = Duration::from_mins(1);

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("a_server_that_restarts_loses_and_doubles_nothing", || {
            runtime().block_on(restarts());
        }),
        on_database("connections_that_are_cut_lose_and_double_nothing", cuts),
        on_database("a_serialization_failure_is_tried_again", serialization),
        on_database("a_deadlock_at_the_commit_is_tried_again", deadlock),
        on_database("a_cancelled_wait_for_the_head_is_busy", cancelled),
        on_database("a_full_pool_is_busy_and_free_again", pool),
        case("a_server_without_a_free_connection_is_busy", || {
            runtime().block_on(full());
        }),
        on_database(
            "a_dead_line_is_not_seen_by_who_can_be_served_anew",
            lines::retried,
        ),
        on_database(
            "a_write_that_is_lost_takes_all_dead_lines_with_it",
            lines::cleared,
        ),
        on_database(
            "a_transaction_that_did_not_begin_may_have_written",
            lines::not_begun,
        ),
        on_database(
            "one_busy_shop_leaves_the_pool_to_the_others",
            lines::one_shop,
        ),
        on_database(
            "a_host_that_says_nothing_leaves_time_for_the_next",
            lines::silent,
        ),
        on_database(
            "a_database_closed_for_a_while_is_asked_again",
            lines::closed,
        ),
        case("a_standby_is_not_served_from", || {
            runtime().block_on(lines::standby());
        }),
    ]
}

/// A PostgreSQL of the test's own, for it is to suffer. It ends with the process.
fn cluster(config: &Config) -> &'static Cluster {
    Box::leak(Box::new(Cluster::start(config).unwrap()))
}

/// Pushes until everything is decided, at most so many operations at once, then looks at everything.
async fn persist(storage: &PostgresStorage, shop: ShopId, benches: &mut [Bench], most: usize) {
    let work = async {
        while let Some(bench) = benches.iter_mut().find(|it| !it.done()) {
            bench.once(storage, most).await;
        }
        audit(storage, shop, benches).await;
    };
    timeout(LONG, work).await.unwrap();
}

/// Benches push while something happens to the server again and again, until it has happened `times`
/// times and everything is decided; then everything is looked at.
async fn meanwhile(database: &Database, times: u32, happens: impl Fn() + Send + 'static) {
    let storage = Arc::new(database.open().await);
    let (shop, person) = shop(&*storage).await;
    let over = Arc::new(AtomicBool::new(false));
    let pushing: Vec<_> = (0..3)
        .map(|_| {
            let (storage, over) = (Arc::clone(&storage), Arc::clone(&over));
            tokio::spawn(async move {
                let mut bench = Bench::new(shop, person, 1..=2_000);
                while !bench.done() && !over.load(Ordering::Relaxed) {
                    bench.once(&*storage, 3).await;
                    tokio::task::yield_now().await;
                }
                bench
            })
        })
        .collect();
    let suffering = tokio::task::spawn_blocking(move || (0..times).for_each(|_| happens()));
    timeout(LONG, suffering).await.unwrap().unwrap();
    over.store(true, Ordering::Relaxed);
    let mut benches = Vec::new();
    for bench in pushing {
        benches.push(timeout(LONG, bench).await.unwrap().unwrap());
    }
    persist(&storage, shop, &mut benches, 500).await;
    assert!(
        benches.iter().any(|it| it.put_off > 0),
        "nothing happened to any push, so nothing was tried"
    );
}

async fn restarts() {
    let cluster = cluster(&Config::default());
    let database = Database::on(cluster).await;
    meanwhile(&database, 3, move || {
        cluster.restart(Mode::Immediate).unwrap();
        cluster.restart(Mode::Fast).unwrap();
    })
    .await;
}

async fn cuts(database: Database) {
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{}' AND pid <> pg_backend_pid()",
        database.name
    );
    let (cluster, name) = (database.cluster, database.name.clone());
    meanwhile(&database, 40, move || {
        cluster.sql(&name, &cut).unwrap();
    })
    .await;
}

/// Makes writing fail with this SQLSTATE, the first so many times.
fn failing(database: &Database, trigger: &str, code: &str, times: u32) {
    database.sql(&format!(
        "CREATE SEQUENCE attempts;
         CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
             IF nextval('redtag.attempts') <= {times} THEN
                 RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '{code}';
             END IF;
             RETURN new;
         END $$;
         CREATE {trigger} FOR EACH ROW EXECUTE FUNCTION fails();"
    ));
}

async fn serialization(database: Database) {
    let storage = database.open().await;
    let (shop, person) = shop(&storage).await;
    failing(
        &database,
        "TRIGGER fails BEFORE INSERT ON event",
        "40001",
        4,
    );
    let mut benches = [Bench::new(shop, person, 1..=9)];
    persist(&storage, shop, &mut benches, 3).await;
    assert_eq!(benches[0].put_off, 4);
}

/// The commit itself fails: the last moment at which anything can.
async fn deadlock(database: Database) {
    let storage = database.open().await;
    let (shop, person) = shop(&storage).await;
    let trigger = "CONSTRAINT TRIGGER fails AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED";
    failing(&database, trigger, "40P01", 4);
    let mut benches = [Bench::new(shop, person, 1..=9)];
    persist(&storage, shop, &mut benches, 3).await;
    assert_eq!(benches[0].put_off, 4);
}

/// Another process holds the head, and the administrator ends the wait for it.
async fn cancelled(database: Database) {
    let (one, other) = (database.open().await, Arc::new(database.open().await));
    let (shop, person) = shop(&one).await;
    let held = one.begin(shop).await.unwrap();
    let waits = tokio::spawn({
        let other = Arc::clone(&other);
        async move { other.begin(shop).await.map(drop) }
    });
    let cancel = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity \
                  WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let cancelled = async {
        while database.sql(cancel) == "0" {
            tokio::task::yield_now().await;
        }
        waits.await.unwrap()
    };
    let refused = timeout(LONG, cancelled).await.unwrap();
    assert!(matches!(refused, Err(StorageError::Busy)), "{refused:?}");
    drop(held);
    persist(&other, shop, &mut [Bench::new(shop, person, 1..=3)], 3).await;
}

/// All connections are with transactions of other shops: who comes then waits, and is told that the
/// database is busy where that takes too long.
async fn pool(database: Database) {
    let storage = Arc::new(database.open_with(2, Duration::from_millis(200)).await);
    let mut shops = Vec::new();
    for _ in 0..3 {
        shops.push(shop(&*storage).await);
    }
    let held = storage.begin(shops[0].0).await.unwrap();
    let also = storage.begin(shops[1].0).await.unwrap();
    let (shop, person) = shops[2];
    let refused = storage.begin(shop).await.map(drop);
    assert!(matches!(refused, Err(StorageError::Busy)), "{refused:?}");
    let refused = storage.head(shop).await;
    assert!(matches!(refused, Err(StorageError::Busy)), "{refused:?}");
    drop((held, also));
    persist(&storage, shop, &mut [Bench::new(shop, person, 1..=3)], 3).await;
}

/// PostgreSQL itself has no connection left.
async fn full() {
    let cluster = cluster(&Config {
        connections: 12,
        ..Config::default()
    });
    let database = Database::on(cluster).await;
    let storage = database.open().await;
    let (shop, person) = shop(&storage).await;
    cluster
        .sql(
            &database.name,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> 'postgres'",
        )
        .unwrap();
    let mut others = Vec::new();
    while let Ok((client, connection)) = database.address().connect().await {
        others.push((client, tokio::spawn(connection)));
        assert!(others.len() < 20, "there is always room for one more");
    }
    let refused = storage.shop(shop).await;
    assert!(matches!(refused, Err(StorageError::Busy)), "{refused:?}");
    let mut bench = Bench::new(shop, person, 1..=3);
    bench.once(&storage, 3).await;
    assert_eq!(bench.put_off, 1);
    for (client, connection) in others {
        drop(client);
        connection.await.unwrap().unwrap();
    }
    persist(&storage, shop, &mut [bench], 3).await;
}
