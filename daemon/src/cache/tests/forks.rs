//! A device id that is in use twice, and a server that has forgotten.

use redtag_protocol::{api::ops::Ending, op::Operation};

use super::*;

fn other() -> DeviceId {
    DeviceId::from_bytes(bytes(44))
}

#[test]
fn a_fork_numbers_anew_what_has_no_outcome() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "sent"), 0);
    bench.answered(vec![accepted(1, 11)]);
    let edits = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.wear", "worn"),
    ];
    bench.store().save(edits, now(1)).unwrap();
    bench.save(note("tyres.cuts", "last"), 2);
    assert_eq!(bench.store().fork(other()).unwrap(), 3);
    bench.reopen();
    let store = bench.store();
    assert_eq!(store.meta().device, other());
    assert!(!store.meta().registered);
    assert_eq!(store.meta().next, 4);
    let ops: Vec<(DeviceId, Operation)> = store
        .pending()
        .iter()
        .filter(|(_, op)| op.stage == Stage::Waiting)
        .map(|(_, op)| (op.device, op.operation.clone()))
        .collect();
    let numbers: Vec<_> = ops.iter().map(|(_, op)| (op.number, op.group)).collect();
    assert_eq!(numbers, [(1, 1), (2, 1), (3, 3)]);
    assert!(ops.iter().all(|(device, _)| *device == other()));
    assert_eq!(ops[0].1.edit, set("tyres.wear", Condition::Red));
    let body = store.batch(500).unwrap().unwrap().body;
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains(&other().to_string())
    );
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
}

#[test]
fn a_gap_sends_acknowledged_operations_again() {
    let mut bench = Bench::filled();
    for at in 0..3 {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
    }
    bench.answered(vec![accepted(1, 11), accepted(2, 12)]);
    bench.pull(vec![], 12, false);
    let answer = Answer {
        outcomes: vec![],
        ending: Some(Ending::Gap { expected: 2 }),
    };
    let decided = bench.store().answered(device(), &answer, Stamp(5)).unwrap();
    assert_eq!(decided.waiting, 2);
    assert_eq!(decided.ending, Some(Ending::Gap { expected: 2 }));
    assert_eq!(bench.store().batch(500).unwrap().unwrap().count, 2);
}

#[test]
fn a_gap_that_cannot_be_filled_begins_another_numbering() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "kept"), 0);
    bench
        .store()
        .conn
        .execute("UPDATE outbox SET number = 7", [])
        .unwrap();
    bench.store().refill().unwrap();
    let answer = Answer {
        outcomes: vec![],
        ending: Some(Ending::Gap { expected: 3 }),
    };
    let decided = bench.store().answered(device(), &answer, Stamp(5)).unwrap();
    assert_eq!(decided.ending, Some(Ending::DeviceForked { at: 3 }));
    assert_eq!(decided.waiting, 1);
}

#[test]
fn a_clones_event_with_our_number_is_not_our_operation() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    let payload = json!({
        "actor": {"person": {"person": me(), "device": device(), "number": 1}},
        "stamp": 5,
        "entity": {"kind": "inspection", "id": ticket(1)},
    });
    let link = redtag_protocol::event::Link {
        seq: Seq(11),
        salt: "00".to_owned(),
        hash: "00".to_owned(),
        payload: RawValue::from_string(payload.to_string()).unwrap(),
        digest: None,
    };
    bench.pull(vec![Line::Event(link)], 11, false);
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
}

#[test]
fn old_acknowledged_operations_go_after_a_month_and_not_before() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "x"), 0);
    bench.answered(vec![accepted(1, 11)]);
    bench.pull(vec![], 11, false);
    let rows = |bench: &mut Bench| -> i64 {
        let sql = "SELECT count(*) FROM outbox";
        bench
            .store()
            .conn
            .query_row(sql, [], |row| row.get(0))
            .unwrap()
    };
    bench.store().tidy(Stamp(5 + outbox::KEEP)).unwrap();
    assert_eq!(rows(&mut bench), 1);
    // By this machine's own clock nothing goes: it may be decades wrong.
    let wall = Stamp(6 + outbox::KEEP);
    bench.store().tidy_daily(wall).unwrap();
    bench.store().correct_clock(Stamp(10), wall);
    bench.store().tidy_daily(wall).unwrap();
    assert_eq!(rows(&mut bench), 1);
    bench.store().correct_clock(Stamp(600 + outbox::KEEP), wall);
    bench.store().tidy_daily(wall).unwrap();
    assert_eq!(rows(&mut bench), 0);
}
