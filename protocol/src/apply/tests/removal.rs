//! Deleting, bringing back, erasing.

use super::shop::{Bench, ShopUnderTest, rename};
use crate::{
    apply::After,
    entity::EntityRef,
    event::What,
    ids::{CustomerId, InspectionId, VehicleId},
    inspection::InspectionWrite,
    lifecycle::{State, Verb},
    op::{Edit, RefusalCode, Verdict},
    role::Role,
    settle::{Stand, settle},
    stamp::Seq,
    vehicle::VehicleKind,
};

pub(super) fn benches() -> (Bench, Bench) {
    (
        Bench::new(1, Role::Technician),
        Bench::new(2, Role::Technician),
    )
}

pub(super) fn delete(what: EntityRef) -> Edit {
    Edit::Delete { what }
}

pub(super) fn restore(what: EntityRef) -> Edit {
    Edit::Restore { what }
}

fn bay(id: InspectionId, bay: &str) -> Edit {
    let bay = Some(bay.to_owned());
    Edit::Inspection {
        id,
        write: InspectionWrite::Bay { bay },
    }
}

pub(super) fn customer(shop: &mut ShopUnderTest, bench: &Bench, n: u8) -> EntityRef {
    let id = CustomerId::from_parts(1, [n; 10]);
    let edit = Edit::CreateCustomer {
        id,
        name: format!("Customer {n}"),
        phones: vec!["555-0101".to_owned()],
        emails: Vec::new(),
        consent: false,
    };
    shop.accepted(bench, Seq(0), edit);
    EntityRef::Customer(id)
}

pub(super) fn vehicle(shop: &mut ShopUnderTest, bench: &Bench, n: u8) -> VehicleId {
    let id = VehicleId::from_parts(1, [n; 10]);
    let edit = Edit::CreateVehicle {
        id,
        kind: VehicleKind::Car,
        vin: None,
        plate: Some(format!("TEST {n}")),
        serial: None,
        year: None,
        make: None,
        model: None,
        customer: None,
    };
    shop.accepted(bench, Seq(0), edit);
    id
}

#[test]
fn a_draft_is_deleted_and_comes_back_as_it_was() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (key, before) = (EntityRef::Inspection(shop.inspection), shop.inspection());
    let base = shop.seq;
    let change = shop.submit(&a, base, delete(key)).unwrap();
    assert!(matches!(change.after, After::Gone(_)));
    assert_eq!(
        (change.verdict, change.what),
        (Verdict::Applied, What::Deleted)
    );
    assert!(shop.world.entity(&key).is_none());
    // Who knows of the deletion restores it before anything else.
    let (base, edit) = (shop.seq, bay(shop.inspection, "3"));
    assert_eq!(
        shop.refused(&b, base, edit.clone()).code,
        RefusalCode::NotFound
    );
    assert!(super::begin(&shop.world, &edit).is_err());
    assert!(super::begin(&shop.world, &restore(key)).is_ok());
    let base = shop.seq;
    assert_eq!(shop.accepted(&b, base, restore(key)), Verdict::Applied);
    assert_eq!(shop.inspection(), before);
}

#[test]
fn only_what_is_still_a_draft_is_deleted() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    shop.step(&a, Verb::Start).unwrap();
    let (base, key) = (shop.seq, EntityRef::Inspection(shop.inspection));
    let refusal = shop.refused(&a, base, delete(key));
    assert_eq!(refusal.code, RefusalCode::WrongState);
    assert!(refusal.words.contains("void"), "{}", refusal.words);
    let template = shop.template().id;
    let refusal = shop.refused(&a, base, delete(EntityRef::Template(template)));
    assert_eq!(refusal.code, RefusalCode::Invalid);
}

#[test]
fn somebody_elses_draft_is_for_whoever_assigns() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let dispatcher = Bench::new(3, Role::Dispatcher);
    let id = shop.inspection;
    let base = shop.seq;
    let mut world = std::mem::take(&mut shop.world);
    world.insert(std::sync::Arc::new(crate::entity::Entity::Member(
        crate::shop::Member {
            id: b.person,
            name: "B. Ench".to_owned(),
            role: Role::Technician,
            removed: false,
            unknown: serde_json::Map::new(),
        },
    )));
    shop.world = world;
    let write = InspectionWrite::Assignee {
        person: Some(b.person),
    };
    shop.accepted(&dispatcher, base, Edit::Inspection { id, write });
    let (base, key) = (shop.seq, EntityRef::Inspection(id));
    assert_eq!(
        shop.refused(&a, base, delete(key)).code,
        RefusalCode::NotAllowed
    );
    assert_eq!(shop.accepted(&b, base, delete(key)), Verdict::Applied);
}

#[test]
fn what_an_inspection_names_stays() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    let base = shop.seq;
    let named = EntityRef::Customer(shop.customer);
    let vehicle = EntityRef::Vehicle(shop.inspection().vehicle);
    for key in [named, vehicle] {
        let refusal = shop.refused(&a, base, delete(key));
        assert_eq!(refusal.code, RefusalCode::InUse, "{}", refusal.words);
    }
    let other = customer(&mut shop, &a, 9);
    let base = shop.seq;
    assert_eq!(shop.accepted(&a, base, delete(other)), Verdict::Applied);
    // Twice is nothing.
    let base = shop.seq;
    assert_eq!(shop.accepted(&a, base, delete(other)), Verdict::Applied);
}

#[test]
fn a_deletion_that_meets_an_edit_is_not_done_and_flags() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let key = customer(&mut shop, &a, 9);
    let EntityRef::Customer(id) = key else {
        unreachable!()
    };
    let base = shop.seq;
    shop.accepted(&b, base, rename(id, "Alma"));
    let change = shop.submit(&a, base, delete(key)).unwrap();
    assert_eq!(change.verdict, Verdict::ConflictKept);
    let stands = shop.world.entity(&key).unwrap().clone();
    assert_eq!(stands.deletion().unwrap().person, a.person);
    // A person says that it stays.
    let keep = settle(&stands, "", Stand::Present).unwrap();
    let base = shop.seq;
    let mut kept = shop.clone();
    assert_eq!(kept.accepted(&b, base, keep), Verdict::Applied);
    assert!(kept.world.entity(&key).unwrap().deletion().is_none());
    // Or that it goes.
    let by = stands.deletion().unwrap().op();
    let goes = settle(&stands, "", Stand::Of(by)).unwrap();
    assert_eq!(shop.accepted(&b, base, goes), Verdict::Applied);
    assert!(shop.world.buried(&key).is_some());
}

#[test]
fn a_draft_that_was_started_meanwhile_is_flagged_too() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let base = shop.seq;
    shop.step(&b, Verb::Start).unwrap();
    let key = EntityRef::Inspection(shop.inspection);
    assert_eq!(shop.accepted(&a, base, delete(key)), Verdict::ConflictKept);
    assert_eq!(shop.inspection().state.value, State::InProgress);
    assert!(shop.inspection().deletion.is_some());
}

#[test]
fn an_edit_that_meets_a_deletion_brings_the_document_back_flagged() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&a, base, delete(EntityRef::Inspection(id)));
    let verdict = shop.accepted(&b, base, bay(id, "3"));
    assert_eq!(verdict, Verdict::ConflictKept);
    let inspection = shop.inspection();
    assert_eq!(inspection.bay(), Some("3"));
    assert_eq!(inspection.deletion.unwrap().device, a.device);
    // An edit that is refused for itself brings nothing back.
    let mut shop = ShopUnderTest::new();
    shop.accepted(&a, base, delete(EntityRef::Inspection(id)));
    let nowhere = super::shop::note(id, "no.such.point", "x");
    assert_eq!(
        shop.refused(&b, base, nowhere).code,
        RefusalCode::UnknownPoint
    );
    assert!(shop.world.buried(&EntityRef::Inspection(id)).is_some());
}

#[test]
fn a_vehicle_that_a_new_inspection_names_comes_back_with_an_event_of_its_own() {
    let mut shop = ShopUnderTest::new();
    let (a, b) = benches();
    let id = vehicle(&mut shop, &a, 9);
    let base = shop.seq;
    shop.accepted(&a, base, delete(EntityRef::Vehicle(id)));
    let mut edit = shop.create_edit();
    let ticket = InspectionId::from_parts(1, [9; 10]);
    if let Edit::CreateInspection {
        id: its, vehicle, ..
    } = &mut edit
    {
        (*its, *vehicle) = (ticket, id);
    }
    let before = shop.seq;
    let change = shop.submit(&b, base, edit).unwrap();
    assert_eq!(change.verdict, Verdict::Applied);
    let [also] = change.also.as_slice() else {
        panic!("{:?}", change.also)
    };
    assert_eq!(also.after.key(), EntityRef::Vehicle(id));
    assert_eq!(
        (also.verdict, &also.what),
        (Verdict::ConflictKept, &What::Restored)
    );
    // The inspection's own place comes after the vehicle's.
    assert_eq!(shop.seq, Seq(before.0 + 2));
    let created = shop.world.entity(&EntityRef::Inspection(ticket)).unwrap();
    let crate::entity::Entity::Inspection(created) = created.as_ref() else {
        unreachable!()
    };
    assert_eq!(created.created.seq, Some(shop.seq));
    let named = shop.world.entity(&EntityRef::Vehicle(id)).unwrap();
    assert!(named.deletion().is_some());
    let base = shop.seq;
    let refusal = shop.refused(&a, base, delete(EntityRef::Vehicle(id)));
    assert_eq!(refusal.code, RefusalCode::InUse);
}

/// A shop whose inspection was deleted, and then its vehicle and its customer.
fn all_deleted() -> (ShopUnderTest, [EntityRef; 2], Seq) {
    let mut shop = ShopUnderTest::new();
    let (a, seen) = (benches().0, shop.seq);
    let named = [
        EntityRef::Vehicle(shop.inspection().vehicle),
        EntityRef::Customer(shop.customer),
    ];
    shop.accepted(&a, seen, delete(EntityRef::Inspection(shop.inspection)));
    // As the storage says it: no inspection names them any more.
    shop.forget_names();
    for key in named {
        let base = shop.seq;
        assert_eq!(shop.accepted(&a, base, delete(key)), Verdict::Applied);
    }
    (shop, named, seen)
}

#[test]
fn an_inspection_that_comes_back_brings_what_it_names() {
    let key = |shop: &ShopUnderTest| EntityRef::Inspection(shop.inspection);
    for edited in [false, true] {
        let (mut shop, named, seen) = all_deleted();
        let (a, b) = benches();
        let before = shop.seq;
        let change = if edited {
            let edit = bay(shop.inspection, "3");
            shop.submit(&b, seen, edit)
        } else {
            let edit = restore(key(&shop));
            shop.submit(&a, before, edit)
        };
        let change = change.unwrap();
        let back = change.also.iter().map(|it| it.after.key());
        let mut back: Vec<_> = back.collect();
        back.sort_unstable();
        let mut expected = named;
        expected.sort_unstable();
        assert_eq!(back, expected);
        assert_eq!(shop.seq, Seq(before.0 + 3));
        for key in named {
            let stands = shop.world.entity(&key).unwrap();
            assert!(stands.deletion().is_some(), "a person is to look at it");
        }
        if edited {
            let written = shop.inspection().bay.unwrap().writer;
            assert_eq!(written.seq, Some(shop.seq), "after what came back");
        }
    }
    // Deleting once more brings nothing back.
    let (mut shop, named, _) = all_deleted();
    let (base, edit) = (shop.seq, delete(key(&shop)));
    let change = shop.submit(&benches().0, base, edit).unwrap();
    assert!(change.also.is_empty());
    assert!(named.iter().all(|key| shop.world.buried(key).is_some()));
}

#[test]
fn what_a_deleted_inspection_names_is_looked_up_with_it() {
    let (shop, named, _) = all_deleted();
    let key = EntityRef::Inspection(shop.inspection);
    let mut world = crate::entity::World::new();
    world.bury(shop.world.buried(&key).unwrap().clone());
    let needs = crate::apply::needs(
        &restore(key),
        &world,
        crate::ids::ShopId::from_parts(1, [1; 10]),
    );
    assert!(named.iter().all(|key| needs.contains(key)));
}

#[test]
fn a_deleted_customer_is_unlinked_without_coming_back() {
    let mut shop = ShopUnderTest::new();
    let (a, _) = benches();
    let (id, key) = (vehicle(&mut shop, &a, 9), customer(&mut shop, &a, 9));
    let EntityRef::Customer(customer) = key else {
        unreachable!()
    };
    let link = |linked| Edit::Vehicle {
        id,
        write: crate::vehicle::VehicleWrite::Customer { customer, linked },
    };
    let base = shop.seq;
    shop.accepted(&a, base, link(true));
    let base = shop.seq;
    shop.accepted(&a, base, delete(key));
    assert!(super::begin(&shop.world, &link(true)).is_err());
    assert!(super::begin(&shop.world, &link(false)).is_ok());
    let base = shop.seq;
    assert_eq!(shop.accepted(&a, base, link(false)), Verdict::Applied);
    assert!(shop.world.buried(&key).is_some());
}
