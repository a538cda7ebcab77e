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

pub(super) fn id(key: EntityRef) -> CustomerId {
    match key {
        EntityRef::Customer(id) => id,
        other => panic!("{other}"),
    }
}

pub(super) fn merge(from: EntityRef, into: EntityRef) -> Edit {
    let (id, into) = (id(from), id(into));
    Edit::MergeCustomers { id, into }
}

pub(super) struct Three {
    pub(super) shop: ShopUnderTest,
    pub(super) dispatcher: Bench,
    pub(super) technician: Bench,
    pub(super) keys: [EntityRef; 3],
}

pub(super) fn three() -> Three {
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
fn duplicates_go_and_come_back_with_the_one_that_they_became() {
    for back in ["named", "edited", "restored", "merged"] {
        let Three {
            mut shop,
            dispatcher,
            technician,
            keys: [a, b, c],
        } = three();
        let base = shop.seq;
        shop.accepted(&dispatcher, base, merge(a, b));
        let (base, seen) = (shop.seq, shop.seq);
        let change = shop
            .submit(&dispatcher, base, Edit::Delete { what: a })
            .unwrap();
        assert_eq!(change.after.key(), b);
        assert!([a, b].iter().all(|key| shop.world.buried(key).is_some()));
        assert_eq!(shop.seq, Seq(base.0 + 2), "each has its own place");
        let gone = |key| shop.world.buried(&key).unwrap().deletion().unwrap().seq;
        assert_eq!((gone(a), gone(b)), (Some(seen.next()), Some(shop.seq)));
        assert_eq!(shop.world.resolve(&a), b);
        let edit = match back {
            "edited" => rename(id(a), "Alma"),
            "restored" => Edit::Restore { what: a },
            "merged" => merge(c, a),
            _ => {
                let mut create = shop.create_edit();
                if let Edit::CreateInspection {
                    id: it, customer, ..
                } = &mut create
                {
                    *it = InspectionId::from_parts(1, [9; 10]);
                    *customer = Some(id(a));
                }
                create
            }
        };
        // Whoever restores knows; the others do not.
        let base = if back == "restored" { shop.seq } else { seen };
        let by = if back == "merged" {
            dispatcher
        } else {
            technician
        };
        let by = if by.device == dispatcher.device {
            Bench::new(4, Role::Dispatcher)
        } else {
            by
        };
        shop.accepted(&by, base, edit);
        let (alias, winner) = (shop.world.entity(&a), shop.world.entity(&b));
        let (alias, winner) = (alias.unwrap(), winner.unwrap());
        assert_eq!(alias.merged(), Some(b), "{back}");
        assert!(
            alias.deletion().is_none(),
            "{back}: nobody could settle that"
        );
        assert_eq!(winner.deletion().is_some(), back != "restored", "{back}");
        assert!(winner.aliases().contains(&a));
    }
}

#[test]
fn what_is_open_in_a_duplicate_is_settled_where_it_went() {
    for same in [false, true] {
        let Three {
            mut shop,
            dispatcher,
            technician,
            keys: [a, b, _],
        } = three();
        let base = shop.seq;
        shop.accepted(&dispatcher, base, rename(id(a), "Alma"));
        let verdict = shop.accepted(&technician, base, rename(id(a), "Alba"));
        assert_eq!(verdict, Verdict::ConflictKept);
        if same {
            let base = shop.seq;
            shop.accepted(&dispatcher, base, rename(id(b), "Alba"));
        }
        let base = shop.seq;
        let change = shop.submit(&dispatcher, base, merge(a, b)).unwrap();
        assert_eq!(change.also[0].verdict, Verdict::ConflictKept);
        let alias = shop.world.entity(&a).unwrap();
        let Entity::Customer(alias) = alias.as_ref() else {
            unreachable!()
        };
        assert!(alias.conflicts().is_empty(), "nobody could settle that");
        let stands = if same { "Alba" } else { "Customer 8" };
        assert_eq!(name(&shop, b), stands);
        let winner = shop.world.entity(&b).unwrap().clone();
        let Entity::Customer(it) = winner.as_ref() else {
            unreachable!()
        };
        let sides = &it.conflicts()["name"].sides;
        let names = sides.iter().map(|it| format!("{:?}", it.write));
        let names: Vec<String> = names.collect();
        let all: &[&str] = if same {
            &["Alba", "Alma"]
        } else {
            &["Customer 8", "Alba", "Alma"]
        };
        assert_eq!(names.len(), all.len(), "{names:?}");
        assert!(
            all.iter()
                .all(|it| names.iter().any(|name| name.contains(it)))
        );
        // One of the duplicate's own is chosen.
        let chosen = sides
            .iter()
            .find(|it| format!("{:?}", it.write).contains("Alma"));
        let stand = crate::settle::Stand::Of(chosen.unwrap().writer.op());
        let edit = crate::settle::settle(&winner, "name", stand).unwrap();
        let base = shop.seq;
        assert_eq!(shop.accepted(&dispatcher, base, edit), Verdict::Applied);
        assert_eq!(name(&shop, b), "Alma");
    }
}

#[test]
fn a_duplicate_that_somebody_wanted_gone_asks_nothing_any_more() {
    let Three {
        mut shop,
        dispatcher,
        technician,
        keys: [a, b, _],
    } = three();
    let base = shop.seq;
    shop.accepted(&dispatcher, base, rename(id(a), "Alma"));
    let verdict = shop.accepted(&technician, base, Edit::Delete { what: a });
    assert_eq!(verdict, Verdict::ConflictKept);
    let base = shop.seq;
    shop.accepted(&dispatcher, base, merge(a, b));
    assert!(shop.world.entity(&a).unwrap().deletion().is_none());
    assert!(shop.world.entity(&b).unwrap().deletion().is_none());
}
