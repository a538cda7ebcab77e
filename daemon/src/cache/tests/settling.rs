//! What there is to settle, what is taken back, and what leaves the cache as a text.

use redtag_protocol::{
    ipc::{Choice, ConflictSort, FailureCode, SyncState},
    op::{PLACES, Refusal, RefusalCode},
    vehicle::VehicleKind,
};

use super::*;
use crate::view;

/// Ticket 1 with an answer of another bench that this one had not seen when it wrote its own.
fn disputed() -> Bench {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Green), 0);
    let mut it = ticket_one();
    it.results.entry(point("tyres.wear")).or_default().answer = Some(Register {
        value: Some(PointAnswer::condition(Condition::Red)),
        writer: api_writer(11),
    });
    let line = document(&Entity::Inspection(Box::new(it)), 11);
    bench.pull(vec![line], 11, false);
    bench
}

#[test]
fn both_sides_of_a_conflict_are_listed_and_settling_names_them() {
    let mut bench = disputed();
    let key = EntityRef::Inspection(ticket(1));
    let found = view::conflicts(bench.store(), None).unwrap();
    assert_eq!(found.len(), 1);
    let it = &found[0];
    assert_eq!((it.entity, it.sort), (key, ConflictSort::Field));
    assert_eq!(
        (it.label.as_str(), it.title.as_str()),
        ("#1042", "Wear: answer")
    );
    assert_eq!(it.sides.len(), 2);
    assert!(it.sides[0].shown && !it.sides[0].own);
    assert_eq!(
        (it.sides[0].words.as_str(), it.sides[0].who.as_str()),
        ("red", "Ada")
    );
    assert!(!it.sides[1].shown && it.sides[1].own);
    assert_eq!(it.sides[1].seq, None);
    let own = Choice::Side(it.sides[1].op);
    let field = it.field.clone();
    bench.store().settle(&key, &field, own, now(5)).unwrap();
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Green));
    assert_eq!(view::conflicts(bench.store(), None).unwrap(), []);
    let again = bench.store().settle(&key, &field, own, now(6)).unwrap_err();
    assert_eq!(again.code, FailureCode::NotFound);
    bench.reopen();
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Green));
}

fn wear(bench: &mut Bench) -> Option<Condition> {
    bench.condition("tyres.wear")
}

#[test]
fn the_last_stroke_is_taken_back_and_done_again() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Yellow), 0);
    let stroke = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.wear", "worn"),
    ];
    bench.store().save(stroke, now(1)).unwrap();
    let back = bench.store().undo(ticket(1), None, now(2)).unwrap();
    assert_eq!((back.first, back.last), (4, 5));
    assert_eq!(wear(&mut bench), Some(Condition::Yellow));
    let shown = bench.inspection(1);
    assert_eq!(shown.results[&point("tyres.wear")].note(), None);
    bench.store().redo(ticket(1), now(3)).unwrap();
    assert_eq!(wear(&mut bench), Some(Condition::Red));
    bench.reopen();
    assert_eq!(wear(&mut bench), Some(Condition::Red));
    // By its number, what took something back is taken back itself.
    bench
        .store()
        .undo(ticket(1), Some(back.first), now(4))
        .unwrap_err();
}

#[test]
fn one_goes_back_stroke_by_stroke_and_forward_again() {
    let mut bench = Bench::filled();
    let steps = [Condition::Green, Condition::Yellow, Condition::Red];
    for (at, condition) in (1..).zip(steps) {
        bench
            .store()
            .save(vec![set("tyres.wear", condition)], now(at))
            .unwrap();
    }
    let mut at = 10;
    let mut back = |bench: &mut Bench| {
        at += 1;
        bench.store().undo(ticket(1), None, now(at)).map(|_| ())
    };
    back(&mut bench).unwrap();
    assert_eq!(wear(&mut bench), Some(Condition::Yellow));
    back(&mut bench).unwrap();
    assert_eq!(wear(&mut bench), Some(Condition::Green));
    bench.reopen();
    back(&mut bench).unwrap();
    assert_eq!(wear(&mut bench), None);
    assert_eq!(back(&mut bench).unwrap_err().code, FailureCode::NotFound);
    for (at, condition) in (20..).zip(steps) {
        bench.store().redo(ticket(1), now(at)).unwrap();
        assert_eq!(wear(&mut bench), Some(condition));
    }
    let none = bench.store().redo(ticket(1), now(30)).unwrap_err();
    assert_eq!(none.code, FailureCode::NotFound);
    // And back once more, after having gone forward.
    back(&mut bench).unwrap();
    assert_eq!(wear(&mut bench), Some(Condition::Yellow));
}

#[test]
fn what_was_taken_back_is_not_done_again_over_something_new() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    bench.store().undo(ticket(1), None, now(1)).unwrap();
    bench.save(set("tyres.wear", Condition::Green), 2);
    let none = bench.store().redo(ticket(1), now(3)).unwrap_err();
    assert_eq!(none.code, FailureCode::NotFound);
    assert_eq!(wear(&mut bench), Some(Condition::Green));
}

#[test]
fn what_was_sent_is_taken_back_as_well_and_what_another_wrote_over_is_not() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    bench.answered(vec![accepted(1, 11)]);
    let mut it = ticket_one();
    let writer = Writer {
        seq: Some(Seq(11)),
        device: device(),
        number: 1,
        ..api_writer(11)
    };
    let answer = |condition, writer| {
        Some(Register {
            value: Some(PointAnswer::condition(condition)),
            writer,
        })
    };
    it.results.entry(point("tyres.wear")).or_default().answer = answer(Condition::Red, writer);
    let line = document(&Entity::Inspection(Box::new(it.clone())), 11);
    bench.pull(vec![line], 11, false);
    bench.store().undo(ticket(1), Some(1), now(2)).unwrap();
    assert_eq!(wear(&mut bench), None);
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    bench.answered(vec![accepted(1, 11)]);
    it.results.entry(point("tyres.wear")).or_default().answer =
        answer(Condition::Green, api_writer(12));
    let line = document(&Entity::Inspection(Box::new(it)), 12);
    bench.pull(vec![line], 12, false);
    let none = bench.store().undo(ticket(1), None, now(2)).unwrap_err();
    assert_eq!(none.code, FailureCode::NotFound);
}

/// Something that waits, something on its way and a stroke that was refused.
fn unsent() -> Bench {
    let mut bench = Bench::filled();
    let stroke = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.wear", "worn"),
    ];
    bench.store().save(stroke, now(0)).unwrap();
    bench.save(note("tyres.cuts", "first"), 1);
    bench.save(note("tyres.cuts", "second"), 2);
    let refused = |number| Numbered {
        number,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::NotAllowed, "ask an owner"),
        },
        replayed: false,
    };
    bench.answered(vec![refused(1), refused(2)]);
    bench
}

#[test]
fn the_outbox_is_listed_in_order_with_what_was_refused_in_its_place() {
    let mut bench = unsent();
    bench.store().set_online(true);
    bench.store().batch(1).unwrap().unwrap();
    let page = view::outbox(bench.store(), 0, 10).unwrap();
    assert_eq!(page.total, 4);
    let found: Vec<_> = page
        .rows
        .iter()
        .map(|it| (it.number, it.group, it.sync))
        .collect();
    assert_eq!(
        found,
        [
            (1, 1, SyncState::Refused),
            (2, 1, SyncState::Refused),
            (3, 3, SyncState::Sent),
            (4, 4, SyncState::Waiting),
        ]
    );
    assert_eq!(page.rows[0].label, "#1042");
    assert!(page.rows[0].refusal.is_some() && page.rows[2].refusal.is_none());
    let part = view::outbox(bench.store(), 1, 2).unwrap();
    assert_eq!(
        (part.rows[0].number, part.rows.len(), part.total),
        (2, 2, 4)
    );
}

/// What the first version wrote stays readable for ever.
const GOLDEN: &str = include_str!("export-1.json");

/// As it is written now: what says where its author's copy stood says the schema for that too.
const WRITTEN: &str = include_str!("export-1-now.json");

#[test]
fn an_export_is_as_it_always_was() {
    let mut bench = unsent();
    let export = bench.store().export(None).unwrap();
    assert_eq!(export.edits(), 4);
    assert_eq!(export.text().unwrap(), WRITTEN);
    assert_eq!(Export::read(WRITTEN).unwrap(), export);
    assert_eq!(Export::read(GOLDEN).unwrap().edits(), 4);
    let one = bench.store().export(Some(2)).unwrap();
    assert_eq!(one.edits(), 2);
    for odd in ["", "{}", "[1]", &GOLDEN[..200]] {
        assert_eq!(Export::read(odd).unwrap_err().code, FailureCode::Invalid);
    }
    let newer = GOLDEN.replace("\"redtag_export\": 1", "\"redtag_export\": 2");
    assert!(Export::read(&newer).unwrap_err().words.contains("newer"));
}

#[test]
fn all_of_a_stroke_says_the_same_schema() {
    let mut bench = Bench::filled();
    // A creation looked at no copy; alone it would need less than the other.
    let created = Edit::CreateVehicle {
        id: VehicleId::from_bytes(bytes(77)),
        kind: VehicleKind::Car,
        vin: None,
        plate: Some("ONE 1".to_owned()),
        serial: None,
        year: None,
        make: None,
        model: None,
        customer: None,
    };
    let stroke = vec![created, note("tyres.cuts", "with it")];
    bench.store().save(stroke, now(0)).unwrap();
    let pending = bench.store().pending();
    let schemas: Vec<u16> = pending.iter().map(|(_, it)| it.operation.schema).collect();
    assert_eq!(schemas, [PLACES, PLACES]);
}

#[test]
fn a_receipt_stands_for_exactly_what_is_unsent() {
    let mut bench = unsent();
    let receipt = bench.store().receipt().unwrap();
    bench.reopen();
    assert_eq!(bench.store().receipt().unwrap(), receipt);
    bench.save(note("tyres.cuts", "later"), 9);
    assert_ne!(bench.store().receipt().unwrap(), receipt);
}

#[test]
fn an_export_is_taken_over_once_under_ones_own_name() {
    let mut bench = Bench::filled();
    let other = DeviceId::from_bytes(bytes(8));
    bench
        .store()
        .change_meta(|meta| meta.device = other)
        .unwrap();
    let done = bench.store().adopt(GOLDEN, now(50)).unwrap();
    assert_eq!((done.saved, done.known, done.refused), (4, 0, 0));
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    assert_eq!(bench.store().pending().unsettled(), (4, 0));
    bench.reopen();
    let again = bench.store().adopt(GOLDEN, now(51)).unwrap();
    assert_eq!((again.saved, again.known), (0, 4));
    // Where it came from, everything is known.
    let mut origin = unsent();
    let done = origin.store().adopt(GOLDEN, now(50)).unwrap();
    assert_eq!((done.saved, done.known), (0, 4));
}

#[test]
fn work_of_a_cloned_home_is_taken_over_although_its_numbers_are_used_here() {
    let mut bench = Bench::filled();
    for at in 0..4 {
        bench.save(note("tyres.cuts", "here"), 900 + at);
    }
    let done = bench.store().adopt(GOLDEN, now(950)).unwrap();
    assert_eq!((done.saved, done.known), (4, 0));
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
}

#[test]
fn edits_of_several_devices_with_one_number_are_told_apart() {
    let mut bench = unsent();
    let listed = |bench: &mut Bench| -> Vec<(u64, String)> {
        let page = view::outbox(bench.store(), 0, 10).unwrap();
        let rows = page.rows.iter();
        let refused = rows.filter(|it| it.sync == SyncState::Refused);
        refused
            .map(|it| (it.number, format!("{:?}", it.edit)))
            .collect()
    };
    // Another machine's edits with the numbers 1 and 2, refused here by the rules.
    let other = DeviceId::from_bytes(bytes(8)).to_string();
    let bent = GOLDEN
        .replace(&device().to_string(), &other)
        .replace("tyres.wear", "tyres.unknown");
    let done = bench.store().adopt(&bent, now(50)).unwrap();
    assert_eq!((done.known, done.refused), (2, 2));
    let rows = listed(&mut bench);
    assert_eq!(rows.len(), 4);
    let mut numbers: Vec<u64> = rows.iter().map(|(number, _)| *number).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 4, "{rows:?}");
    // Each number means what was listed beside it, and its stroke.
    let page = view::outbox(bench.store(), 0, 10).unwrap();
    let of = |number| {
        page.rows
            .iter()
            .find(|it| it.number == number)
            .unwrap()
            .group
    };
    assert_eq!(of(rows[0].0), of(rows[1].0));
    assert_ne!(of(rows[0].0), of(rows[2].0));
    let one = bench.store().export(Some(rows[3].0)).unwrap();
    assert!(one.text().unwrap().contains("tyres.unknown"));
    bench.store().discard(rows[0].0).unwrap();
    bench.store().discard(rows[1].0).unwrap();
    let left = listed(&mut bench);
    assert!(left.iter().all(|(_, edit)| edit.contains("tyres.unknown")));
    assert_eq!(left.len(), 2);
    bench.store().discard(left[0].0).unwrap();
    bench.store().discard(left[1].0).unwrap();
    assert!(listed(&mut bench).is_empty());
}

#[test]
fn what_was_given_up_comes_back_with_an_export_that_holds_it_and_once() {
    let mut bench = unsent();
    let rows = view::outbox(bench.store(), 0, 10).unwrap().rows;
    let export = bench.store().export(None).unwrap().text().unwrap();
    for row in rows.iter().filter(|it| it.group == rows[0].group) {
        bench.store().discard(row.number).unwrap();
    }
    assert_eq!(bench.condition("tyres.wear"), None);
    bench.reopen();
    let done = bench.store().adopt(&export, now(50)).unwrap();
    assert_eq!((done.saved, done.known), (2, 2));
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    let again = bench.store().adopt(&export, now(51)).unwrap();
    assert_eq!((again.saved, again.known), (0, 4));
    // What was tried again is no loss, and is known.
    let mut other = unsent();
    let refused = view::outbox(other.store(), 0, 1).unwrap().rows[0].number;
    other.store().retry(refused, now(60)).unwrap();
    let done = other.store().adopt(&export, now(61)).unwrap();
    assert_eq!((done.saved, done.known), (0, 4));
}

#[test]
fn what_got_other_numbers_since_it_was_exported_is_still_known() {
    let mut origin = unsent();
    origin.store().fork(DeviceId::from_bytes(bytes(8))).unwrap();
    let done = origin.store().adopt(GOLDEN, now(50)).unwrap();
    assert_eq!((done.saved, done.known), (0, 4));
}

#[test]
fn what_the_rules_refuse_of_an_export_is_kept_with_the_reason_and_the_rest_goes_on() {
    let mut bench = Bench::filled();
    let other = DeviceId::from_bytes(bytes(8));
    bench
        .store()
        .change_meta(|meta| meta.device = other)
        .unwrap();
    let bent = GOLDEN.replace("tyres.cuts", "tyres.unknown");
    let done = bench.store().adopt(&bent, now(50)).unwrap();
    assert_eq!((done.saved, done.refused), (2, 2));
    bench.reopen();
    assert_eq!(bench.store().refusals(), 2);
    let kept = bench.store().quarantine(None).unwrap();
    assert_eq!(kept[0].refusal.code, RefusalCode::UnknownPoint);
    let again = bench.store().adopt(&bent, now(51)).unwrap();
    assert_eq!(again.known, 4);
    let elsewhere = GOLDEN.replace(&shop().to_string(), &bytes_text(77));
    let refused = bench.store().adopt(&elsewhere, now(52)).unwrap_err();
    assert!(refused.words.contains("another shop"));
}

fn bytes_text(which: u8) -> String {
    ShopId::from_bytes(bytes(which)).to_string()
}
