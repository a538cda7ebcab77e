//! Two benches that did not know of each other.

use super::shop::{Bench, ShopUnderTest, answer, note, rename, writer_of};
use crate::{
    entity::{Entity, EntityRef},
    field::OpRef,
    grade::Condition,
    inspection::{Answer, InspectionWrite},
    op::{Edit, Verdict},
    role::Role,
    stamp::Seq,
};

fn benches() -> (Bench, Bench) {
    (
        Bench::new(1, Role::Technician),
        Bench::new(2, Role::Technician),
    )
}

#[test]
fn different_fields_merge() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    assert_eq!(
        shop.accepted(&a, base, note(id, "tyres.tread.lf", "one")),
        Verdict::Applied
    );
    assert_eq!(
        shop.accepted(&b, base, note(id, "tyres.tread.rf", "two")),
        Verdict::Merged
    );
    let inspection = shop.inspection();
    assert!(inspection.conflicts.is_empty());
    for (key, text) in [("tyres.tread.lf", "one"), ("tyres.tread.rf", "two")] {
        assert_eq!(inspection.results[&key.parse().unwrap()].note(), Some(text));
    }
}

#[test]
fn a_lone_device_never_conflicts_with_itself() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    for text in ["one", "two", "three"] {
        assert_eq!(
            shop.accepted(&a, base, note(id, "tyres.tread.lf", text)),
            Verdict::Applied
        );
    }
    assert!(shop.inspection().conflicts.is_empty());
}

#[test]
fn the_same_field_keeps_both_values_and_shows_the_later() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "mine"));
    let verdict = shop.accepted(&b, base, note(id, "tyres.tread.lf", "yours"));
    assert_eq!(verdict, Verdict::ConflictKept);
    let inspection = shop.inspection();
    let sides = &inspection.conflicts["note:tyres.tread.lf"].sides;
    let values: Vec<_> = sides.iter().map(|side| side.write.clone()).collect();
    let write = |text: &str| InspectionWrite::Note {
        point: "tyres.tread.lf".parse().unwrap(),
        note: Some(text.to_owned()),
    };
    assert_eq!(values, [write("mine"), write("yours")]);
    assert_eq!(
        inspection.results[&"tyres.tread.lf".parse().unwrap()].note(),
        Some("yours")
    );
}

#[test]
fn who_has_seen_the_value_overwrites_it_without_conflict() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "one"));
    let seen = shop.seq;
    assert_eq!(
        shop.accepted(&b, seen, note(id, "tyres.tread.lf", "two")),
        Verdict::Applied
    );
    assert!(shop.inspection().conflicts.is_empty());
}

#[test]
fn the_same_value_twice_is_agreement() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "same"));
    let verdict = shop.accepted(&b, base, note(id, "tyres.tread.lf", "same"));
    assert_ne!(verdict, Verdict::ConflictKept);
    assert_eq!(
        writer_of(&shop.inspection(), "note:tyres.tread.lf").device,
        a.device
    );
}

/// A clock that runs ahead must not make a dangerous point look safe.
#[test]
fn the_more_severe_answer_stands_whatever_the_clocks_say() {
    for (first, second) in [
        (Condition::Red, Condition::Green),
        (Condition::Green, Condition::Red),
    ] {
        let mut shop = ShopUnderTest::new();
        let (a, b) = benches();
        let (base, id) = (shop.seq, shop.inspection);
        shop.accepted(
            &a,
            base,
            answer(id, "lights.horn", Answer::condition(first)),
        );
        shop.accepted(
            &b,
            base,
            answer(id, "lights.horn", Answer::condition(second)),
        );
        let inspection = shop.inspection();
        let stands = inspection.answer(&"lights.horn".parse().unwrap()).unwrap();
        assert_eq!(stands.condition, Some(Condition::Red));
        assert_eq!(inspection.conflicts["answer:lights.horn"].sides.len(), 2);
    }
}

#[test]
fn in_an_open_conflict_a_device_replaces_its_own_side() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "a1"));
    shop.accepted(&b, base, note(id, "tyres.tread.lf", "b1"));
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "a2"));
    let inspection = shop.inspection();
    let sides = &inspection.conflicts["note:tyres.tread.lf"].sides;
    let notes: Vec<_> = sides
        .iter()
        .map(|side| match &side.write {
            InspectionWrite::Note { note, .. } => note.clone().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(notes, ["b1", "a2"]);
}

#[test]
fn a_conflict_ends_when_everybody_has_come_to_say_the_same() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "mine"));
    shop.accepted(&b, base, note(id, "tyres.tread.lf", "yours"));
    let verdict = shop.accepted(&b, base, note(id, "tyres.tread.lf", "mine"));
    assert_eq!(verdict, Verdict::Merged);
    let inspection = shop.inspection();
    assert!(inspection.conflicts.is_empty());
    let standing = inspection.results[&"tyres.tread.lf".parse().unwrap()].note();
    assert_eq!(standing, Some("mine"));
}

fn settle(shop: &ShopUnderTest, text: &str, settles: Vec<OpRef>) -> Edit {
    let point = "tyres.tread.lf".parse().unwrap();
    let write = InspectionWrite::Note {
        point,
        note: Some(text.to_owned()),
    };
    Edit::SettleInspection {
        id: shop.inspection,
        write,
        settles,
    }
}

fn open_sides(shop: &ShopUnderTest) -> Vec<OpRef> {
    let inspection = shop.inspection();
    let Some(conflict) = inspection.conflicts.get("note:tyres.tread.lf") else {
        return Vec::new();
    };
    conflict.sides.iter().map(|side| side.writer.op()).collect()
}

#[test]
fn settling_ends_the_conflict_and_settling_twice_is_nothing() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "mine"));
    shop.accepted(&b, base, note(id, "tyres.tread.lf", "yours"));
    let edit = settle(&shop, "mine", open_sides(&shop));
    let seen = shop.seq;
    assert_eq!(shop.accepted(&b, seen, edit.clone()), Verdict::Applied);
    assert!(open_sides(&shop).is_empty());
    assert_eq!(shop.accepted(&a, seen, edit), Verdict::Applied);
    assert!(open_sides(&shop).is_empty());
    let inspection = shop.inspection();
    assert_eq!(
        inspection.results[&"tyres.tread.lf".parse().unwrap()].note(),
        Some("mine")
    );
}

#[test]
fn settling_differently_at_the_same_time_is_a_new_conflict() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "mine"));
    shop.accepted(&b, base, note(id, "tyres.tread.lf", "yours"));
    let (seen, sides) = (shop.seq, open_sides(&shop));
    let (one, two) = (
        settle(&shop, "mine", sides.clone()),
        settle(&shop, "yours", sides),
    );
    shop.accepted(&a, seen, one);
    assert_eq!(shop.accepted(&b, seen, two), Verdict::ConflictKept);
    assert_eq!(open_sides(&shop).len(), 2);
}

#[test]
fn a_side_that_was_not_named_stays_in_conflict() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let c = Bench::new(3, Role::Technician);
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, "tyres.tread.lf", "a"));
    shop.accepted(&b, base, note(id, "tyres.tread.lf", "b"));
    let known = open_sides(&shop);
    shop.accepted(&c, base, note(id, "tyres.tread.lf", "c"));
    let edit = settle(&shop, "a", known);
    let base = shop.seq;
    assert_eq!(shop.accepted(&a, base, edit), Verdict::ConflictKept);
    assert_eq!(open_sides(&shop).len(), 2);
}

#[test]
fn customers_merge_by_the_same_rule() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.customer);
    shop.accepted(&a, base, rename(id, "Alma A. Testwell"));
    assert_eq!(
        shop.accepted(&b, base, rename(id, "Alma B. Testwell")),
        Verdict::ConflictKept
    );
    let Entity::Customer(customer) = shop
        .world
        .entity(&EntityRef::Customer(id))
        .unwrap()
        .as_ref()
    else {
        panic!("not a customer");
    };
    assert_eq!(customer.conflicts["name"].sides.len(), 2);
    assert_ne!(base, Seq(0));
}
