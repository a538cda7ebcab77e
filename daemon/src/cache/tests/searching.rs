//! Notes are found, and nobody waits for it.

use redtag_protocol::{
    api::changes::Gone,
    ipc::{BoardQuery, SyncState},
};

use rusqlite::config::DbConfig;

use super::*;

impl Bench {
    /// Looks until nothing is left.
    fn look(&mut self) {
        let store = self.store();
        store.looking.wake();
        while store.unlooked() {
            store.look(&mut || false);
        }
    }

    fn found(&mut self, text: &str) -> u64 {
        let query = BoardQuery {
            text: text.to_owned(),
            limit: 10,
            ..BoardQuery::default()
        };
        self.store().board_page(&query).matched
    }

    /// Pulls ticket 1 with a concern, and ticket 2 without.
    fn concern(&mut self, words: &str, seq: u64) {
        let body = json!({"v": words, "w": api_writer(seq)});
        let mut lines = Vec::new();
        for which in [1, 2] {
            let mut it = serde_json::to_value(ticket_one()).unwrap();
            it["id"] = json!(ticket(which));
            if which == 1 {
                it["concern"] = body.clone();
            }
            let id = ticket(which).to_string();
            lines.push(raw("inspection", &id, seq, it.to_string()));
        }
        self.pull(lines, seq, false);
    }
}

#[test]
fn words_of_notes_are_found_among_those_of_the_board() {
    let mut bench = Bench::filled();
    assert_eq!(bench.found("squeaks"), 0);
    bench.concern("Front brake squeaks, Übler Geruch", 11);
    bench.look();
    assert_eq!(bench.store().indexed(), None);
    for (text, found) in [
        ("squeaks", 1),
        ("sque", 1),
        ("queaks", 0),
        ("BRAKE squ", 1),
        ("bra squeaks", 0),
        ("ubler", 1),
        ("wsbc squeaks", 1),
        ("fr", 0),
        ("wsbc", 2),
        ("front-brake", 1),
        ("brake nothing", 0),
    ] {
        assert_eq!(bench.found(text), found, "{text}");
    }
}

#[test]
fn a_document_that_comes_later_makes_nobody_wait_for_the_search() {
    let mut bench = Bench::filled();
    bench.look();
    let mut it = serde_json::to_value(ticket_one()).unwrap();
    it["id"] = json!(ticket(7));
    it["concern"] = json!({"v": "squeaks", "w": api_writer(11)});
    let id = ticket(7).to_string();
    bench.pull(vec![raw("inspection", &id, 11, it.to_string())], 11, false);
    bench.store().looking.wake();
    assert!(bench.store().unlooked());
    assert_eq!(bench.store().indexed(), None);
    bench.look();
    assert_eq!(bench.found("squeaks"), 1);
}

#[test]
fn a_bay_of_an_engine_is_no_bay_of_the_shop() {
    let mut bench = Bench::filled();
    bench.concern("oil in the engine bay, in stock", 11);
    bench.look();
    for text in ["engine bay oil", "bay oil", "engine bay"] {
        assert_eq!(bench.found(text), 1, "{text}");
    }
}

#[test]
fn nothing_typed_is_a_command_of_the_index() {
    let mut bench = Bench::filled();
    bench.concern("or and not near brake", 11);
    bench.look();
    for text in [
        "\"",
        "\"\"\"",
        "bra*",
        "brake*",
        "NOT",
        "near(",
        "said:brake",
        "^brake",
        "{said}",
        "a\"b\"c",
        "brake OR",
        "-brake",
        "+++",
        "('",
        "\u{0}\u{1}abc",
        "'; DROP TABLE words",
    ] {
        bench.found(text);
    }
    assert_eq!(bench.found("near brake"), 1);
    assert_eq!(bench.found("bra*"), 1);
}

#[test]
fn what_changes_goes_and_comes_back_is_found_as_it_is_now() {
    let mut bench = Bench::filled();
    bench.concern("squeaks", 11);
    bench.look();
    bench.concern("rattles", 12);
    bench.look();
    assert_eq!((bench.found("squeaks"), bench.found("rattles")), (0, 1));
    // What is saved here is found at once, and what it replaces is not.
    bench.save(note("tyres.wear", "perished wall"), 0);
    assert_eq!((bench.found("perished"), bench.found("rattles")), (1, 1));
    bench.save(note("tyres.wear", "fine"), 1);
    assert_eq!(bench.found("perished"), 0);
    let gone = Line::Gone(Gone {
        kind: "inspection".to_owned(),
        id: ticket(2).to_string(),
        version: Seq(13),
        erased: false,
    });
    bench.pull(vec![gone], 13, false);
    bench.look();
    assert_eq!(bench.found("rattles"), 1);
    let left: i64 = bench
        .store()
        .conn
        .query_row("SELECT count(*) FROM changed", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_start_shows_the_same_board_looked_through_or_not() {
    for looked in [false, true] {
        let mut bench = Bench::filled();
        bench.concern("squeaks", 11);
        if looked {
            bench.look();
        }
        let rows = |bench: &mut Bench| {
            let query = BoardQuery {
                limit: 10,
                ..BoardQuery::default()
            };
            let board = bench.store().board();
            board.page(&query, me(), &|_| SyncState::Acknowledged)
        };
        let before = rows(&mut bench);
        bench.reopen();
        assert_eq!(rows(&mut bench), before);
        assert_eq!(bench.store().indexed().is_some(), !looked);
        bench.look();
        assert_eq!(bench.found("squeaks"), 1);
        let stored: i64 = bench
            .store()
            .conn
            .query_row("SELECT count(*) FROM rows", [], |row| row.get(0))
            .unwrap();
        assert_eq!(stored, 3);
    }
}

#[test]
fn rows_of_the_fourth_schema_are_worked_out_anew_with_work_in_progress_inside() {
    let mut bench = Bench::filled();
    bench.concern("squeaks", 11);
    bench.look();
    bench.save(note("tyres.wear", "waits"), 0);
    let rows = |bench: &mut Bench| {
        let query = BoardQuery {
            limit: 10,
            ..BoardQuery::default()
        };
        let board = bench.store().board();
        board.page(&query, me(), &|_| SyncState::Acknowledged)
    };
    let before = rows(&mut bench);
    assert!(before.rows.iter().any(|row| row.touched.is_some()));
    // As the program before left it: its rows begin with another number and do not say who.
    let conn = &bench.store().conn;
    let changed = conn
        .execute(
            "UPDATE rows SET row = CAST(x'01' || substr(row, 2, 20) AS BLOB)",
            [],
        )
        .unwrap();
    assert_eq!(changed, 3);
    conn.pragma_update(None, "user_version", 4).unwrap();
    bench.reopen();
    assert_eq!(rows(&mut bench), before);
    assert_eq!(bench.store().pending().iter().count(), 1);
    assert_eq!(bench.found("waits"), 1);
    bench.look();
    assert_eq!(bench.found("squeaks"), 1);
    bench.reopen();
    assert_eq!(rows(&mut bench), before);
    let conn = &bench.store().conn;
    let stored: i64 = conn
        .query_row(
            "SELECT count(*) FROM rows WHERE substr(row, 1, 1) <> x'01'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(stored, 3);
    let schema: i64 = conn
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(schema, 6);
}

#[test]
fn a_damaged_index_is_made_anew() {
    let mut bench = Bench::filled();
    bench.concern("squeaks", 11);
    bench.look();
    let conn = &bench.store().conn;
    let defend = DbConfig::SQLITE_DBCONFIG_DEFENSIVE;
    conn.set_db_config(defend, false).unwrap();
    conn.execute("UPDATE words_data SET block = x'ffff'", [])
        .unwrap();
    bench.reopen();
    assert_eq!(bench.found("squeaks"), 0);
    assert_eq!(bench.found("wsbc"), 2);
    bench.concern("rattles", 12);
    bench.look();
    assert_eq!(bench.found("rattles"), 1);
}

/// A hundred inspections more, each with a word of its own.
fn many(bench: &mut Bench, seq: u64) {
    let mut lines = Vec::new();
    for which in 0..100 {
        let mut it = serde_json::to_value(ticket_one()).unwrap();
        let id = InspectionId::from_parts(5, [which; 10]).to_string();
        it["id"] = json!(id);
        it["concern"] = json!({"v": format!("grinds word{which:02}x"), "w": api_writer(seq)});
        lines.push(raw("inspection", &id, seq, it.to_string()));
    }
    bench.pull(lines, seq, false);
}

/// Looks until a stroke is open and something of it written.
fn look_into_a_stroke(bench: &mut Bench) {
    let store = bench.store();
    store.looking.wake();
    let mut turns = 0;
    // Reading a hundred takes thirteen bites.
    store.look(&mut || {
        turns += 1;
        turns == 40
    });
    assert!(store.looking.strikes());
}

#[test]
fn who_only_looks_leaves_a_stroke_open() {
    let mut bench = Bench::filled();
    many(&mut bench, 11);
    look_into_a_stroke(&mut bench);
    bench.found("wsbc");
    assert!(bench.store().indexed().is_some());
    assert!(bench.store().looking.strikes());
    bench.look();
    assert!(!bench.store().looking.strikes());
    assert_eq!((bench.found("grinds"), bench.found("word07x")), (100, 1));
}

#[test]
fn who_saves_is_before_the_words_and_they_lose_nothing() {
    let mut bench = Bench::filled();
    many(&mut bench, 11);
    look_into_a_stroke(&mut bench);
    let saved = bench.save(note("tyres.wear", "perished wall"), 0);
    assert!(!bench.store().looking.strikes());
    bench.reopen();
    assert!(
        bench
            .store()
            .pending()
            .place(device(), saved.first)
            .is_some()
    );
    assert_eq!(bench.found("grinds"), 0);
    bench.look();
    assert_eq!((bench.found("grinds"), bench.found("word99x")), (100, 1));
    let written: i64 = bench
        .store()
        .conn
        .query_row("SELECT count(*) FROM words_docsize", [], |row| row.get(0))
        .unwrap();
    assert_eq!(written, 100);
}

#[test]
fn words_come_to_an_end_however_often_somebody_saves() {
    let mut bench = Bench::filled();
    many(&mut bench, 11);
    for at in 0..200 {
        bench.save(note("tyres.wear", "perished wall"), at);
        let store = bench.store();
        store.looking.wake();
        let mut turns = 0;
        store.look(&mut || {
            turns += 1;
            turns == 6
        });
    }
    assert_eq!(bench.store().indexed(), None);
    assert_eq!(bench.found("grinds"), 100);
}

#[test]
fn what_changes_while_its_words_are_written_is_found_as_it_is_then() {
    let mut bench = Bench::filled();
    many(&mut bench, 11);
    look_into_a_stroke(&mut bench);
    let id = InspectionId::from_parts(5, [7; 10]).to_string();
    let mut it = serde_json::to_value(ticket_one()).unwrap();
    it["id"] = json!(id);
    it["concern"] = json!({"v": "hums", "w": api_writer(12)});
    bench.pull(vec![raw("inspection", &id, 12, it.to_string())], 12, false);
    bench.look();
    assert_eq!((bench.found("hums"), bench.found("word07x")), (1, 0));
    assert_eq!(bench.found("grinds"), 99);
}

#[test]
fn segments_are_merged_between_the_strokes() {
    let mut bench = Bench::filled();
    for seq in 0..40 {
        bench.concern(&format!("squeaks word{seq}"), 11 + seq);
        bench.look();
    }
    let segments: i64 = bench
        .store()
        .conn
        .query_row("SELECT count(DISTINCT segid) FROM words_idx", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(segments < 20, "{segments}");
    assert_eq!((bench.found("squeaks"), bench.found("word39")), (1, 1));
}

/// Megabytes of memory of this process that no file stands behind.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon"));
    line.unwrap().split_whitespace().nth(1).unwrap().to_owned()
}

/// Prints times and memory; run in release, with `REDTAG_MEASURE` as the number of inspections.
#[test]
#[ignore = "measures"]
#[expect(
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "it measures, and is run by hand"
)]
fn measure() {
    use std::time::{Duration, Instant};

    use crate::view::corpus::Shop;

    let count = std::env::var("REDTAG_MEASURE").map_or(2_000, |it| it.parse().unwrap());
    let mut made = Shop::new(7);
    let mut bench = Bench::filled();
    let templates = made.templates.clone();
    let templates = templates.iter().map(|it| {
        let entity = Entity::Template(it.clone());
        document(&entity, 11)
    });
    bench.pull(templates.collect(), 11, true);
    let (mut preparing, mut taking) = (Duration::ZERO, Duration::ZERO);
    let mut floor = Vec::new();
    for page in 0..count / 100 {
        let mut lines = Vec::new();
        for _ in 0..100 {
            let (vehicle, body) = made.vehicle();
            lines.push(raw("vehicle", &vehicle, 12, body));
            let (id, body) = made.inspection(0, 24, &vehicle, None);
            if floor.len() < 20_000 {
                let mut said = String::new();
                crate::view::texts(&body, &mut said);
                floor.push(said);
            }
            lines.push(raw("inspection", &id, 12, body));
        }
        lines.push(end(12 + page, (page + 1) * 100 < count));
        let forms = bench.store().board().forms().clone();
        let began = Instant::now();
        let mut taken = Page::after(forms);
        for line in &lines {
            taken.push(line);
        }
        let prepared = Prepared::from(taken);
        preparing += began.elapsed();
        let began = Instant::now();
        bench
            .store()
            .lazily(|store| store.take(prepared, Stamp(1)))
            .unwrap();
        taking += began.elapsed();
    }
    let all = u32::try_from(count).unwrap();
    eprintln!(
        "per inspection with its vehicle: preparing {:?}, taking {:?}",
        preparing / all,
        taking / all
    );
    eprintln!("memory {} kB", memory());
    // Somebody comes now and then to save, and waits until the file is free.
    let (mut waited, began) = (Vec::new(), Instant::now());
    let store = bench.store();
    store.looking.wake();
    while store.unlooked() {
        let until = Instant::now() + Duration::from_millis(made.draw.below(200));
        let mut came = None;
        store.look(&mut || {
            let now = Instant::now();
            came = (now > until).then_some(until);
            came.is_some()
        });
        store.make_way();
        waited.extend(came.map(|came| came.elapsed()));
    }
    let took = began.elapsed() / all;
    waited.sort_unstable();
    let at = |percent: usize| waited.get(waited.len() * percent / 100);
    eprintln!(
        "looked through: {took:?} an inspection; of {} who came half waited {:?}, 99 of 100 {:?}",
        waited.len(),
        at(50),
        at(99)
    );
    let conn = &store.conn;
    conn.execute_batch(
        "CREATE VIRTUAL TABLE floor USING fts5 (said, content = '', contentless_delete = 1,
         detail = 'none', tokenize = 'unicode61 remove_diacritics 2')",
    )
    .unwrap();
    let began = Instant::now();
    for (page, texts) in floor.chunks(500).enumerate() {
        let tx = conn.unchecked_transaction().unwrap();
        for (at, said) in texts.iter().enumerate() {
            tx.execute(
                "INSERT INTO floor (rowid, said) VALUES (?1, ?2)",
                (i64::try_from(page * 500 + at).unwrap(), said),
            )
            .unwrap();
        }
        tx.commit().unwrap();
    }
    let took = began.elapsed() / u32::try_from(floor.len()).unwrap();
    eprintln!(
        "the index alone, {} inspections: {took:?} each",
        floor.len()
    );
    for text in ["oil", "ke", "brake soon", "toyota oil", "nothinglikeit"] {
        let began = Instant::now();
        let found = bench.found(text);
        eprintln!("{text}: {found} in {:?}", began.elapsed());
    }
    eprintln!("memory {} kB", memory());
    drop(floor);
    bench.close();
    let began = Instant::now();
    bench.reopen();
    eprintln!("a start: {:?}, memory {} kB", began.elapsed(), memory());
}
