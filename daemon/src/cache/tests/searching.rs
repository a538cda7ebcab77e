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
            store.look();
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
