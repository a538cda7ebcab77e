//! Erasing.

use super::{
    alias::{Three, id, merge, three},
    removal::{benches, customer, delete, restore},
    shop::{Bench, ShopUnderTest, rename},
};
use crate::{
    apply::{After, needs},
    entity::{EntityRef, World},
    ids::{CustomerId, InspectionId, ShopId},
    op::{Edit, RefusalCode, Verdict},
    role::Role,
    stamp::Seq,
};

#[test]
fn an_erasure_beats_every_edit_and_is_never_undone() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let owner = Bench::new(3, Role::Owner);
    let (base, id) = (shop.seq, shop.customer);
    let key = EntityRef::Customer(id);
    shop.accepted(&a, base, rename(id, "Alma B."));
    let edit = Edit::EraseCustomer { id };
    assert_eq!(
        shop.refused(&a, base, edit.clone()).code,
        RefusalCode::NotAllowed
    );
    let change = shop.submit(&owner, base, edit.clone()).unwrap();
    assert_eq!(change.after, After::Erased(key));
    for edit in [rename(id, "Alma C."), delete(key), restore(key)] {
        assert_eq!(shop.refused(&b, base, edit).code, RefusalCode::Erased);
    }
    let again = Edit::CreateCustomer {
        id,
        name: "Alma".to_owned(),
        phones: Vec::new(),
        emails: Vec::new(),
        consent: true,
    };
    assert_eq!(shop.refused(&b, Seq(0), again).code, RefusalCode::Erased);
    assert_eq!(shop.accepted(&owner, base, edit), Verdict::Applied);
    // Work that names the bare id is not lost for it.
    let mut create = shop.create_edit();
    if let Edit::CreateInspection { id, .. } = &mut create {
        *id = InspectionId::from_parts(1, [8; 10]);
    }
    assert_eq!(shop.accepted(&b, Seq(0), create), Verdict::Applied);
    assert!(shop.world.is_erased(&key));
}

#[test]
fn a_deleted_customer_can_be_erased() {
    let mut shop = ShopUnderTest::new();
    let owner = Bench::new(3, Role::Owner);
    let key = customer(&mut shop, &owner, 9);
    let EntityRef::Customer(id) = key else {
        unreachable!()
    };
    let base = shop.seq;
    shop.accepted(&owner, base, delete(key));
    let base = shop.seq;
    shop.accepted(&owner, base, Edit::EraseCustomer { id });
    assert!(shop.world.buried(&key).is_none() && shop.world.is_erased(&key));
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
fn erasing_a_deleted_winner_takes_its_duplicates() {
    for named in [0, 1] {
        let Three {
            mut shop,
            dispatcher,
            keys: [a, b, _],
            ..
        } = three();
        let owner = Bench::new(3, Role::Owner);
        let base = shop.seq;
        shop.accepted(&dispatcher, base, merge(a, b));
        let base = shop.seq;
        shop.accepted(&dispatcher, base, Edit::Delete { what: b });
        let mut wanted = needs(
            &Edit::EraseCustomer {
                id: id([a, b][named]),
            },
            &shop.world,
            ShopId::from_parts(1, [1; 10]),
        );
        wanted.retain(|key| [a, b].contains(key));
        assert_eq!(wanted, [a, b]);
        let base = shop.seq;
        let edit = Edit::EraseCustomer {
            id: id([a, b][named]),
        };
        let change = shop.submit(&owner, base, edit).unwrap();
        assert_eq!((change.after.key(), change.also.len()), (b, 1));
        assert!([a, b].iter().all(|key| shop.world.is_erased(key)));
    }
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
    // After half a year nothing is known of the deleted one; an earlier release let its duplicates
    // stand.
    let mut world = World::new();
    for key in [a, b] {
        world.insert(shop.world.buried(&key).unwrap().clone());
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

#[test]
fn who_is_only_told_of_can_be_erased() {
    let Three {
        mut shop,
        keys: [a, b, c],
        ..
    } = three();
    let (owner, base) = (Bench::new(3, Role::Owner), shop.seq);
    shop.world = World::new();
    let edit = Edit::EraseCustomer { id: id(b) };
    assert_eq!(
        shop.refused(&owner, base, edit.clone()).code,
        RefusalCode::NotFound
    );
    // A bench cannot know, and leaves it to the API.
    assert!(shop.foreseen(&owner, edit.clone()).is_ok());
    shop.world.recall(b, vec![a, c]);
    shop.world.recall(c, vec![b]);
    let wanted = needs(&edit, &shop.world, ShopId::from_parts(1, [1; 10]));
    assert_eq!(wanted, [a, b, c]);
    let change = shop.submit(&owner, base, edit.clone()).unwrap();
    assert_eq!((change.after.key(), change.also.len()), (b, 1));
    assert!([b, c].iter().all(|key| shop.world.is_erased(key)));
    assert!(!shop.world.is_known(&a), "of whom nothing is stored");
    let base = shop.seq;
    let again = shop.submit(&owner, base, edit).unwrap();
    assert!(again.also.is_empty());
}
