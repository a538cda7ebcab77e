use std::{collections::BTreeMap, fs};

use redtag_protocol::stamp::Stamp;
use uuid::Uuid;

use super::*;
use crate::{
    keys::{MasterKey, ServerKeys},
    storage::{
        Shops as _,
        conformance::Place as _,
        sqlite::tests::Here,
        transfer::table::{Column, EVERYONES, META, SHOPS as INSIDE},
    },
};

/// A directory with two shops, each with some documents.
pub(in crate::storage::sqlite) async fn here() -> (Here, Vec<ShopId>) {
    let here = Here::new();
    let storage = here.open().await;
    let mut shops = Vec::new();
    for name in ["Quayside", "Hillside"] {
        let made = crate::core::shops::create(
            &storage,
            name,
            crate::core::shops::Templates::Shipped,
            Stamp(1),
        );
        shops.push(made.await.unwrap());
    }
    shops.sort_unstable_by_key(|it| *it.as_bytes());
    drop(storage);
    (here, shops)
}

pub(in crate::storage::sqlite) fn options(here: &Here) -> Options {
    let keys = ServerKeys::derive(&MasterKey::of(here.master()));
    Options {
        dir: here.dir().to_owned(),
        control_key: keys.control.clone(),
        wrap: keys.wrapping.clone(),
    }
}

pub(in crate::storage::sqlite) async fn alone(here: &Here) -> Alone {
    Alone::take(options(here)).await.unwrap()
}

#[tokio::test]
async fn the_list_names_every_table_and_column() {
    let (here, shops) = here().await;
    let alone = alone(&here).await;
    let control = alone
        .storage
        .control
        .read(|it| Ok(schema(it)))
        .await
        .unwrap();
    let of_shop = alone.storage.workers(shops[0]).await.unwrap();
    let of_shop = of_shop.read(|it| Ok(schema(it))).await.unwrap();
    let listed = INSIDE.iter().filter(|it| it.whose == Whose::Listed);
    let here = [&META].into_iter().chain(EVERYONES).chain(listed);
    assert_eq!(here.map(described).collect::<BTreeMap<_, _>>(), control);
    let inside = INSIDE.iter().filter(|it| it.whose == Whose::Inside);
    assert_eq!(inside.map(described).collect::<BTreeMap<_, _>>(), of_shop);
}

/// Each column with its type, and whether it may hold nothing.
type Columns = BTreeMap<String, (String, bool)>;

/// What SQLite would say of a table in the list.
fn described(table: &Table) -> (String, Columns) {
    let column = |it: &Column| {
        let kind = match it.kind {
            Kind::Id | Kind::Bytes => "BLOB",
            Kind::Number => "INTEGER",
            // It may be packed.
            Kind::Text if (table.name, it.name) == ("document", "body") => "ANY",
            Kind::Text => "TEXT",
        };
        (it.name.to_owned(), (kind.to_owned(), it.nullable))
    };
    (
        table.name.to_owned(),
        table.columns.iter().map(column).collect(),
    )
}

fn schema(it: &Connection) -> BTreeMap<String, Columns> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let columns = "SELECT name, type, \"notnull\" = 0 FROM pragma_table_info(:table)";
    let mut tables = it.prepare(tables).unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let described = tables.map(|table| {
        let table = table.unwrap();
        let mut columns = it.prepare(columns).unwrap();
        let columns = columns
            .query_map(named_params! {":table": table}, |row| {
                Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
            })
            .unwrap();
        let columns = columns.collect::<Result<_, _>>().unwrap();
        (table, columns)
    });
    described.collect()
}

#[tokio::test]
async fn rows_are_the_same_in_chunks_of_any_size() {
    let (here, shops) = here().await;
    let alone = alone(&here).await;
    for table in INSIDE {
        let whole = all(&alone, table, Some(shops[1]), (usize::MAX, usize::MAX)).await;
        for bounds in [(1, usize::MAX), (7, usize::MAX), (1000, 1)] {
            assert!(
                all(&alone, table, Some(shops[1]), bounds).await == whole,
                "{}",
                table.name
            );
        }
        let some = ["shop", "event", "payload", "document", "head"].contains(&table.name);
        assert_eq!(!whole.is_empty(), some, "{}", table.name);
    }
}

/// How many rows each table has and the hash over all their values, but for the epoch.
pub(in crate::storage::sqlite) async fn content(
    alone: &Alone,
    shops: &[ShopId],
) -> Vec<(&'static str, u64, [u8; 32])> {
    let mut found = Vec::new();
    let spanning = EVERYONES.iter().map(|table| (table, None));
    let inside = shops
        .iter()
        .flat_map(|shop| INSIDE.iter().map(|table| (table, Some(*shop))));
    for (table, shop) in spanning.chain(inside) {
        let mut tally = crate::storage::transfer::row::Tally::new();
        for row in all(alone, table, shop, (usize::MAX, usize::MAX)).await {
            tally.add(&row);
        }
        let (rows, hash) = tally.end();
        found.push((table.name, rows, hash));
    }
    found
}

async fn all(
    alone: &Alone,
    table: &'static Table,
    shop: Option<ShopId>,
    bounds: (usize, usize),
) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let some = alone.rows(table, shop, after, bounds).await.unwrap();
        let Some(last) = some.last() else {
            return rows;
        };
        after = Some(crate::storage::transfer::row::key_of(table, last));
        rows.extend(some);
    }
}

#[tokio::test]
async fn whoever_has_it_open_keeps_out_the_one_that_wants_it_alone_and_the_other_way_round() {
    let (here, _) = here().await;
    let open = here.open().await;
    let refused = Alone::take(options(&here)).await;
    assert!(matches!(
        refused,
        Err(AlreadyServed::Unknown(StorageError::InUse { .. }))
    ));
    drop(open);
    let served = ServeLock::take(here.dir()).unwrap();
    let refused = Alone::take(options(&here)).await;
    assert!(matches!(refused, Err(AlreadyServed::By(_))));
    drop(served);
    let alone = alone(&here).await;
    let refused = SqliteStorage::open(options(&here)).await;
    assert!(matches!(refused, Err(StorageError::Moving { .. })));
    drop(alone);
    here.open().await;
}

#[tokio::test]
async fn what_was_moved_is_opened_by_nobody_until_it_is_taken_back() {
    let (here, shops) = here().await;
    let source = alone(&here).await;
    let epoch = source.epoch();
    let moved = Moved {
        to: "db.example:5432/redtag".to_owned(),
        mark: Some(Uuid::from_bytes([9; 16])),
    };
    source.mark_moved(&moved).unwrap();
    drop(source);
    let refused = SqliteStorage::open(options(&here)).await.unwrap_err();
    let words = refused.to_string();
    assert!(
        words.contains("db.example:5432/redtag") && words.contains("move --back"),
        "{words}"
    );
    let source = alone(&here).await;
    assert_eq!(source.moved_to().unwrap(), Some(moved));
    source.take_back().await.unwrap();
    let storage = here.open().await;
    assert_ne!(storage.epoch(), epoch);
    storage.head(shops[0]).await.unwrap();
}

#[tokio::test]
async fn a_mark_that_cannot_be_read_is_a_mark() {
    let (here, _) = here().await;
    fs::write(here.dir().join("MOVED"), "what is this").unwrap();
    let refused = SqliteStorage::open(options(&here)).await;
    assert!(matches!(refused, Err(StorageError::Moved { .. })));
    // Of an earlier program, which said the place alone.
    fs::write(here.dir().join("MOVED"), "to = \"db.example/redtag\"\n").unwrap();
    let moved = alone(&here).await.moved_to().unwrap().unwrap();
    assert_eq!((&*moved.to, moved.mark), ("db.example/redtag", None));
}

#[tokio::test]
async fn a_directory_without_data_is_refused_and_stays_as_it_was() {
    let here = Here::new();
    let refused = Alone::take(options(&here)).await;
    let missing = matches!(
        refused,
        Err(AlreadyServed::Unknown(StorageError::Missing { .. }))
    );
    assert!(missing);
    assert_eq!(fs::read_dir(here.dir()).unwrap().count(), 0);
}
