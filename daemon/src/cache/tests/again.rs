//! What the line finds out about the queue.

use redtag_protocol::api::ops::Ending;

use redtag_protocol::{api::devices::short, op::Place};

use super::*;

/// What an API says that tells of no digests.
fn held(device: DeviceId, last: u64) -> Held {
    let mut held = Held::ask(device, 1);
    assert!(!held.told(last, &[]));
    held
}

/// What stands under this bench's numbers, from 1 on: its own, or another's.
fn digests(bench: &mut Bench, own: &[bool]) -> Vec<Option<[u8; 8]>> {
    let mut numbered = HashMap::new();
    let each = |it: outbox::Numbered| {
        numbered.insert(it.number, short(&Operation::digest(&it.bytes)));
    };
    outbox::each_of(&bench.store().conn, device(), each).unwrap();
    let all = (1..).zip(own);
    all.map(|(number, own)| Some(if *own { numbered[&number] } else { [7; 8] }))
        .collect()
}

/// What waits, by number.
fn waits(bench: &mut Bench) -> Vec<(u64, Edit)> {
    let pending = bench.store().pending().iter().map(|(_, op)| op);
    pending
        .filter(|op| op.stage == Stage::Waiting)
        .map(|op| (op.operation.number, op.operation.edit.clone()))
        .collect()
}

#[test]
fn what_a_twins_edit_has_taken_the_number_of_is_numbered_anew_and_nothing_else() {
    let other = DeviceId::from_bytes(bytes(44));
    let mut bench = Bench::filled();
    for at in 0..4 {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
    }
    bench.answered(vec![accepted(1, 11), accepted(2, 12), accepted(3, 13)]);
    bench.store().doubt().unwrap();
    // The last has gone out before the question: it was taken, and the answer is not here yet.
    let told = digests(&mut bench, &[true, false, true, true]);
    let mut found = Held::ask(device(), 1);
    assert!(found.told(4, &told[..2]), "there is more to ask for");
    assert!(!found.told(4, &told[2..]));
    let reopened = bench.store().reopen(&[found.clone()]).unwrap();
    assert!(!reopened.renumber, "it would be taken twice");
    assert!(!bench.store().meta().registered, "a crash here asks again");
    bench.save(note("tyres.cuts", "new"), 5);
    assert_eq!(bench.store().batch(500).unwrap().unwrap().count, 1);
    let answer = bench.answered(vec![accepted(4, 15)]);
    assert!(matches!(answer.ending, Some(Ending::DeviceForked { .. })));
    assert_eq!(bench.store().fork(other).unwrap(), 2);
    let again = [
        (1, note("tyres.cuts", "n1")),
        (2, note("tyres.cuts", "new")),
    ];
    assert_eq!(waits(&mut bench), again);
    assert_eq!(bench.store().batch(500).unwrap().unwrap().count, 2);
    // And asked once more, all that is kept under the former id is the API's.
    let found = [held(other, 0), found];
    assert!(!bench.store().reopen(&found).unwrap().renumber);
}

#[test]
fn what_is_numbered_as_the_api_says_is_not_sent_again() {
    let mut bench = Bench::filled();
    for at in 0..3 {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
    }
    bench.answered(vec![accepted(1, 11), accepted(2, 12), accepted(3, 13)]);
    let mut told = digests(&mut bench, &[true, true, true]);
    // An outcome that is forgotten says nothing.
    told[0] = None;
    let mut found = Held::ask(device(), 1);
    found.told(3, &told);
    let found = bench.store().reopen(&[found]).unwrap();
    assert!(!found.renumber && found.touched.is_empty());
    assert_eq!(waits(&mut bench), []);
}

#[test]
fn a_copy_that_is_begun_without_a_cursor_asks_for_what_was_acknowledged() {
    let mut bench = Bench::filled();
    bench.store().begin_anew("for the test").unwrap();
    assert!(!bench.store().begins_blind().unwrap(), "nothing to lose");
    bench.save(note("tyres.cuts", "x"), 0);
    bench.answered(vec![accepted(1, 11)]);
    assert!(bench.store().begins_blind().unwrap());
    bench.pull(first_page(), 11, false);
    assert!(!bench.store().begins_blind().unwrap());
    // Also where a pull has told of it: another database may have come into its place since.
    assert_eq!(bench.store().pending().iter().count(), 0);
    bench.store().begin_anew("for the test").unwrap();
    assert!(bench.store().begins_blind().unwrap());
}

#[test]
fn an_edit_says_where_the_copy_stood_that_its_author_saw() {
    let mut bench = Bench::filled();
    let seen = |bench: &mut Bench, at| {
        bench.save(note("tyres.cuts", &format!("n{at}")), at);
        let (_, op) = bench.store().pending().iter().last().unwrap();
        op.operation.seen.map(|it| it.seq.0)
    };
    assert_eq!(seen(&mut bench, 0), Some(10));
    // Of another copy that is built beside it nobody has seen anything yet.
    bench.store().begin_anew("for the test").unwrap();
    assert_eq!(seen(&mut bench, 1), Some(10));
    bench.pull(first_page(), 20, true);
    bench.reopen();
    assert_eq!(seen(&mut bench, 2), Some(10));
    bench.pull(vec![], 21, false);
    assert_eq!(seen(&mut bench, 3), Some(21));
    let place = Place {
        seq: Seq(21),
        hash: [0; 8],
    };
    let waits = bench.store().pending().iter().last().unwrap().1;
    assert_eq!(waits.operation.seen, Some(place));
}

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
    let found = bench.store().reopen(&[held(device(), 1)]).unwrap();
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
    let found = bench.store().reopen(&[held(device(), 1)]).unwrap();
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
    let asks = bench.store().asks().unwrap();
    assert_eq!(asks, [Held::ask(other, 1), Held::ask(device(), 1)]);
    let lost = [held(other, 0), held(device(), 1)];
    let found = bench.store().reopen(&lost).unwrap();
    assert!(found.renumber);
    // A crash here asks again.
    bench.reopen();
    assert!(!bench.store().meta().registered);
    bench.store().reopen(&lost).unwrap();
    assert_eq!(bench.store().fork(third).unwrap(), 4);
    let texts = ["former 1", "former 2", "present, lost", "waits"];
    let expected: Vec<(u64, Edit)> = (1..)
        .zip(texts.map(|text| note("tyres.cuts", text)))
        .collect();
    assert_eq!(waits(&mut bench), expected);
    let lost = [held(third, 0), held(device(), 1)];
    let found = bench.store().reopen(&lost).unwrap();
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
        page.push(&end(to, more));
        crate::cache::Prepared::from(page)
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
