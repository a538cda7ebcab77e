//! Files that an earlier program left, with work in progress inside.

use std::fs;

use redtag_protocol::{
    entity::EntityRef,
    grade::Condition,
    op::{Refusal, RefusalCode},
    stamp::Seq,
};
use rusqlite::{Connection, params};

use super::*;
use crate::cache::tests::{
    Bench, accepted, device, first_page, me, note, now, point, set, shop, ticket,
};
use redtag_protocol::api::changes::Line;

/// The rows of a cache with schema 1: everything pulled, one operation that was acknowledged and
/// pulled, one that was acknowledged only, a stroke of two that waits, one that was refused.
fn fill_001(conn: &Connection) {
    let (sql, _) = MIGRATIONS[0];
    conn.execute_batch(sql).unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    conn.pragma_update(None, "application_id", APPLICATION)
        .unwrap();
    for line in first_page() {
        let Line::Document(it) = line else { continue };
        conn.execute(
            "INSERT INTO documents VALUES (?1, ?2, ?3, ?4)",
            params![
                it.kind,
                it.id,
                it.version.0.cast_signed(),
                it.body.get().as_bytes()
            ],
        )
        .unwrap();
    }
    let entity = EntityRef::Inspection(ticket(1));
    let payload = serde_json::json!({
        "actor": {"person": {"person": me(), "device": device(), "number": 1}},
        "stamp": now(1).0, "entity": entity, "verdict": "applied", "what": {"what": "created"},
    });
    conn.execute(
        "INSERT INTO events VALUES (7, 'inspection', ?1, '00ff', 'not hex', ?2)",
        params![ticket(1).to_string(), payload.to_string().as_bytes()],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO events VALUES (8, NULL, NULL, '00', 'aa', CAST('{}' AS BLOB))",
        [],
    )
    .unwrap();
    let mut meta = serde_json::json!({
        "identity": {"person": me(), "shop": shop(), "role": "technician", "device": device(),
                     "registered": true, "refresh": "refresh-one", "device_key": vec![9; 32]},
        "counters": {"next": 6, "provisional": 2, "stamp": now(5).0},
        "place": {"cursor": "AAAA", "seq": 10, "level": 10, "offset": -3, "last_sync": 5},
    });
    for (name, value) in meta.as_object_mut().unwrap() {
        conn.execute(
            "INSERT INTO meta VALUES (?1, ?2)",
            params![name, value.to_string().as_bytes()],
        )
        .unwrap();
    }
    let edits = [
        (1_u64, 1, note("tyres.cuts", "pulled"), Some(9)),
        (2, 2, note("tyres.cuts", "acknowledged"), Some(11)),
        (3, 3, set("tyres.wear", Condition::Red), None),
        (4, 3, note("tyres.wear", "worn"), None),
        (5, 5, note("tyres.cuts", "refused"), None),
    ];
    for (number, group, edit, seq) in edits {
        let operation = serde_json::json!({
            "number": number, "group": group, "stamp": now(number).0, "base": 10,
            "schema": 1, "edit": edit,
        });
        let happening = serde_json::json!({
            "actor": {"person": {"person": me(), "device": device(), "number": number}},
            "stamp": now(number).0, "entity": entity, "verdict": "applied",
            "what": {"what": "created"},
        });
        conn.execute(
            "INSERT INTO outbox (device, number, grp, kind, id, bytes, happening, seq, verdict,
                                 acked_at)
             VALUES (?1, ?2, ?3, 'inspection', ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                device().to_string(),
                number.cast_signed(),
                group,
                ticket(1).to_string(),
                operation.to_string().as_bytes(),
                happening.to_string().as_bytes(),
                seq,
                seq.map(|_| "\"applied\""),
                seq,
            ],
        )
        .unwrap();
    }
    let refusal = serde_json::to_vec(&Refusal::new(RefusalCode::NotAllowed, "ask")).unwrap();
    conn.execute(
        "INSERT INTO quarantine SELECT place, device, number, grp, kind, id, bytes, happening, ?1, 3
         FROM outbox WHERE number = 5",
        [refusal],
    )
    .unwrap();
    conn.execute("DELETE FROM outbox WHERE number = 5", [])
        .unwrap();
}

/// A bench whose file was made by the first program.
fn old() -> Bench {
    let mut bench = Bench::empty();
    let conn = &bench.store().conn;
    // Everything of ours out, everything of the first program's in, in the same encrypted file.
    let mut tables = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    drop(tables);
    for name in names {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS {name}"))
            .unwrap();
    }
    fill_001(conn);
    conn.execute_batch("VACUUM").unwrap();
    bench.close();
    bench
}

fn nothing_is_lost(bench: &mut Bench) {
    let key = EntityRef::Inspection(ticket(1));
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    let shown = bench.inspection(1);
    assert_eq!(shown.results[&point("tyres.wear")].note(), Some("worn"));
    assert_eq!(
        shown.results[&point("tyres.cuts")].note(),
        Some("acknowledged")
    );
    let store = bench.store();
    assert_eq!(store.documents().unwrap(), 6);
    assert_eq!(store.pending().unsettled(), (2, 0));
    assert_eq!(store.pending().iter().count(), 3);
    assert_eq!(store.refusals(), 1);
    assert_eq!(store.events(&key).unwrap().len(), 1);
    assert!(store.timeline_whole(&key).unwrap());
    assert_eq!(store.kept().unwrap().len(), 4);
    let meta = store.meta();
    assert_eq!(
        (meta.next, meta.seq, meta.level, meta.offset),
        (6, Seq(10), Seq(10), -3)
    );
    assert_eq!(meta.cursor.as_deref(), Some("AAAA"));
    assert_eq!(meta.refresh.as_deref(), Some("refresh-one"));
    let mut bodies = Vec::new();
    store
        .each_copy(|kind, id, version, body| {
            bodies.push((kind.to_owned(), id.to_owned(), version, body.to_owned()));
        })
        .unwrap();
    let sent = first_page().into_iter().filter_map(|line| match line {
        Line::Document(it) => Some((
            it.kind,
            it.id,
            it.version,
            it.body.get().as_bytes().to_owned(),
        )),
        _ => None,
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort();
    bodies.sort();
    assert_eq!(bodies, sent);
    let mut events = Vec::new();
    store
        .each_event(|seq, hash, _| events.push((seq, hash.to_owned())))
        .unwrap();
    assert_eq!(
        events,
        [(Seq(7), "not hex".to_owned()), (Seq(8), "aa".to_owned())]
    );
}

#[test]
fn the_first_programs_file_is_taken_over_whole() {
    let mut bench = old();
    bench.reopen();
    nothing_is_lost(&mut bench);
    bench.reopen();
    nothing_is_lost(&mut bench);
    // The stroke goes out as it was saved, and what comes is taken.
    assert_eq!(bench.store().batch(500).unwrap().unwrap().count, 2);
    bench.answered(vec![accepted(3, 12), accepted(4, 13)]);
    bench.pull(vec![], 13, false);
    assert_eq!(bench.store().pending().iter().count(), 0);
    assert_eq!(bench.store().kept().unwrap().len(), 4);
}

#[test]
fn a_kill_in_the_middle_of_the_migration_leaves_the_old_file() {
    let bench = old();
    let mut dir = Bench::empty();
    dir.close();
    let conn = crate::cache::open::connect_for_tests(bench.path());
    conn.pragma_update(None, "cache_size", 1).unwrap();
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    run(&conn, 2, &MIGRATIONS[1]).unwrap();
    for entry in fs::read_dir(bench.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, dir.path().join(path.file_name().unwrap())).unwrap();
    }
    drop(conn);
    let _ = fs::remove_file(dir.path().join("cache.db-shm"));
    dir.reopen();
    nothing_is_lost(&mut dir);
}

#[test]
fn a_disk_that_fills_during_the_migration_leaves_the_old_file() {
    let mut bench = old();
    let mut conn = crate::cache::open::connect_for_tests(bench.path());
    let pages: i64 = conn
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        .unwrap();
    let error = migrate(&mut conn).unwrap_err();
    assert!(error.disk_full(), "{error}");
    drop(conn);
    bench.reopen();
    nothing_is_lost(&mut bench);
}
