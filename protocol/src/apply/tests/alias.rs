//! Duplicates that are merged.

use super::{
    removal::{customer, vehicle},
    shop::{Bench, ShopUnderTest, rename},
};
use crate::{
    apply::{needs, references},
    entity::{Entity, EntityRef},
    event::What,
    ids::{CustomerId, InspectionId, ShopId},
    merge::Fields as _,
    op::{Edit, RefusalCode, Verdict},
    role::Role,
    stamp::Seq,
};

fn id(key: EntityRef) -> CustomerId {
    match key {
        EntityRef::Customer(id) => id,
        other => panic!("{other}"),
    }
}

fn merge(from: EntityRef, into: EntityRef) -> Edit {
    let (id, into) = (id(from), id(into));
    Edit::MergeCustomers { id, into }
}

struct Three {
    shop: ShopUnderTest,
    dispatcher: Bench,
    technician: Bench,
    keys: [EntityRef; 3],
}

fn three() -> Three {
    let mut shop = ShopUnderTest::new();
    let dispatcher = Bench::new(2, Role::Dispatcher);
    let keys = [7, 8, 9].map(|n| customer(&mut shop, &dispatcher, n));
    Three {
        shop,
        dispatcher,
        technician: Bench::new(1, Role::Technician),
        keys,
    }
}

fn name(shop: &ShopUnderTest, key: EntityRef) -> String {
    match shop.world.entity(&key).unwrap().as_ref() {
        Entity::Customer(it) => it.name.value.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn edits_of_an_alias_go_to_the_one_that_stays() {
    let Three {
        mut shop,
        dispatcher,
        technician,
        keys: [a, b, c],
    } = three();
    let base = shop.seq;
    let refusal = shop.refused(&technician, base, merge(a, b));
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
    let change = shop.submit(&dispatcher, base, merge(a, b)).unwrap();
    assert_eq!(change.after.key(), a);
    assert_eq!(change.what, What::Merged { into: b });
    assert_eq!(change.also[0].after.key(), b);
    assert_eq!(change.also[0].what, What::Absorbed { from: a });
    let base = shop.seq;
    shop.accepted(&dispatcher, base, merge(b, c));
    // What a technician wrote before he heard of it arrives at the end of the chain.
    let edit = rename(id(a), "Alma");
    let change = shop.submit(&technician, base, edit.clone()).unwrap();
    assert_eq!(change.after.key(), c);
    assert_eq!(name(&shop, c), "Alma");
    assert_eq!(name(&shop, a), "Customer 7");
    let aliases = shop.world.entity(&c).unwrap().aliases();
    assert_eq!(aliases, [a, b]);
    // A bench learns step by step what it must look up for that.
    let mut world = crate::entity::World::new();
    let shop_id = ShopId::from_parts(1, [1; 10]);
    for wanted in [a, b, c] {
        assert!(needs(&edit, &world, shop_id).contains(&wanted));
        world.insert(shop.world.entity(&wanted).unwrap().clone());
    }
    assert_eq!(
        references(&Edit::Delete { what: b }, &world),
        [a, b, c],
        "an inspection of a duplicate keeps it as well"
    );
}

#[test]
fn circles_do_not_come_about() {
    let Three {
        mut shop,
        dispatcher,
        keys: [a, b, c],
        ..
    } = three();
    let base = shop.seq;
    let refusal = shop.refused(&dispatcher, base, merge(a, a));
    assert_eq!(refusal.code, RefusalCode::Invalid);
    shop.accepted(&dispatcher, base, merge(a, b));
    // Crosswise and twice they are one already.
    for again in [merge(b, a), merge(a, b)] {
        let before = shop.world.entity(&b).unwrap().clone();
        assert_eq!(shop.accepted(&dispatcher, base, again), Verdict::Applied);
        assert_eq!(shop.world.entity(&b), Some(&before));
    }
    // The same duplicate, merged into another one: all three are one.
    shop.accepted(&dispatcher, base, merge(a, c));
    for key in [a, b, c] {
        assert_eq!(shop.world.resolve(&key), c);
    }
}

#[test]
fn what_names_a_duplicate_is_about_the_one_that_stays() {
    let mut shop = ShopUnderTest::new();
    let dispatcher = Bench::new(2, Role::Dispatcher);
    let (one, two) = (
        vehicle(&mut shop, &dispatcher, 7),
        vehicle(&mut shop, &dispatcher, 8),
    );
    let base = shop.seq;
    let edit = Edit::MergeVehicles { id: one, into: two };
    shop.accepted(&dispatcher, base, edit);
    let mut create = shop.create_edit();
    let ticket = InspectionId::from_parts(1, [9; 10]);
    if let Edit::CreateInspection { id, vehicle, .. } = &mut create {
        (*id, *vehicle) = (ticket, one);
    }
    shop.accepted(&dispatcher, Seq(0), create);
    let created = shop.world.entity(&EntityRef::Inspection(ticket)).unwrap();
    assert!(created.names().any(|key| key == EntityRef::Vehicle(two)));
    let base = shop.seq;
    for what in [EntityRef::Vehicle(one), EntityRef::Vehicle(two)] {
        let refusal = shop.refused(&dispatcher, base, Edit::Delete { what });
        assert_eq!(refusal.code, RefusalCode::InUse);
    }
}

#[test]
fn erasing_one_erases_its_duplicates() {
    let Three {
        mut shop,
        dispatcher,
        technician,
        keys: [a, b, _],
    } = three();
    let owner = Bench::new(3, Role::Owner);
    let base = shop.seq;
    shop.accepted(&dispatcher, base, merge(a, b));
    let base = shop.seq;
    let change = shop
        .submit(&owner, base, Edit::EraseCustomer { id: id(a) })
        .unwrap();
    assert_eq!(change.after.key(), b);
    assert!(shop.world.is_erased(&a) && shop.world.is_erased(&b));
    let refusal = shop.refused(&technician, base, rename(id(a), "Alma"));
    assert_eq!(refusal.code, RefusalCode::Erased);
    let refusal = shop.refused(&dispatcher, base, merge(a, b));
    assert_eq!(refusal.code, RefusalCode::Erased);
}

#[test]
fn a_winner_that_was_deleted_meanwhile_comes_back() {
    let Three {
        mut shop,
        dispatcher,
        technician,
        keys: [a, b, _],
    } = three();
    let base = shop.seq;
    shop.accepted(&technician, base, Edit::Delete { what: b });
    let change = shop.submit(&dispatcher, base, merge(a, b)).unwrap();
    assert_eq!(change.also[0].verdict, Verdict::ConflictKept);
    let winner = shop.world.entity(&b).unwrap();
    assert!(winner.deletion().is_some());
    let Entity::Customer(winner) = winner.as_ref() else {
        unreachable!()
    };
    assert_eq!(winner.writers().count(), 5, "four fields and one alias");
}

#[test]
fn a_duplicate_of_what_is_forgotten_can_be_erased() {
    let Three {
        mut shop,
        dispatcher,
        keys: [a, b, c],
        ..
    } = three();
    let base = shop.seq;
    shop.accepted(&dispatcher, base, merge(a, b));
    shop.accepted(&dispatcher, base, merge(b, c));
    let base = shop.seq;
    shop.accepted(&dispatcher, base, Edit::Delete { what: c });
    // After half a year nothing is known of the deleted one; its duplicates stand.
    let mut world = crate::entity::World::new();
    for key in [a, b] {
        world.insert(shop.world.entity(&key).unwrap().clone());
    }
    shop.world = world;
    let owner = Bench::new(3, Role::Owner);
    let base = shop.seq;
    let edit = Edit::EraseCustomer { id: id(a) };
    shop.accepted(&owner, base, edit);
    assert!([a, b].iter().all(|key| shop.world.is_erased(key)));
    let nobody = Edit::EraseCustomer {
        id: CustomerId::from_parts(1, [99; 10]),
    };
    assert_eq!(
        shop.refused(&owner, base, nobody).code,
        RefusalCode::NotFound
    );
}
