//! What is pulled, and local state on top of it.

use redtag_protocol::{
    api::changes::Gone,
    event::{Actor, Happening, Link, What},
    ipc::{BoardQuery, SyncState},
    op::Verdict,
};

use super::*;

/// Ticket 1 as the API holds it after one answer.
fn answered_by_api(seq: u64, device: DeviceId, number: u64) -> Line {
    let mut it = ticket_one();
    let writer = Writer {
        seq: Some(Seq(seq)),
        device,
        number,
        ..api_writer(seq)
    };
    it.results.entry(point("tyres.wear")).or_default().answer = Some(Register {
        value: Some(PointAnswer::condition(Condition::Red)),
        writer,
    });
    document(&Entity::Inspection(Box::new(it)), seq)
}

/// The body of a document that only a newer program knows.
fn hologram(bench: &mut Bench, id: &str) -> String {
    let mut found = None;
    bench
        .store()
        .each_copy(|kind, at, _, body| {
            if (kind, at) == ("hologram", id) {
                found = Some(String::from_utf8(body.to_vec()).unwrap());
            }
        })
        .unwrap();
    found.unwrap()
}

#[test]
fn a_page_and_its_cursor_come_together_or_not_at_all() {
    let mut bench = Bench::filled();
    let before = bench.store().meta().cursor.clone();
    // The second document breaks the transaction half-way.
    bench
        .store()
        .conn
        .execute_batch(
            "CREATE TRIGGER broken BEFORE INSERT ON documents WHEN NEW.key = 'hologram' || char(0) || 'h-2'
             BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let mut page = Page::default();
    page.push(&raw("hologram", "h-1", 11, r#"{"new":1}"#.to_owned()));
    page.push(&raw("hologram", "h-2", 12, "{}".to_owned()));
    page.push(&end(12, false));
    assert!(bench.store().take(page, Stamp(2)).is_err());
    assert_eq!(bench.store().meta().cursor, before);
    bench.reopen();
    assert_eq!(bench.store().meta().cursor, before);
    assert_eq!(hologram(&mut bench, "h-1"), r#"{"of":"a newer program"}"#);
}

#[test]
fn bodies_are_kept_byte_for_byte() {
    let mut bench = Bench::empty();
    let odd = r#"{ "id":"x",   "unknown": [1, 2.50, "é"] }"#;
    bench.pull(vec![raw("hologram", "x", 1, odd.to_owned())], 1, false);
    assert_eq!(hologram(&mut bench, "x"), odd);
}

#[test]
fn an_own_write_stays_visible_between_acknowledgement_and_pull() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    bench.answered(vec![accepted(1, 12)]);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    let key = EntityRef::Inspection(ticket(1));
    assert_eq!(bench.store().sync(&key), SyncState::Acknowledged);
    bench.reopen();
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    // A page that does not reach it yet.
    bench.pull(vec![], 11, true);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    bench.pull(vec![answered_by_api(12, device(), 1)], 12, false);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    assert_eq!(bench.store().pending().iter().count(), 0);
}

#[test]
fn a_later_word_of_the_api_stands_once_it_is_pulled() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Green), 0);
    bench.answered(vec![accepted(1, 11)]);
    let other = DeviceId::from_bytes(bytes(98));
    bench.pull(vec![answered_by_api(12, other, 4)], 12, false);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
}

#[test]
fn a_deleted_document_is_not_brought_back_by_old_operations() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "x"), 0);
    bench.answered(vec![accepted(1, 11)]);
    let gone = Line::Gone(Gone {
        kind: "inspection".to_owned(),
        id: ticket(1).to_string(),
        version: Seq(12),
        erased: false,
    });
    bench.pull(vec![gone], 12, false);
    let key = EntityRef::Inspection(ticket(1));
    assert!(bench.store().local(&key).unwrap().is_none());
    assert_eq!(bench.store().board().visits(vehicle()), []);
}

#[test]
fn a_local_line_of_the_timeline_gives_way_to_the_apis() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "x"), 0);
    let stamp = bench.store().meta().stamp;
    let key = EntityRef::Inspection(ticket(1));
    let lines = crate::view::timeline(bench.store(), &key).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].seq, lines[0].sync), (None, SyncState::Waiting));
    let happening = Happening {
        actor: Actor::Person {
            person: me(),
            device: device(),
            number: 1,
        },
        stamp,
        accepted: Some(stamp),
        entity: key,
        verdict: Verdict::Applied,
        what: What::Created,
    };
    let link = Link {
        seq: Seq(11),
        salt: "00".to_owned(),
        hash: "00".to_owned(),
        payload: RawValue::from_string(serde_json::to_string(&happening).unwrap()).unwrap(),
        digest: None,
    };
    bench.pull(vec![Line::Event(link)], 11, false);
    let lines = crate::view::timeline(bench.store(), &key).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].seq, Some(Seq(11)));
    // Its outcome has not come: it is sent again until it does.
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
}

#[test]
fn a_reset_fetches_anew_and_leaves_the_outbox() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    let mut page = Page::default();
    assert!(page.push(&Line::Reset));
    let pulled = bench.store().take(page, Stamp(2)).unwrap();
    assert!(pulled.reset && pulled.more);
    // The screen is not empty in between.
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    let without_hologram: Vec<Line> = first_page().into_iter().take(5).collect();
    bench.pull(without_hologram, 3, false);
    assert_eq!(bench.store().documents().unwrap(), 5);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
}

#[test]
fn the_board_counts_and_finds_across_joins() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    let board = bench.store().board();
    let query = |text: &str| BoardQuery {
        text: text.to_owned(),
        limit: 10,
        ..BoardQuery::default()
    };
    let page = board.page(&query("bc-00 BICYC 1042"), me(), &|_| SyncState::Waiting);
    assert_eq!((page.matched, page.total), (1, 1));
    assert_eq!(page.rows[0].counts.red, 1);
    assert_eq!(page.rows[0].mark, "WSBC-0042");
    assert_eq!(
        board
            .page(&query("1042 nothing"), me(), &|_| SyncState::Waiting)
            .matched,
        0
    );
    for name in ["1042", "#1042", "~k7-3", &ticket(1).to_string()] {
        assert_eq!(board.find(name), Some(ticket(1)), "{name}");
    }
    assert_eq!(board.find("1043"), None);
}

#[test]
fn a_template_may_come_after_its_inspections() {
    let mut bench = Bench::empty();
    let mut lines = first_page();
    let template = lines.remove(2);
    bench.pull(lines, 10, true);
    bench.pull(vec![template], 11, false);
    let query = BoardQuery {
        limit: 1,
        ..BoardQuery::default()
    };
    let page = bench
        .store()
        .board()
        .page(&query, me(), &|_| SyncState::Waiting);
    assert_eq!(page.rows[0].counts.total, 2);
}
