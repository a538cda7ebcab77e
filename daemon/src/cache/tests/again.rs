//! What the line finds out about the queue.

use redtag_protocol::api::ops::Ending;

use super::*;

#[test]
fn what_a_restored_api_has_lost_waits_again_and_is_shown_meanwhile() {
    let mut bench = Bench::filled();
    for at in 0..3 {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
    }
    bench.answered(vec![accepted(1, 11), accepted(2, 12), accepted(3, 13)]);
    bench.pull(vec![], 13, false);
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
    bench.store().doubt().unwrap();
    bench.reopen();
    assert!(!bench.store().meta().registered);
    let found = bench.store().reopen_above(1, &[]).unwrap();
    assert_eq!(found.touched, [EntityRef::Inspection(ticket(1))]);
    assert!(bench.store().meta().registered);
    assert_eq!(bench.store().pending().unsettled(), (2, 0));
    let sent = bench.store().batch(500).unwrap().unwrap();
    assert_eq!(sent.count, 2);
    bench.reopen();
    assert_eq!(bench.store().pending().unsettled(), (2, 0));
    let shown = bench.inspection(1);
    assert_eq!(shown.results[&point("tyres.cuts")].note(), Some("n2"));
}

#[test]
fn what_was_seen_in_another_life_of_the_database_does_not_count_as_seen() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "mine"), 0);
    // The database was put back, and somebody else has written the same field since.
    let mut other = ticket_one();
    let theirs = other.results.entry(point("tyres.cuts")).or_default();
    theirs.note = Some(Register {
        value: Some("theirs".to_owned()),
        writer: api_writer(4),
    });
    let body = serde_json::to_string(&other).unwrap();
    let id = ticket(1).to_string();
    bench.pull(vec![raw("inspection", &id, 5, body)], 10, false);
    let shown = bench.inspection(1);
    let sides = &shown.conflicts["note:tyres.cuts"].sides;
    assert_eq!(sides.len(), 2, "{sides:?}");
}

#[test]
fn an_api_that_has_everything_is_sent_nothing_again() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "x"), 0);
    bench.answered(vec![accepted(1, 11)]);
    bench.store().doubt().unwrap();
    let found = bench.store().reopen_above(1, &[]).unwrap();
    assert_eq!(found.touched, []);
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
    assert!(bench.store().meta().registered);
}

#[test]
fn a_stroke_that_is_too_large_goes_to_quarantine_and_the_rest_gets_other_numbers() {
    let mut bench = Bench::filled();
    let edits = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.wear", "a very long story"),
    ];
    bench.store().save(edits, now(1)).unwrap();
    bench.save(note("tyres.cuts", "short"), 2);
    bench.store().give_up(Stamp(3)).unwrap();
    bench.reopen();
    let kept = bench.store().quarantine(None).unwrap();
    assert_eq!(kept.len(), 2);
    assert!(kept[0].refusal.words.contains("shorter"));
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
    // The API misses the numbers that were given up.
    let answer = redtag_protocol::api::ops::Answer {
        outcomes: vec![],
        ending: Some(Ending::Gap { expected: 1 }),
    };
    let device = bench.store().meta().device;
    let decided = bench.store().answered(device, &answer, Stamp(5)).unwrap();
    assert_eq!(decided.ending, Some(Ending::DeviceForked { at: 1 }));
    let other = DeviceId::from_bytes([9; 16]);
    assert_eq!(bench.store().fork(other).unwrap(), 1);
    bench.answered(vec![accepted(1, 11)]);
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
}

#[test]
fn stamps_go_on_over_a_clock_that_was_set() {
    let mut bench = Bench::filled();
    bench.store().correct_clock(now(1_000).0, now(1_500).0);
    bench.save(note("tyres.cuts", "before"), 2_000);
    let stamp = |bench: &mut Bench| {
        let last = bench.store().pending().iter().last().unwrap();
        last.1.operation.stamp
    };
    let before = stamp(&mut bench);
    // An hour back.
    bench.store().clock_jumped(-3_600_000);
    let behind = Clock(Stamp(now(2_100).0.0 - 3_600_000));
    bench
        .store()
        .save(vec![note("tyres.cuts", "after")], behind)
        .unwrap();
    let after = stamp(&mut bench);
    assert_eq!(after.0 - before.0, 100);
    assert_eq!(bench.store().meta().seq, Seq(10));
}

#[test]
fn only_what_the_api_gives_again_commits_without_waiting_for_the_disk() {
    let mut bench = Bench::filled();
    let synchronous = |store: &Store| -> i64 {
        store
            .conn
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap()
    };
    let (full, normal) = (2, 1);
    let store = bench.store();
    let seen = store.lazily(|store| {
        store.change_meta(|meta| meta.last_sync = Some(Stamp(1)))?;
        Ok(synchronous(store))
    });
    assert_eq!(seen.unwrap(), normal);
    bench.save(note("tyres.cuts", "promised"), 0);
    assert_eq!(synchronous(bench.store()), full);
    // After a fault as well.
    let store = bench.store();
    let fault = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = store.lazily(|store| -> Result<(), CacheError> {
            store.change_meta(|_| {})?;
            panic!("in the middle")
        });
    }));
    assert!(fault.is_err());
    bench.save(note("tyres.cuts", "promised as well"), 1);
    assert_eq!(synchronous(bench.store()), full);
}

#[test]
fn what_was_lost_of_a_former_device_is_numbered_anew_in_the_order_it_was_made() {
    let other = DeviceId::from_bytes(bytes(44));
    let third = DeviceId::from_bytes(bytes(45));
    let mut bench = Bench::filled();
    for at in 0..3 {
        bench.save(note("tyres.cuts", &format!("former {at}")), at);
    }
    bench.answered(vec![accepted(1, 11), accepted(2, 12), accepted(3, 13)]);
    bench.store().fork(other).unwrap();
    bench.save(note("tyres.cuts", "present, lost"), 10);
    bench.answered(vec![accepted(1, 14)]);
    bench.save(note("tyres.cuts", "waits"), 11);
    bench.store().doubt().unwrap();
    assert_eq!(bench.store().former_devices().unwrap(), [device()]);
    let found = bench.store().reopen_above(0, &[(device(), 1)]).unwrap();
    assert!(found.renumber);
    // A crash here asks again.
    bench.reopen();
    assert!(!bench.store().meta().registered);
    bench.store().reopen_above(0, &[(device(), 1)]).unwrap();
    assert_eq!(bench.store().fork(third).unwrap(), 4);
    let waits: Vec<(u64, Edit)> = bench
        .store()
        .pending()
        .iter()
        .filter(|(_, op)| op.stage == Stage::Waiting)
        .map(|(_, op)| (op.operation.number, op.operation.edit.clone()))
        .collect();
    let texts = ["former 1", "former 2", "present, lost", "waits"];
    let expected: Vec<(u64, Edit)> = (1..)
        .zip(texts.map(|text| note("tyres.cuts", text)))
        .collect();
    assert_eq!(waits, expected);
    let found = bench.store().reopen_above(0, &[(device(), 1)]).unwrap();
    assert!(!found.renumber && found.touched.is_empty());
}

#[test]
fn a_database_that_was_put_back_behind_our_back_is_found_by_what_it_does_not_tell() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "told"), 0);
    bench.save(note("tyres.cuts", "lost"), 1);
    bench.answered(vec![accepted(1, 11), accepted(2, 12)]);
    let store = bench.store();
    assert_eq!(store.newest_acked(), Seq(12));
    let page = |to, more| {
        let mut page = Page::default();
        page.push(end(to, more));
        page.prepare(crate::view::Forms::default())
    };
    // The page goes past them without a word.
    assert_eq!(store.missed(&page(13, false), Seq(0)), Some(Seq(12)));
    assert_eq!(store.missed(&page(11, true), Seq(0)), Some(Seq(11)));
    // The shop's head is before them, and they were acknowledged before it was asked for.
    assert_eq!(store.missed(&page(10, false), Seq(12)), Some(Seq(12)));
    // There may be more to come, or they were acknowledged while it was on its way.
    assert_eq!(store.missed(&page(10, true), Seq(12)), None);
    assert_eq!(store.missed(&page(10, false), Seq(10)), None);
}
