//! Every statement, against the real schema and as the app role.

use redtag_server::storage::postgres::texts;

use super::{Case, ground::Database, on_database};

pub(super) fn cases() -> Vec<Case> {
    vec![
        on_database("every_text_is_understood", every_text_is_understood),
        on_database("every_text_is_granted", every_text_is_granted),
    ]
}

/// A text that only the embedded engine understands, or that names what is not in the schema.
async fn every_text_is_understood(database: Database) {
    let (client, connection) = database.address().connect().await.unwrap();
    let connection = tokio::spawn(connection);
    let all = texts::all();
    assert!(all.len() > 40, "{}", all.len());
    for (name, text) in all {
        let prepared = client.prepare(&text).await;
        assert!(prepared.is_ok(), "{name}: {text}: {prepared:?}");
        let numbers = (1..).take_while(|it| text.contains(&format!("${it}")));
        let numbers = numbers.count();
        assert_eq!(prepared.unwrap().params().len(), numbers, "{name}: {text}");
    }
    drop(client);
    connection.await.unwrap().unwrap();
}

/// A text that the app role may not run: privileges are looked at when it runs, so each is planned
/// with nothing in its place, which finds no row.
async fn every_text_is_granted(database: Database) {
    let (client, connection) = database.address().connect().await.unwrap();
    let connection = tokio::spawn(connection);
    for (name, text) in texts::all() {
        let is_query = ["SELECT", "INSERT", "UPDATE", "DELETE"]
            .iter()
            .any(|verb| text.starts_with(verb));
        if !is_query || name == "SETTINGS" {
            continue;
        }
        let parameters = client.prepare(&text).await.unwrap().params().len();
        let nothing = vec!["NULL"; parameters].join(", ");
        let values = match parameters {
            0 => String::new(),
            _ => format!("({nothing})"),
        };
        let explained = client
            .batch_execute(&format!(
                "PREPARE it AS {text}; EXPLAIN EXECUTE it{values}; DEALLOCATE it"
            ))
            .await;
        assert!(explained.is_ok(), "{name}: {text}: {explained:?}");
    }
    drop(client);
    connection.await.unwrap().unwrap();
}
