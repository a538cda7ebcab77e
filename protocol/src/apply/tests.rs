//! The rules of `apply`, seen through a small shop in which every operation gets the next place.

mod alias;
mod answers;
mod canned;
mod erasing;
mod lifecycle;
mod merging;
mod removal;
mod shop;
mod template;
mod undo;

use shop::{Bench, ShopUnderTest};

use super::*;
use crate::lifecycle::State;

#[test]
fn a_role_without_the_permission_changes_nothing() {
    let mut shop = ShopUnderTest::new();
    let viewer = Bench::new(3, Role::Viewer);
    let ticket = shop.inspection;
    let edit = shop::note(ticket, "tyres.tread.lf", "worn");
    let refusal = shop.refused(&viewer, Seq(9), edit);
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
}

#[test]
fn a_document_of_another_shop_is_not_found() {
    let mut shop = ShopUnderTest::new();
    let technician = Bench::new(1, Role::Technician);
    let foreign = crate::ids::InspectionId::from_parts(1, [99; 10]);
    let refusal = shop.refused(
        &technician,
        Seq(0),
        shop::note(foreign, "tyres.tread.lf", "x"),
    );
    assert_eq!(refusal.code, RefusalCode::NotFound);
}

#[test]
fn creating_twice_is_refused_and_keeps_the_first() {
    let mut shop = ShopUnderTest::new();
    let technician = Bench::new(1, Role::Technician);
    let before = shop.inspection();
    let again = shop.create_edit();
    let refusal = shop.refused(&technician, Seq(0), again);
    assert_eq!(refusal.code, RefusalCode::Exists);
    assert_eq!(shop.inspection(), before);
}

#[test]
fn an_inspection_begins_as_a_numbered_draft() {
    let shop = ShopUnderTest::new();
    let inspection = shop.inspection();
    assert_eq!(inspection.state.value, State::Draft);
    assert_eq!(inspection.label(), "#1");
    assert!(inspection.results.is_empty());
}

#[test]
fn a_template_that_closed_meanwhile_still_takes_what_a_bench_began() {
    let mut shop = ShopUnderTest::new();
    shop.template_state(crate::template::TemplateState::Closed);
    let technician = Bench::new(1, Role::Technician);
    let mut edit = shop.create_edit();
    if let Edit::CreateInspection { id, .. } = &mut edit {
        *id = crate::ids::InspectionId::from_parts(5, [5; 10]);
    }
    shop.accepted(&technician, Seq(0), edit.clone());
    // What was saved on a bench is foreseen all the same, but a bench that knows begins no other.
    if let Edit::CreateInspection { id, .. } = &mut edit {
        *id = crate::ids::InspectionId::from_parts(6, [6; 10]);
    }
    shop.foreseen(&technician, edit.clone()).unwrap();
    assert_eq!(
        begin(&shop.world, &edit).unwrap_err().code,
        RefusalCode::TemplateClosed
    );
}

#[test]
fn who_may_not_assign_may_take_the_work_on_but_give_it_to_nobody() {
    let mut shop = ShopUnderTest::new();
    let technician = Bench::new(1, Role::Technician);
    let dispatcher = Bench::new(2, Role::Dispatcher);
    for person in [technician.person, dispatcher.person] {
        let member = crate::shop::Member {
            id: person,
            name: "M. Ember".to_owned(),
            role: Role::Technician,
            removed: false,
            unknown: serde_json::Map::new(),
        };
        shop.world
            .insert(std::sync::Arc::new(Entity::Member(member)));
    }
    let created = |shop: &ShopUnderTest, n: u8, to: PersonId| {
        let mut edit = shop.create_edit();
        if let Edit::CreateInspection { id, assignee, .. } = &mut edit {
            *id = crate::ids::InspectionId::from_parts(5, [n; 10]);
            *assignee = Some(to);
        }
        edit
    };
    let edit = created(&shop, 5, dispatcher.person);
    let refusal = shop.refused(&technician, Seq(0), edit);
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
    let edit = created(&shop, 6, technician.person);
    shop.accepted(&technician, Seq(0), edit);
    let edit = created(&shop, 7, technician.person);
    shop.accepted(&dispatcher, Seq(0), edit);
}

#[test]
fn control_characters_are_refused_wherever_text_goes() {
    let mut shop = ShopUnderTest::new();
    let technician = Bench::new(1, Role::Technician);
    let evil = "\u{1b}[2J";
    let customer = crate::ids::CustomerId::from_parts(7, [7; 10]);
    let edits = [
        shop::note(shop.inspection, "tyres.tread.lf", evil),
        Edit::CreateCustomer {
            id: customer,
            name: evil.to_owned(),
            phones: Vec::new(),
            emails: Vec::new(),
            consent: false,
        },
        Edit::CreateVehicle {
            id: crate::ids::VehicleId::from_parts(7, [7; 10]),
            kind: crate::vehicle::VehicleKind::Bicycle,
            vin: None,
            plate: None,
            serial: Some(evil.to_owned()),
            year: None,
            make: None,
            model: None,
            customer: None,
        },
    ];
    for edit in edits {
        assert_eq!(
            shop.refused(&technician, Seq(0), edit).code,
            RefusalCode::Invalid
        );
    }
}
