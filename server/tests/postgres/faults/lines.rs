//! Lines that are dead and do not look it, hosts that say nothing, servers that take no writes.

use std::{net::TcpListener, time::Duration};

use futures_util::FutureExt as _;
use redtag_postgres::{ADMIN, Config, Mode};
use redtag_protocol::{ids::PersonId, stamp::Seq};
use redtag_server::{
    keys::random,
    storage::{
        Control as _, PageLimit, Person, Shops as _, StorageError,
        postgres::{Address, Options, PATIENCE, PostgresStorage},
    },
};
use tokio::time::timeout;

use super::{LONG, cluster};
use crate::{
    ground::Database,
    proxy::Proxy,
    shop::{NOW, shop},
};

/// So many lines wait in the pool, and each is as dead as the others.
const IDLE: usize = 3;

async fn open(database: &Database, address: Address) -> PostgresStorage {
    let options = Options {
        address,
        wrap: database.keys.wrapping.clone(),
        connections: 8,
        patience: PATIENCE,
    };
    PostgresStorage::open(options).await.unwrap()
}

/// Lets [`IDLE`] lines wait, then cuts them.
async fn cut(storage: &PostgresStorage, proxy: &Proxy) {
    let mut lines = Vec::new();
    for _ in 0..IDLE {
        lines.push(storage.peek().await.unwrap());
    }
    drop(lines);
    proxy.cut();
}

fn person() -> Person {
    let id = PersonId::from_parts(NOW.0, random());
    Person {
        id,
        email: format!("{id}@example.com"),
        name: "Olga".to_owned(),
        password: "hash".to_owned(),
        created: NOW,
    }
}

/// What can be done twice is, on a line of today, and whoever asked hears nothing of it.
pub(super) async fn retried(database: Database) {
    let proxy = Proxy::before(&database).await;
    let storage = open(&database, proxy.address(&database)).await;
    let (shop, _) = shop(&storage).await;
    cut(&storage, &proxy).await;
    let head = storage.head(shop).await.unwrap();
    cut(&storage, &proxy).await;
    let limit = PageLimit {
        seqs: 10,
        bytes: 1 << 20,
    };
    let page = storage.page(shop, Seq(0), limit).await.unwrap();
    assert_eq!(page.upto, head.seq);
    cut(&storage, &proxy).await;
    let transaction = storage.begin(shop).await.unwrap();
    assert_eq!(transaction.head(), head);
}

/// A write is never done twice. It says that the line was lost, once: the lines beside it are not
/// tried one after the other.
pub(super) async fn cleared(database: Database) {
    let proxy = Proxy::before(&database).await;
    let storage = open(&database, proxy.address(&database)).await;
    let (shop, _) = shop(&storage).await;
    cut(&storage, &proxy).await;
    let lost = storage.person_create(person()).await;
    assert!(matches!(lost, Err(StorageError::Lost)), "{lost:?}");
    storage.person_create(person()).await.unwrap();
    // The same at the end of a transaction.
    let transaction = storage.begin(shop).await.unwrap();
    cut(&storage, &proxy).await;
    let head = transaction.head();
    let lost = transaction.commit(head).await;
    assert!(matches!(lost, Err(StorageError::Lost)), "{lost:?}");
    storage.person_create(person()).await.unwrap();
}

/// Where the beginning of a transaction is refused, what came with it may have been done outside of
/// one, so nobody says that nothing was changed.
pub(super) async fn not_begun(database: Database) {
    let storage = database.open_with(1, PATIENCE).await;
    // So that the line knows the statements.
    storage.person_create(person()).await.unwrap();
    let line = storage.peek().await.unwrap();
    let pid = "SELECT pg_backend_pid()";
    let before: i32 = line.query_one(pid, &[]).await.unwrap().get(0);
    line.batch_execute("BEGIN; SELECT 1 / 0").await.unwrap_err();
    drop(line);
    let refused = storage.person_create(person()).await;
    assert!(matches!(refused, Err(StorageError::Lost)), "{refused:?}");
    storage.person_create(person()).await.unwrap();
    let line = storage.peek().await.unwrap();
    let after: i32 = line.query_one(pid, &[]).await.unwrap().get(0);
    assert_ne!(before, after, "such a line is closed");
}

/// However many write to a shop whose head another process holds, they wait for it with one
/// connection.
pub(super) async fn one_shop(database: Database) {
    let patience = Duration::from_secs(5);
    let (other, storage) = (database.open().await, database.open_with(2, patience).await);
    let (busy, _) = shop(&other).await;
    let (quiet, _) = shop(&other).await;
    let held = other.begin(busy).await.unwrap();
    let mut writers: Vec<_> = (0..5).map(|_| storage.begin(busy)).collect();
    for writer in &mut writers {
        assert!(writer.now_or_never().is_none());
    }
    storage.head(quiet).await.unwrap();
    storage.begin(quiet).await.unwrap();
    drop(held);
    for writer in writers {
        timeout(LONG, writer).await.unwrap().unwrap();
    }
}

/// Of two hosts the first takes connections and says nothing, as one whose machine hangs.
pub(super) async fn silent(database: Database) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (there, gone) = (database.cluster.address(), silent.local_addr().unwrap());
    let (url, there) = (database.url(), there.to_string());
    let url = url.replace(&there, &format!("{gone},{there}")) + "?connect_timeout=1";
    let address = Address::parse(&url, None, None).unwrap();
    let storage = timeout(LONG, open(&database, address)).await.unwrap();
    assert!(storage.shops().await.unwrap().is_empty());
}

/// A name that points at a standby for a moment: nothing is read from it, and no line to it stays.
pub(super) async fn standby() {
    let cluster = cluster(&Config::default());
    let database = Database::on(cluster).await;
    let storage = database.open().await;
    let (shop, _) = shop(&storage).await;
    cluster.stop(Mode::Fast).unwrap();
    let signal = cluster.directory().join("data/standby.signal");
    std::fs::write(signal, "").unwrap();
    cluster.resume().unwrap();
    let refused = storage.head(shop).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    let refused = storage.person_create(person()).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    assert_eq!(cluster.sql(ADMIN, "SELECT pg_promote()").unwrap(), "t");
    storage.head(shop).await.unwrap();
    storage.person_create(person()).await.unwrap();
}

/// An administrator keeps everybody out for a while: what asks for one line more may come again.
pub(super) async fn closed(database: Database) {
    let storage = database.open().await;
    let doors = |open: bool| {
        let words = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {open}", database.name);
        database.cluster.sql(ADMIN, &words).unwrap();
    };
    doors(false);
    let mut held = Vec::new();
    let refused = loop {
        match storage.peek().await {
            Ok(line) => held.push(line),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StorageError::Lost), "{refused}");
    let Err(refused) = database.address().connect().await else {
        panic!("let in");
    };
    assert!(
        refused.to_string().contains("ALLOW_CONNECTIONS true"),
        "{refused}"
    );
    doors(true);
    storage.peek().await.unwrap();
}
