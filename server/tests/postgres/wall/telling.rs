//! What a refusal tells: nothing of another shop. Uniqueness and references are checked past the
//! wall, so the keys themselves must not reach over it.

use tokio_postgres::{Client, Error};

use super::{
    queries::{all, bind},
    world::{self, ASKING, OTHER, Scope, UNKNOWN, said},
};
use crate::ground::Database;

/// Everything that a client is told.
type Told = Result<u64, Vec<String>>;

fn told(error: &Error) -> Vec<String> {
    let it = said(error);
    let text = |it: Option<&str>| it.unwrap_or_default().to_owned();
    vec![
        it.code().code().to_owned(),
        it.message().to_owned(),
        text(it.detail()),
        text(it.hint()),
        text(it.constraint()),
        text(it.table()),
    ]
}

/// A database where the other shop has the same keys, and one where it is not: each insertion of the
/// server is answered in the same words, the first time and again.
pub(super) async fn keys(database: Database) {
    let alone = Database::fresh().await;
    let (shop, other) = (ASKING.id("shop"), OTHER.id("shop"));
    let (person, document) = (OTHER.id("person"), OTHER.id("document"));
    // Persons are of no shop.
    let person = format!(
        "INSERT INTO person VALUES ('{person}', 'b@x.example', 'b@x.example', 'of b', 'hash', 1);"
    );
    alone.sql(&(ASKING.rows() + &person));
    database.sql(&(ASKING.rows() + &OTHER.rows()));
    // The other shop is further: its event 3 must not pass for the asking one's.
    database.sql(&format!(
        "INSERT INTO event VALUES ('{other}', 3, 'customer', '{document}', '\\xbb', '\\xb3')"
    ));
    let (here, there) = (world::app(&database).await, world::app(&alone).await);
    let mut asked = 0;
    for (name, text) in all() {
        // The id of a shop is the shop.
        if !text.starts_with("INSERT") || text.starts_with("INSERT INTO shop ") {
            continue;
        }
        let with_other = twice(&here, text, &shop).await;
        let without = twice(&there, text, &shop).await;
        assert_eq!(with_other, without, "{name}");
        let whole = format!("{with_other:?}");
        assert!(!whole.contains(&other), "{name}: {whole}");
        if name == "PAYLOAD_ADD" {
            assert!(
                whole.contains("23503"),
                "{name} refers to an event: {whole}"
            );
        }
        asked += 1;
    }
    assert!(asked >= 19, "{asked} insertions are not all there are");
}

/// Inserts in the asking shop what has the other one's keys.
async fn twice(client: &Client, text: &str, shop: &str) -> [Told; 2] {
    let (numbered, mut values) = bind(text, OTHER);
    for (name, value) in &mut values.0 {
        match &**name {
            "shop" => shop.clone_into(value),
            "seq" => "3".clone_into(value),
            _ => {}
        }
    }
    let statement = client.prepare(&numbered).await.unwrap();
    let values = values.of(statement.params());
    let values: Vec<_> = values.iter().map(|it| &**it as _).collect();
    client.batch_execute("BEGIN").await.unwrap();
    Scope::Shop.say(client).await;
    client.batch_execute("SAVEPOINT first").await.unwrap();
    let first = client.execute(&statement, &values).await;
    if first.is_err() {
        let back = "ROLLBACK TO first";
        client.batch_execute(back).await.unwrap();
    }
    let second = client.execute(&statement, &values).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    [first, second].map(|it| it.map_err(|error| told(&error)))
}

/// Whether another shop is there is not told either.
pub(super) async fn references(database: Database) {
    database.sql(&(ASKING.rows() + &OTHER.rows()));
    let app = world::app(&database).await;
    let (person, device) = (ASKING.id("person"), ASKING.id("device"));
    let insertions = [
        "INSERT INTO membership (shop, person) VALUES ($1::text::uuid, $2::text::uuid)",
        "INSERT INTO device (shop, person, id, name, created) \
         VALUES ($1::text::uuid, $2::text::uuid, $3::text::uuid, '', 1)",
        "INSERT INTO head (shop, seq, hash, ticket) VALUES ($1::text::uuid, 0, '', 0)",
        "INSERT INTO payload (shop, seq, body) VALUES ($1::text::uuid, 1, '')",
    ];
    for text in insertions {
        let mut answers = Vec::new();
        for shop in [OTHER.id("shop"), UNKNOWN.to_owned()] {
            let statement = app.prepare(text).await.unwrap();
            let all: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&shop, &person, &device];
            let values = &all[..statement.params().len()];
            app.batch_execute("BEGIN").await.unwrap();
            Scope::Shop.say(&app).await;
            let refused = app.execute(&statement, values).await.unwrap_err();
            answers.push(told(&refused));
            app.batch_execute("ROLLBACK").await.unwrap();
        }
        assert_eq!(answers[0][0], "42501", "{text}");
        assert_eq!(answers[0], answers[1], "{text}");
    }
}
