//! Taking back, and settling what stands.

use super::shop::{Bench, ShopUnderTest, answer, note, rename};
use crate::{
    apply::{Change, apply, apply_to},
    entity::{Entity, EntityRef},
    event::{Actor, Happening},
    grade::Condition,
    inspection::Answer,
    op::{Edit, Verdict},
    role::Role,
    settle::{Stand, settle, undo},
    stamp::Stamp,
};

const POINT: &str = "tyres.tread.lf";

fn benches() -> (Bench, Bench) {
    (
        Bench::new(1, Role::Technician),
        Bench::new(2, Role::Technician),
    )
}

fn happening(bench: &Bench, number: u64, change: &Change) -> Happening {
    Happening {
        actor: Actor::Person {
            person: bench.person,
            device: bench.device,
            number,
        },
        stamp: Stamp(0),
        accepted: None,
        entity: change.after.key(),
        verdict: change.verdict,
        what: change.what.clone(),
    }
}

fn present(shop: &ShopUnderTest) -> Entity {
    Entity::Inspection(Box::new(shop.inspection()))
}

#[test]
fn an_undo_writes_what_stood_before() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, POINT, "first"));
    let change = shop.submit(&a, base, note(id, POINT, "second")).unwrap();
    let told = happening(&a, shop.last(), &change);
    let edit = undo(&present(&shop), &told).unwrap();
    assert_eq!(edit.schema(), 2);
    let base = shop.seq;
    assert_eq!(shop.accepted(&a, base, edit), Verdict::Applied);
    let key = POINT.parse().unwrap();
    assert_eq!(shop.inspection().results[&key].note(), Some("first"));
    // The field holds another write now: it is not offered again.
    assert!(undo(&present(&shop), &told).is_none());
}

#[test]
fn an_undo_of_a_first_write_leaves_nothing() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    let red = answer(id, "lights.horn", Answer::condition(Condition::Red));
    let change = shop.submit(&a, base, red).unwrap();
    let told = happening(&a, shop.last(), &change);
    let edit = undo(&present(&shop), &told).unwrap();
    shop.accepted(&a, base, edit);
    assert!(
        shop.inspection()
            .answer(&"lights.horn".parse().unwrap())
            .is_none()
    );
}

#[test]
fn an_undo_of_what_somebody_else_has_replaced_opens_a_conflict() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.customer);
    let change = shop.submit(&a, base, rename(id, "Alma A.")).unwrap();
    let told = happening(&a, shop.last(), &change);
    let customer = shop.world.entity(&EntityRef::Customer(id)).unwrap().clone();
    let edit = undo(&customer, &told).unwrap();
    let base = shop.seq;
    shop.accepted(&b, base, rename(id, "Alma B."));
    // The base says that the author has seen B's, but what he expected is not there.
    let base = shop.seq;
    assert_eq!(shop.accepted(&a, base, edit), Verdict::ConflictKept);
    let customer = shop.world.entity(&EntityRef::Customer(id)).unwrap();
    let Entity::Customer(customer) = customer.as_ref() else {
        unreachable!()
    };
    assert_eq!(customer.conflicts["name"].sides.len(), 2);
}

#[test]
fn settling_for_what_is_shown_ends_the_conflict_and_changes_nothing_else() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, note(id, POINT, "mine"));
    shop.accepted(&b, base, note(id, POINT, "yours"));
    let field = format!("note:{POINT}");
    let edit = settle(&present(&shop), &field, Stand::Present).unwrap();
    let base = shop.seq;
    assert_eq!(shop.accepted(&a, base, edit.clone()), Verdict::Applied);
    assert!(shop.inspection().conflicts.is_empty());
    let key = POINT.parse().unwrap();
    assert_eq!(shop.inspection().results[&key].note(), Some("yours"));
    // Settling twice is nothing.
    let before = shop.inspection();
    assert_eq!(shop.accepted(&b, base, edit), Verdict::Applied);
    assert_eq!(shop.inspection(), before);
    assert!(settle(&present(&shop), &field, Stand::Present).is_none());
}

#[test]
fn a_late_edit_is_dropped_or_taken_up() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    let dispatcher = Bench::new(3, Role::Dispatcher);
    let owner = Bench::new(4, Role::Owner);
    let (base, id) = (shop.seq, shop.inspection);
    shop.step(&owner, crate::lifecycle::Verb::Void).unwrap();
    let verdict = shop.accepted(&a, base, note(id, POINT, "late"));
    assert_eq!(verdict, Verdict::ConflictKept);
    let (field, late) = (
        format!("note:{POINT}"),
        shop.inspection().late[0].writer.op(),
    );
    let base = shop.seq;
    let mut other = shop.clone();
    let drop = settle(&present(&shop), &field, Stand::Present).unwrap();
    assert_eq!(shop.accepted(&dispatcher, base, drop), Verdict::Applied);
    assert!(shop.inspection().late.is_empty());
    assert!(shop.inspection().results.is_empty(), "nothing was written");
    let take = settle(&present(&other), &field, Stand::Of(late)).unwrap();
    other.accepted(&dispatcher, base, take);
    assert!(other.inspection().late.is_empty());
    let key = POINT.parse().unwrap();
    assert_eq!(other.inspection().results[&key].note(), Some("late"));
}

#[test]
fn in_place_and_beside_give_the_same() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    let id = shop.inspection;
    let edits = [
        note(id, POINT, "one"),
        note(id, "no.such.point", "x"),
        Edit::Delete {
            what: EntityRef::Customer(shop.customer),
        },
        answer(id, "lights.horn", Answer::condition(Condition::Red)),
        Edit::Delete {
            what: EntityRef::Inspection(id),
        },
    ];
    for edit in edits {
        let before = shop.world.clone();
        let (operation, context) = shop.ready(&a, shop.seq, edit);
        let beside = apply(&shop.world, &operation, &context);
        let in_place = apply_to(&mut shop.world, &operation, &context);
        assert_eq!(beside, in_place);
        for (after, ..) in in_place.iter().flat_map(Change::parts) {
            assert_eq!(shop.world.entity(&after.key()), after.entity());
        }
        if in_place.is_err() {
            let key = operation.edit.target();
            assert_eq!(before.entity(&key), shop.world.entity(&key));
        }
    }
}
