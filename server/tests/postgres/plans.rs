//! What the stream asks for is found by an index, however large the shop.

use redtag_server::storage::postgres::texts;

use super::{Case, ground::Database, on_database};

pub(super) fn cases() -> Vec<Case> {
    vec![on_database("no_text_of_the_stream_scans_a_table", scans)]
}

/// What a bench's pull, copy and timeline ask.
const STREAM: [&str; 13] = [
    "HEAD",
    "HASH_AT",
    "EVENTS_AFTER",
    "DOCUMENTS_BETWEEN",
    "TOMBSTONES_BETWEEN",
    "OPEN_BELOW",
    "KIND_BELOW",
    "OPEN_IDS",
    "EVENTS_OF",
    "DOCUMENT",
    "REFERRED_VEHICLE",
    "REFERRED_CUSTOMER",
    "TOMBSTONE",
];

async fn scans(database: Database) {
    // Two shops, so that the shop alone tells little; one inspection in a hundred is open.
    database.sql(
        "INSERT INTO shop SELECT md5('s' || n)::uuid, 'A', '', 1, 1 FROM generate_series(1, 2) AS n;
         INSERT INTO head SELECT md5('s' || n)::uuid, 20000, '', 1, 0 FROM generate_series(1, 2) AS n;
         INSERT INTO document SELECT md5('s' || s)::uuid, 'inspection', md5(s || 'd' || n)::uuid, n,
             '{}', CASE WHEN n % 100 = 0 THEN 1 ELSE 0 END, md5('v' || n % 500)::uuid,
             md5('c' || n % 500)::uuid
         FROM generate_series(1, 2) AS s, generate_series(1, 20000) AS n;
         INSERT INTO event SELECT md5('s' || s)::uuid, n, 'inspection', md5(s || 'd' || n)::uuid, '', ''
         FROM generate_series(1, 2) AS s, generate_series(1, 20000) AS n;
         INSERT INTO payload SELECT shop, seq, '{}' FROM event;
         INSERT INTO tombstone SELECT md5('s' || s)::uuid, 'customer', md5(s || 't' || n)::uuid, n, 1
         FROM generate_series(1, 2) AS s, generate_series(1, 20000) AS n;
         ANALYZE",
    );
    let (client, connection) = database.address().connect().await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute("BEGIN").await.unwrap();
    let shop = "SELECT set_config('app.shop_id', md5('s1')::uuid::text, true)";
    client.batch_execute(shop).await.unwrap();
    let all = texts::all();
    for name in STREAM {
        let (_, text) = all.iter().find(|(it, _)| *it == name).unwrap();
        let text = match name {
            // In the order of the names in the text.
            "HEAD" => bind(text, &["md5('s1')::uuid"]),
            "HASH_AT" => bind(text, &["md5('s1')::uuid", "5"]),
            "EVENTS_AFTER" | "DOCUMENTS_BETWEEN" | "TOMBSTONES_BETWEEN" => {
                bind(text, &["md5('s1')::uuid", "19900", "20000"])
            }
            "OPEN_BELOW" => bind(text, &["20000", "md5('s1')::uuid", "md5('x')::uuid", "64"]),
            "KIND_BELOW" => bind(
                text,
                &[
                    "20000",
                    "md5('s1')::uuid",
                    "'inspection'",
                    "md5('x')::uuid",
                    "64",
                ],
            ),
            "OPEN_IDS" => bind(text, &["md5('s1')::uuid", "md5('x')::uuid", "64"]),
            "EVENTS_OF" => bind(
                text,
                &[
                    "md5('s1')::uuid",
                    "'inspection'",
                    "md5('1d9')::uuid",
                    "0",
                    "20000",
                    "9",
                ],
            ),
            "REFERRED_VEHICLE" | "REFERRED_CUSTOMER" => {
                bind(text, &["md5('s1')::uuid", "md5('v9')::uuid"])
            }
            _ => bind(
                text,
                &["md5('s1')::uuid", "'inspection'", "md5('1d9')::uuid"],
            ),
        };
        let plan = client.query(&format!("EXPLAIN {text}"), &[]).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        // One row for each shop: the table is a page.
        let small = name == "HEAD";
        let scans = plan.iter().any(|line| line.contains("Seq Scan"));
        assert!(small || !scans, "{name}: {plan:#?}");
        let sorts = plan.iter().any(|line| line.contains("Sort"));
        assert!(!sorts, "{name}: {plan:#?}");
    }
    drop(client);
    connection.await.unwrap().unwrap();
}

/// Values for numbers.
fn bind(text: &str, values: &[&str]) -> String {
    let each = values.iter().enumerate();
    each.fold(text.to_owned(), |text, (at, value)| {
        text.replace(&format!("${}", at + 1), value)
    })
}
