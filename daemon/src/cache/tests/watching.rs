//! Who follows what is told of a watched inspection has what who reads the whole has.

use redtag_protocol::{
    api::ops::{Numbered, Outcome},
    entity::{Entity, EntityRef},
    field::Register,
    grade::Condition,
    inspection::{Answer, PointResult},
    ipc::{Difference, Followed, InspectionView},
    lifecycle::State,
    op::{Refusal, RefusalCode},
    stamp::Stamp,
};
use serde_json::json;

use super::{
    Bench, accepted, api_writer, document, me, note, point, raw, set, shop, ticket, ticket_one,
};
use crate::{ipc::ConnId, view};

const CONN: ConnId = ConnId(1);
const AT: Stamp = Stamp(1_700_000_000_000);

fn one() -> EntityRef {
    EntityRef::Inspection(ticket(1))
}

fn watch(bench: &mut Bench) -> InspectionView {
    view::watch(bench.store(), CONN, ticket(1), AT).unwrap()
}

fn told(bench: &mut Bench, touched: &[EntityRef]) -> Option<Difference> {
    let mut all = view::differences(bench.store(), touched);
    assert!(all.len() <= 1);
    all.pop().map(|(conn, difference)| {
        assert_eq!(conn, CONN);
        *difference
    })
}

fn follow(bench: &mut Bench, shown: &mut InspectionView, touched: &[EntityRef]) {
    let difference = told(bench, touched).unwrap();
    assert_eq!(shown.follow(difference), Followed::Taken);
    let mut whole = view::inspection(bench.store(), ticket(1)).unwrap();
    whole.telling = shown.telling;
    assert_eq!(*shown, whole);
}

#[test]
fn edits_outcomes_and_pages_are_followed() {
    let mut bench = Bench::filled();
    let mut shown = watch(&mut bench);
    let saved = bench.save(note("tyres.wear", "worn"), 1);
    let difference = told(&mut bench, &saved.touched).unwrap();
    let points: Vec<_> = difference.inspection.results.keys().cloned().collect();
    assert_eq!(points, [point("tyres.wear")], "and no other");
    assert_eq!(shown.follow(difference), Followed::Taken);
    assert_eq!(shown.pending.len(), 1);
    let saved = bench.save(set("tyres.cuts", Condition::Red), 2);
    follow(&mut bench, &mut shown, &saved.touched);
    bench.store().batch(9).unwrap().unwrap();
    let decided = bench.answered(vec![accepted(1, 11), accepted(2, 12)]);
    follow(&mut bench, &mut shown, &decided.touched);
    assert!(shown.pending.is_empty());
    // Somebody else, who left nothing of the cuts.
    let mut it = ticket_one();
    let green = Register {
        value: Some(Answer::condition(Condition::Green)),
        writer: api_writer(13),
    };
    let result = PointResult {
        answer: Some(green),
        ..PointResult::default()
    };
    it.results.insert(point("tyres.wear"), result);
    let page = vec![document(&Entity::Inspection(Box::new(it)), 13)];
    let pulled = bench.pull(page, 13, false);
    follow(&mut bench, &mut shown, &pulled.touched);
    assert_eq!(shown.inspection.results.len(), 1);
}

#[test]
fn where_a_difference_does_not_say_all_the_whole_is_to_be_read() {
    let mut bench = Bench::filled();
    let member = |name: &str, seq| {
        let body = json!({"id": me(), "name": name, "role": "technician"});
        raw("member", &me().to_string(), seq, body.to_string())
    };
    watch(&mut bench);
    let page = vec![member("Ada L.", 11)];
    let pulled = bench.pull(page, 11, false);
    assert!(told(&mut bench, &pulled.touched).is_none());
    // As long as it is not read, nothing is told that goes on from what it was.
    let saved = bench.save(note("tyres.wear", "worn"), 1);
    assert!(told(&mut bench, &saved.touched).is_none());
    let mut shown = watch(&mut bench);
    let saved = bench.save(note("tyres.wear", "worn out"), 2);
    follow(&mut bench, &mut shown, &saved.touched);
    assert!(told(&mut bench, &[]).is_none(), "too many to name");
    watch(&mut bench);
    let both = [one(), EntityRef::Shop(shop())];
    assert!(told(&mut bench, &both).is_none());
    watch(&mut bench);
    let mut moved = ticket_one();
    moved.state.value = State::Returned;
    let page = vec![document(&Entity::Inspection(Box::new(moved)), 12)];
    let pulled = bench.pull(page, 12, false);
    assert!(told(&mut bench, &pulled.touched).is_none());
}

#[test]
fn what_was_refused_is_told_with_the_whole_alone() {
    let mut bench = Bench::filled();
    let mut shown = watch(&mut bench);
    let saved = bench.save(note("tyres.wear", "worn"), 1);
    follow(&mut bench, &mut shown, &saved.touched);
    bench.store().batch(9).unwrap().unwrap();
    let no = Numbered {
        number: 1,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::NotAllowed, "ask an owner"),
        },
        replayed: false,
    };
    let decided = bench.answered(vec![no]);
    assert!(told(&mut bench, &decided.touched).is_none());
    assert_eq!(watch(&mut bench).quarantined.len(), 1);
    let touched = bench.store().discard(1).unwrap();
    assert!(told(&mut bench, &touched).is_none());
    let mut shown = watch(&mut bench);
    assert!(shown.quarantined.is_empty());
    let saved = bench.save(note("tyres.wear", "worn"), 2);
    follow(&mut bench, &mut shown, &saved.touched);
}

#[test]
fn other_documents_and_other_watches_are_no_news() {
    let mut bench = Bench::filled();
    let first = watch(&mut bench);
    assert!(told(&mut bench, &[EntityRef::Inspection(ticket(2))]).is_none());
    let mut shown = watch(&mut bench);
    assert!(shown.telling > first.telling && first.telling > AT.0);
    let saved = bench.save(note("tyres.wear", "worn"), 1);
    let difference = told(&mut bench, &saved.touched).unwrap();
    let mut old = first;
    assert_eq!(old.follow(difference.clone()), Followed::Missed);
    assert_eq!(shown.follow(difference), Followed::Taken);
    // Watching what is not here ends the watch.
    assert!(view::watch(bench.store(), CONN, ticket(9), AT).is_err());
    let saved = bench.save(note("tyres.wear", "worn out"), 2);
    assert!(told(&mut bench, &saved.touched).is_none());
    watch(&mut bench);
    bench.store().watches.forget(CONN);
    let saved = bench.save(note("tyres.wear", "gone"), 3);
    assert!(told(&mut bench, &saved.touched).is_none());
}
