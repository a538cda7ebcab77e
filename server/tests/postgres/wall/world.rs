//! Shops full of rows, each row with something of its shop in it.

use redtag_server::storage::postgres::{
    Address,
    texts::{Whom, beginning},
};
use tokio_postgres::{Client, Error, error::DbError, types::ToSql};

use crate::ground::Database;

/// A shop whose ids and texts all hold its letter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shop(pub(crate) char);

/// The one that asks.
pub(crate) const ASKING: Shop = Shop('a');
/// The one whose rows are not to be seen.
pub(crate) const OTHER: Shop = Shop('b');

/// An id that nothing has.
pub(crate) const UNKNOWN: &str = "ffffffff-ffff-7fff-8fff-ffffffffffff";

impl Shop {
    /// An id of this shop's: of the shop itself, of what is in it, of who works in it.
    pub(crate) fn id(self, of: &str) -> String {
        let kind = match of {
            "shop" => '0',
            "person" => '1',
            "device" => '2',
            "session" => '3',
            "document" => '4',
            "gone" => '5',
            other => panic!("{other}"),
        };
        let letter = self.0.to_string();
        format!(
            "{}-{}-7{}-8{}-{}{kind}",
            letter.repeat(8),
            letter.repeat(4),
            letter.repeat(3),
            letter.repeat(3),
            letter.repeat(11)
        )
    }

    /// A row in every table of a shop, and what it refers to.
    pub(crate) fn rows(self) -> String {
        let Self(letter) = self;
        let [shop, person, device, session, document, gone] =
            ["shop", "person", "device", "session", "document", "gone"].map(|of| self.id(of));
        format!(
            "INSERT INTO shop VALUES ('{shop}', 'of {letter}', '\\x{letter}{letter}', 1, 1);
             INSERT INTO person VALUES
                 ('{person}', '{letter}@x.example', '{letter}@x.example', 'of {letter}', 'hash', 1);
             INSERT INTO membership VALUES ('{shop}', '{person}');
             INSERT INTO device VALUES ('{shop}', '{device}', '{person}', 'of {letter}', 1);
             INSERT INTO session VALUES
                 ('{shop}', '{session}', '{person}', '{device}', '\\x{letter}{letter}', 7, 1, 1);
             INSERT INTO pass VALUES ('{shop}', '{document}', 'kiosk', '{person}',
                 '\\x{letter}{letter}', 'of {letter}', 'viewer', 1, 9);
             INSERT INTO key_copy VALUES
                 ('{shop}', '{document}', '{person}', '{device}', '\\x{letter}{letter}', 1);
             INSERT INTO head VALUES ('{shop}', 2, '\\x{letter}{letter}', 1, 0);
             INSERT INTO document VALUES
                 ('{shop}', 'customer', '{document}', 1, '{{\"of\":\"{letter}\"}}', 1,
                  '{document}', '{document}');
             INSERT INTO event VALUES
                 ('{shop}', 1, 'customer', '{document}', '\\x{letter}{letter}', '\\x{letter}1'),
                 ('{shop}', 2, 'customer', '{gone}', '\\x{letter}{letter}', '\\x{letter}2');
             INSERT INTO payload VALUES
                 ('{shop}', 1, '{{\"of\":\"{letter}\"}}'), ('{shop}', 2, '{{\"of\":\"{letter}\"}}');
             INSERT INTO outcome VALUES ('{shop}', '{device}', 7, '\\x{letter}{letter}',
                 '{{\"of\":\"{letter}\"}}', 'customer', '{document}', 1);
             INSERT INTO counted VALUES ('{shop}', '{device}', 7);
             INSERT INTO tombstone VALUES ('{shop}', 'customer', '{gone}', 2, 1);"
        )
    }
}

/// A connection as the server makes one.
pub(crate) async fn connect(url: &str) -> Client {
    let address = Address::parse(url, None, None).unwrap();
    let (client, connection) = address.connect().await.unwrap();
    tokio::spawn(connection);
    client
}

/// The app role's connection.
pub(crate) async fn app(database: &Database) -> Client {
    connect(&database.url()).await
}

/// The administrator's, for whom no wall stands.
pub(crate) async fn admin(database: &Database) -> Client {
    let client = connect(&database.cluster.admin_url(&database.name)).await;
    let path = "SET search_path = redtag, pg_temp";
    client.batch_execute(path).await.unwrap();
    client
}

/// For whom a transaction says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Shop,
    Person,
    Session,
    EveryShop,
    Nobody,
}

impl Scope {
    /// Says it in the engine's own words, as the asking shop, in a transaction that has begun.
    pub(crate) async fn say(self, client: &Client) {
        let whom = match self {
            Self::Shop => Whom::Shop(ASKING.id("shop").parse().unwrap()),
            Self::Person => Whom::Person(ASKING.id("person").parse().unwrap()),
            Self::Session => Whom::Session(ASKING.id("session").parse().unwrap()),
            Self::EveryShop => Whom::EveryShop,
            Self::Nobody => Whom::Nobody,
        };
        let mut said = 0;
        for (text, values) in beginning(whom).unwrap() {
            if text.starts_with("BEGIN") {
                continue;
            }
            let values: Vec<_> = values.iter().map(|it| it as &(dyn ToSql + Sync)).collect();
            client.execute(&text, &values).await.unwrap();
            said += 1;
        }
        assert_eq!(said, 1, "all settings at once");
    }
}

/// What the database said.
pub(crate) fn said(error: &Error) -> &DbError {
    error.as_db_error().expect("an answer of the database")
}

/// The tables that hold rows of shops.
pub(crate) async fn tables_of_shops(client: &Client) -> Vec<String> {
    let rows = client
        .query(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'redtag'::regnamespace \
             AND relkind IN ('r', 'p') AND (relname = 'shop' OR EXISTS (SELECT FROM pg_attribute \
                 WHERE attrelid = pg_class.oid AND attname = 'shop' AND NOT attisdropped)) \
             ORDER BY 1",
            &[],
        )
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
