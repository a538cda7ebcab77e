use std::{fs, sync::Arc};

use redtag_protocol::ids::{CustomerId, ShopId};
use rusqlite::Connection;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{AlreadyServed, Options, ServeLock, SqliteStorage, migrate, open};
use crate::{
    keys::{MasterKey, ServerKeys, random},
    storage::{
        Control as _, ShopRow, Shops as _, StorageError,
        conformance::{self, Place, suite},
    },
};

pub(crate) struct Here {
    dir: TempDir,
    master: [u8; 32],
}

impl Here {
    pub(crate) fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            master: random(),
        }
    }

    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub(crate) fn master(&self) -> [u8; 32] {
        self.master
    }

    async fn try_open(&self) -> Result<SqliteStorage, StorageError> {
        let keys = ServerKeys::derive(&MasterKey::of(self.master));
        SqliteStorage::open(Options {
            dir: self.dir.path().to_owned(),
            control_key: keys.control.clone(),
            wrap: keys.wrapping.clone(),
        })
        .await
    }

    async fn shop(&self) -> ShopId {
        let storage = self.open().await;
        let id = ShopId::from_parts(1, random());
        let row = ShopRow {
            id,
            name: "Quayside".to_owned(),
            created: redtag_protocol::stamp::Stamp(1),
        };
        storage.shop_create(row).await.unwrap();
        storage.shop_ready(id).await.unwrap();
        drop(storage);
        id
    }
}

impl Place for Here {
    type Engine = SqliteStorage;

    async fn open(&self) -> SqliteStorage {
        self.try_open().await.unwrap()
    }
}

conformance::each_rule!(suite! Here::new());

#[tokio::test]
async fn another_master_key_opens_nothing_and_spoils_nothing() {
    let here = Here::new();
    let shop = here.shop().await;
    let thief = Here {
        dir: TempDir::new().unwrap(),
        master: random(),
    };
    let source = here.dir.path().join("control.db");
    fs::copy(source, thief.dir.path().join("control.db")).unwrap();
    let refused = thief.try_open().await;
    assert!(matches!(refused, Err(StorageError::Unreadable { .. })));
    here.open().await.head(shop).await.unwrap();
}

#[tokio::test]
async fn files_are_encrypted_and_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Here::new();
    let shop = here.shop().await;
    let control = here.dir.path().join("control.db");
    let of_shop = here.dir.path().join("shops").join(format!("{shop}.db"));
    for path in [control, of_shop] {
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.starts_with(b"SQLite format 3"));
        let found = bytes.windows(8).any(|it| it == b"Quayside");
        assert!(!found, "the name lies open in {}", path.display());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_closed_database_is_its_files_and_no_logs() {
    for _ in 0..5 {
        let here = Here::new();
        let shop = here.shop().await;
        let storage = here.open().await;
        storage.head(shop).await.unwrap();
        drop(storage);
        for dir in [here.dir.path().to_owned(), here.dir.path().join("shops")] {
            let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name());
            let logs = names.filter(|it| it.to_string_lossy().contains(".db-"));
            assert_eq!(logs.count(), 0);
        }
    }
}

#[tokio::test]
async fn a_shop_file_put_in_anothers_place_is_unreadable() {
    let here = Here::new();
    let (a, b) = (here.shop().await, here.shop().await);
    let file = |shop| here.dir.path().join("shops").join(format!("{shop}.db"));
    fs::copy(file(a), file(b)).unwrap();
    let refused = here.open().await.head(b).await;
    assert!(matches!(refused, Err(StorageError::Unreadable { .. })));
}

#[tokio::test]
async fn a_file_that_was_complete_is_never_made_anew() {
    let here = Here::new();
    let shop = here.shop().await;
    let (control, of_shop) = (
        here.dir.path().join("control.db"),
        here.dir.path().join("shops").join(format!("{shop}.db")),
    );
    let aside = here.dir.path().join("aside");
    fs::rename(&of_shop, &aside).unwrap();
    let refused = here.open().await.head(shop).await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })));
    assert!(!of_shop.exists(), "no empty shop stands in its place");
    fs::write(&of_shop, b"").unwrap();
    let refused = here.open().await.head(shop).await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })));
    fs::rename(&aside, &of_shop).unwrap();
    here.open().await.head(shop).await.unwrap();

    fs::write(&control, b"").unwrap();
    let refused = here.try_open().await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })));
    fs::remove_file(&control).unwrap();
    let refused = here.try_open().await;
    assert!(matches!(refused, Err(StorageError::Missing { .. })));
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused() {
    let here = Here::new();
    here.shop().await;
    let keys = ServerKeys::derive(&MasterKey::of(here.master));
    let path = here.dir.path().join("control.db");
    let connection = open::open(&path, &keys.control, open::Purpose::Write).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let refused = here.try_open().await.unwrap_err();
    assert!(
        matches!(refused, StorageError::Newer { found: 99, .. }),
        "{refused}"
    );
}

#[test]
fn a_database_of_something_else_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("other.db");
    let key = Zeroizing::new(random());
    let connection = open::open(&path, &key, open::Purpose::Write).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let mut connection = open::open(&path, &key, open::Purpose::Write).unwrap();
    let schema = super::migrate::Schema::Control;
    let refused = super::migrate::migrate(&mut connection, schema, &path);
    assert!(matches!(refused, Err(StorageError::Unreadable { .. })));
}

/// One shop's file, past the storage: what somebody with the key and a shell could try.
fn raw(dir: &TempDir) -> (Connection, ShopId) {
    let shop = ShopId::from_parts(1, random());
    let path = dir.path().join("shop.db");
    let key = Zeroizing::new(random());
    let mut connection = open::open(&path, &key, open::Purpose::Write).unwrap();
    super::migrate::migrate(&mut connection, super::migrate::Schema::Shop(shop), &path).unwrap();
    (connection, shop)
}

#[test]
fn what_is_committed_survives_a_power_cut() {
    let dir = TempDir::new().unwrap();
    let (connection, _) = raw(&dir);
    let mode: String = connection
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    let full: i64 = connection
        .pragma_query_value(None, "synchronous", |row| row.get(0))
        .unwrap();
    assert_eq!((mode.as_str(), full), ("wal", 2), "synchronous=FULL is 2");
}

#[test]
fn events_cannot_be_altered_and_payloads_only_emptied() {
    let dir = TempDir::new().unwrap();
    let (connection, shop) = raw(&dir);
    let id = CustomerId::from_parts(1, random());
    let sql = crate::storage::sql::shop::EVENT_ADD;
    let fields = rusqlite::named_params! {
        ":shop": shop.as_bytes(), ":seq": 1, ":kind": "customer", ":id": id.as_bytes(),
        ":salt": [1_u8; 16], ":hash": [2_u8; 32],
    };
    connection.execute(sql, fields).unwrap();
    let sql = crate::storage::sql::shop::PAYLOAD_ADD;
    let fields = rusqlite::named_params! {
        ":shop": shop.as_bytes(), ":seq": 1, ":body": "{\"a\":1}",
    };
    connection.execute(sql, fields).unwrap();
    for forbidden in [
        "UPDATE event SET salt = x'00'",
        "DELETE FROM event",
        "UPDATE payload SET body = '{\"a\":2}'",
        "UPDATE payload SET seq = 2, body = '{}'",
        "UPDATE payload SET body = '{}'",
        "UPDATE payload SET body = '{}', digest = x'00'",
        "DELETE FROM payload",
        "UPDATE head SET seq = -1",
    ] {
        assert!(connection.execute(forbidden, []).is_err(), "{forbidden}");
    }
    let empty = "UPDATE payload SET body = '{}', digest = zeroblob(32)";
    connection.execute(empty, []).unwrap();
    let again = "UPDATE payload SET digest = randomblob(32)";
    assert!(connection.execute(again, []).is_err(), "empty for good");
}

#[tokio::test]
async fn more_shops_than_stay_open_are_served() {
    let here = Here::new();
    let storage = here.open().await;
    let mut shops = Vec::new();
    for _ in 0..super::MAX_OPEN + 3 {
        let id = ShopId::from_parts(1, random());
        let row = ShopRow {
            id,
            name: "shop".to_owned(),
            created: redtag_protocol::stamp::Stamp(1),
        };
        storage.shop_create(row).await.unwrap();
        shops.push(id);
    }
    assert_eq!(storage.shelf().open.len(), super::MAX_OPEN);
    for shop in shops {
        storage.head(shop).await.unwrap();
    }
    assert_eq!(storage.shelf().open.len(), super::MAX_OPEN);
}

#[test]
fn a_directory_is_served_by_one() {
    let dir = TempDir::new().unwrap();
    let held = ServeLock::take(dir.path()).unwrap();
    let refused = ServeLock::take(dir.path()).unwrap_err();
    assert!(matches!(refused, AlreadyServed::By(_)));
    drop(held);
    ServeLock::take(dir.path()).unwrap();
}

#[tokio::test]
async fn two_processes_write_side_by_side() {
    let here = Here::new();
    let shop = here.shop().await;
    let (server, operator) = (here.open().await, here.open().await);
    let (server, operator) = (Arc::new(server), Arc::new(operator));
    let writes = [server.clone(), operator].map(|storage| {
        tokio::spawn(async move {
            for _ in 0..10 {
                let transaction = storage.begin(shop).await.unwrap();
                let mut head = transaction.head();
                head.ticket += 1;
                transaction.commit(head).await.unwrap();
            }
        })
    });
    for write in writes {
        write.await.unwrap();
    }
    assert_eq!(server.head(shop).await.unwrap().ticket, 20);
}

/// A shop's file as the release before left it, with work in progress inside.
fn older(path: &std::path::Path, key: &crate::storage::ShopKey, shop: ShopId) {
    let file = open::open(path, key, open::Purpose::Write).unwrap();
    let first = include_str!("../../../migrations/shop/V1__begin.sql");
    file.execute_batch(first).unwrap();
    file.pragma_update(None, "application_id", i32::from_be_bytes(*b"RtSh"))
        .unwrap();
    file.pragma_update(None, "user_version", 1).unwrap();
    let ids = "00000000-0000-7000-8000-0000000000";
    let bodies = [
        (
            "inspection",
            format!(
                "{{\"state\":{{\"v\":\"draft\"}},\"vehicle\":\"{ids}aa\",\
                 \"customer\":{{\"v\":\"{ids}bb\"}}}}"
            ),
        ),
        (
            "inspection",
            format!("{{\"state\":{{\"v\":\"void\"}},\"vehicle\":\"{ids}aa\"}}"),
        ),
        ("inspection", "not JSON at all".to_owned()),
        ("customer", "{\"state\":{\"v\":\"draft\"}}".to_owned()),
    ];
    file.execute(
        "INSERT INTO head VALUES (?1, 4, ?2, 0, 0)",
        rusqlite::params![shop.as_bytes(), [7_u8; 32]],
    )
    .unwrap();
    for (version, (kind, body)) in (1_u8..).zip(bodies) {
        file.execute(
            "INSERT INTO document VALUES (?1, ?2, ?3, ?4, ?5)",
            rusqlite::params![shop.as_bytes(), kind, [version; 16], version, body],
        )
        .unwrap();
        file.execute(
            "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            rusqlite::params![
                shop.as_bytes(),
                version,
                kind,
                [version; 16],
                [0_u8; 16],
                [7_u8; 32]
            ],
        )
        .unwrap();
    }
}

#[test]
fn a_file_of_the_release_before_is_brought_up_to_date() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("shop.db");
    let (key, shop) = (Zeroizing::new(random()), ShopId::from_parts(1, random()));
    older(&path, &key, shop);
    let mut file = open::open(&path, &key, open::Purpose::Write).unwrap();
    let schema = super::migrate::Schema::Shop(shop);
    super::migrate::migrate(&mut file, schema, &path).unwrap();
    let mut query = file
        .prepare("SELECT version, open, hex(vehicle), hex(customer) FROM document ORDER BY 1")
        .unwrap();
    let rows = query
        .query_map([], |row| {
            let (vehicle, customer): (String, String) = (row.get(2)?, row.get(3)?);
            let last = |id: String| id.get(30..).unwrap_or_default().to_owned();
            Ok((row.get(0)?, row.get(1)?, last(vehicle), last(customer)))
        })
        .unwrap();
    let rows: Vec<(i64, bool, String, String)> = rows.collect::<Result<_, _>>().unwrap();
    let row = |version, open, vehicle: &str, customer: &str| {
        (version, open, vehicle.to_owned(), customer.to_owned())
    };
    let expected = [
        row(1, true, "AA", "BB"),
        row(2, false, "AA", ""),
        row(3, false, "", ""),
        row(4, false, "", ""),
    ];
    assert_eq!(rows, expected);
    drop(query);
    // What was there before is counted with the first thing that is written.
    let (head, tally) = super::shops::head(&file, shop).unwrap();
    assert_eq!((head.seq.0, tally), (4, None));
    let key = redtag_protocol::entity::EntityRef::from_parts(
        redtag_protocol::entity::Kind::Customer,
        [4; 16],
    );
    let (changes, head) = conformance::changes(head, &[(key, "2")]);
    let mut tally = None;
    super::write::write(&file, shop, &changes, &mut tally).unwrap();
    super::shops::set_head(&file, shop, head, tally).unwrap();
    let (_, tally) = super::shops::head(&file, shop).unwrap();
    assert_eq!(tally.unwrap().documents, 4);
    // It is packed now, and what was there before is as it was; both are read.
    let kinds = "SELECT count(*) FILTER (WHERE typeof(body) = 'text'), \
                 count(*) FILTER (WHERE typeof(body) = 'blob') FROM document";
    let kinds = file.query_row(kinds, [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(kinds.unwrap(), (3, 1));
    let inspections = redtag_protocol::entity::Kind::Inspection;
    let read = super::shops::list(&file, shop, inspections).unwrap();
    assert_eq!(&*read[2].body, "not JSON at all");
    let read = super::shops::documents(&file, shop, &[key]).unwrap();
    assert_eq!(read[0].as_ref().unwrap().body, changes.documents[0].body);
    // A program that does not know of the tally moves the head: then nobody has counted.
    file.execute("UPDATE head SET seq = seq + 1", []).unwrap();
    assert_eq!(super::shops::head(&file, shop).unwrap().1, None);
}

#[test]
fn no_text_of_the_stream_scans_a_table_or_sorts() {
    use crate::storage::sql::shop as sql;
    let dir = TempDir::new().unwrap();
    let (file, _) = raw(&dir);
    for text in [
        sql::HEAD,
        sql::HASH_AT,
        sql::EVENTS_AFTER,
        sql::DOCUMENTS_BETWEEN,
        sql::TOMBSTONES_BETWEEN,
        sql::OPEN_BELOW,
        sql::KIND_BELOW,
        sql::OPEN_IDS,
        sql::EVENTS_OF,
        sql::DOCUMENT,
        sql::DOCUMENT_INDEX,
        sql::REFERRED_VEHICLE,
        sql::REFERRED_CUSTOMER,
        sql::TOMBSTONE,
        sql::TOMBSTONES_OLD,
    ] {
        let mut query = file.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let plan = query.raw_query().mapped(|row| row.get(3));
        let plan: Vec<String> = plan.collect::<Result<_, _>>().unwrap();
        assert!(!plan.is_empty());
        for line in plan {
            assert!(!line.contains("SCAN"), "{text}: {line}");
            assert!(!line.contains("TEMP B-TREE"), "{text}: {line}");
        }
    }
    // The partial index is used, and nothing that grows with the shop is walked along.
    let mut query = file
        .prepare(&format!("EXPLAIN QUERY PLAN {}", sql::OPEN_IDS))
        .unwrap();
    let plan: String = query.raw_query().next().unwrap().unwrap().get(3).unwrap();
    assert!(plan.contains("COVERING INDEX document_open"), "{plan}");
}

#[test]
fn a_document_and_what_is_open_are_found_without_searching_the_whole_shop() {
    use crate::storage::sql::shop as sql;

    let mut file = Connection::open_in_memory().unwrap();
    let schema = migrate::Schema::Shop(ShopId::from_parts(1, random()));
    migrate::migrate(&mut file, schema, std::path::Path::new("here")).unwrap();
    for (text, by) in [
        (
            sql::EVENTS_OF,
            "event USING COVERING INDEX event_entity (shop=? AND kind=? AND id=? AND seq>? AND seq<?)",
        ),
        (sql::OPEN_IDS, "document USING COVERING INDEX document_open"),
        (sql::OPEN_BELOW, "document USING INDEX document_open"),
        (sql::KIND_BELOW, "(shop=? AND kind=? AND id<?)"),
    ] {
        let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let steps: Vec<String> = plan
            .raw_query()
            .mapped(|row| row.get(3))
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(steps.iter().any(|it| it.contains(by)), "{text}: {steps:?}");
    }
}
