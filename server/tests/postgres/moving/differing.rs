//! Whatever is not the same on both sides is found before the move ends.

use std::{ops::ControlFlow, sync::Arc};

use redtag_server::storage::{
    StorageError,
    transfer::{
        MoveError, Step,
        table::{EVERYONES, META, SHOPS},
    },
};

use super::{Database, go, source::Source, try_open, whole};

/// What is done to the moved data behind its back, and undone: the table that must be named, whether
/// the second shop must be named too, and the statements.
const DEEDS: &[(&str, bool, &str, &str)] = &[
    (
        "event",
        true,
        "UPDATE event SET salt = set_byte(salt, 3, get_byte(salt, 3) # 1) WHERE shop = 'SHOP' AND seq = 2",
        "UPDATE event SET salt = set_byte(salt, 3, get_byte(salt, 3) # 1) WHERE shop = 'SHOP' AND seq = 2",
    ),
    (
        "payload",
        true,
        "UPDATE payload SET body = body || ' ' WHERE shop = 'SHOP' AND seq = 1",
        "UPDATE payload SET body = rtrim(body, ' ') WHERE shop = 'SHOP' AND seq = 1",
    ),
    (
        "document",
        true,
        "UPDATE document SET body = body || ' ' WHERE shop = 'SHOP' AND version = (SELECT max(version) FROM document WHERE shop = 'SHOP')",
        "UPDATE document SET body = rtrim(body, ' ') WHERE shop = 'SHOP'",
    ),
    (
        "session",
        true,
        "UPDATE session SET ended = 0 WHERE ended IS NULL AND generation = 3",
        "UPDATE session SET ended = NULL WHERE ended = 0",
    ),
    (
        "pairing",
        false,
        "UPDATE pairing SET pause = pause + 1",
        "UPDATE pairing SET pause = pause - 1",
    ),
    (
        "tombstone",
        true,
        "CREATE TABLE public.gone AS SELECT * FROM tombstone WHERE version = (SELECT max(version) FROM tombstone); DELETE FROM tombstone WHERE version = (SELECT version FROM public.gone)",
        "INSERT INTO tombstone SELECT * FROM public.gone; DROP TABLE public.gone",
    ),
    (
        "counted",
        true,
        "INSERT INTO counted (shop, device, last) VALUES ('SHOP', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 1)",
        "DELETE FROM counted WHERE device = 'ffffffff-ffff-ffff-ffff-ffffffffffff'",
    ),
    (
        "outcome",
        true,
        "UPDATE outcome SET refused_kind = NULL, refused_id = NULL, at = at - 1 WHERE shop = 'SHOP' AND number = 1",
        "UPDATE outcome SET at = at + 1 WHERE shop = 'SHOP' AND number = 1",
    ),
    (
        "head",
        true,
        "UPDATE head SET ticket = ticket + 1 WHERE shop = 'SHOP'",
        "UPDATE head SET ticket = ticket - 1 WHERE shop = 'SHOP'",
    ),
    (
        "shop",
        true,
        "UPDATE shop SET wrapped_key = wrapped_key || '\\x00' WHERE id = 'SHOP'",
        "UPDATE shop SET wrapped_key = substr(wrapped_key, 1, length(wrapped_key) - 1) WHERE id = 'SHOP'",
    ),
    (
        "shop",
        false,
        "INSERT INTO shop (id, name, wrapped_key, created) VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', 'odd', '', 0)",
        "DELETE FROM shop WHERE id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'",
    ),
    (
        "person",
        false,
        "UPDATE person SET password = password || ' ' WHERE email_key = 'zoe@example.com'",
        "UPDATE person SET password = rtrim(password, ' ')",
    ),
    (
        "membership",
        true,
        "CREATE TABLE public.gone AS SELECT * FROM membership WHERE shop = 'SHOP'; DELETE FROM membership WHERE shop = 'SHOP'",
        "INSERT INTO membership SELECT * FROM public.gone; DROP TABLE public.gone",
    ),
    (
        "device",
        true,
        "UPDATE device SET name = name || ' ' WHERE shop = 'SHOP'",
        "UPDATE device SET name = rtrim(name, ' ') WHERE shop = 'SHOP'",
    ),
    (
        "second_factor",
        false,
        "UPDATE second_factor SET step = step + 1",
        "UPDATE second_factor SET step = step - 1",
    ),
    (
        "identity",
        false,
        "UPDATE identity SET subject = subject || ' '",
        "UPDATE identity SET subject = rtrim(subject, ' ')",
    ),
    (
        "pass",
        true,
        "UPDATE pass SET expires = expires + 1 WHERE shop = 'SHOP'",
        "UPDATE pass SET expires = expires - 1 WHERE shop = 'SHOP'",
    ),
    (
        "key_copy",
        true,
        "UPDATE key_copy SET wrapped = set_byte(wrapped, 3, get_byte(wrapped, 3) # 1)",
        "UPDATE key_copy SET wrapped = set_byte(wrapped, 3, get_byte(wrapped, 3) # 1)",
    ),
    (
        "secret",
        false,
        "UPDATE secret SET created = created + 1 WHERE name = 'alpha'",
        "UPDATE secret SET created = created - 1 WHERE name = 'alpha'",
    ),
    (
        "meta",
        false,
        "UPDATE meta SET epoch = epoch + 1",
        "UPDATE meta SET epoch = epoch - 1",
    ),
];

pub(super) async fn found(database: Database) {
    for table in [&META].into_iter().chain(EVERYONES).chain(SHOPS) {
        let altered = DEEDS.iter().any(|it| it.0 == table.name);
        assert!(altered, "{} is altered by no deed", table.name);
    }
    let database = Arc::new(database);
    let source = Source::small(&database).await;
    let shop = source.second.to_string();
    // As one whom neither wall nor triggers stop.
    let tamper = |statement: &str| {
        let statement = statement.replace("SHOP", &shop);
        database.sql(&format!(
            "SET session_replication_role = replica; {statement}"
        ));
    };
    for (table, names_shop, deed, undone) in DEEDS {
        let alone = source.alone().await;
        let done = go(&alone, &database, |step| {
            if let Step::Copied = step {
                tamper(deed);
            }
            ControlFlow::Continue(())
        });
        let refused = done.await.unwrap_err();
        let words = refused.to_string();
        let named = matches!(&refused, MoveError::Differs { table: it, .. } if it == table);
        assert!(
            named && words.contains(&shop) == *names_shop,
            "{deed}: {words}"
        );
        drop(alone);
        source.open().await.unwrap();
        let arriving = try_open(&database).await;
        assert!(matches!(arriving, Err(StorageError::Arriving)));
        tamper(undone);
    }
    whole(&source.alone().await, &database).await.unwrap();
    database.open().await;
}
