//! Random edits of every kind, and a shop that takes them.

use std::sync::Arc;

use proptest::prelude::*;
use redtag_protocol::{
    apply::{Context, apply, apply_to},
    customer::CustomerWrite,
    entity::{Entity, EntityRef, World},
    field::OpRef,
    grade::Condition,
    ids::{CustomerId, DeviceId, InspectionId, LineId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::{Answer, AnswerValue, Inspection, InspectionWrite, Recommendation},
    lifecycle::{State, Verb},
    money::Cents,
    op::{Edit, Operation, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
    template::{Template, TemplateState},
    units::Quantity,
    vehicle::{VehicleKind, VehicleWrite},
};

const CARS: &str = include_str!("../../../assets/templates/vehicle-multipoint.toml");
const POINTS: [&str; 6] = [
    "lights.horn",
    "tyres.tread.lf",
    "tyres.pressure.lf",
    "arrival.odometer",
    "finish.road_test",
    "no.such.point",
];

pub(crate) fn person(n: u8) -> PersonId {
    PersonId::from_parts(0, [n; 10])
}

pub(crate) fn device(n: u8) -> DeviceId {
    DeviceId::from_parts(0, [n; 10])
}

pub(crate) fn inspection_id(n: u8) -> InspectionId {
    InspectionId::from_parts(0, [n; 10])
}

pub(crate) fn customer_id(n: u8) -> CustomerId {
    CustomerId::from_parts(0, [n; 10])
}

pub(crate) fn vehicle_id(n: u8) -> VehicleId {
    VehicleId::from_parts(0, [n; 10])
}

/// Any document that can be deleted, and a few that cannot.
fn what() -> impl Strategy<Value = EntityRef> {
    prop_oneof![
        4 => (0u8..3).prop_map(|n| EntityRef::Inspection(inspection_id(n))),
        4 => (0u8..3).prop_map(|n| EntityRef::Customer(customer_id(n))),
        4 => (0u8..3).prop_map(|n| EntityRef::Vehicle(vehicle_id(n))),
        1 => Just(EntityRef::Template(TemplateId::from_parts(0, [0; 10]))),
    ]
}

fn op() -> impl Strategy<Value = OpRef> {
    (0u8..4, 0u64..40).prop_map(|(by, number)| OpRef {
        device: device(by),
        number,
    })
}

pub(crate) fn customer_write() -> impl Strategy<Value = CustomerWrite> {
    prop_oneof![
        "[a-c]{1,3}".prop_map(|name| CustomerWrite::Name { name }),
        prop::collection::vec("[0-9]{1,3}", 0..3)
            .prop_map(|phones| CustomerWrite::Phones { phones }),
        any::<bool>().prop_map(|consent| CustomerWrite::Consent { consent }),
    ]
}

pub(crate) fn vehicle_write() -> impl Strategy<Value = VehicleWrite> {
    prop_oneof![
        prop::option::of("[A-C]{1,3}").prop_map(|plate| VehicleWrite::Plate { plate }),
        prop::option::of(1990u16..1993).prop_map(|year| VehicleWrite::Year { year }),
        (0u8..3, any::<bool>()).prop_map(|(n, linked)| VehicleWrite::Customer {
            customer: customer_id(n),
            linked,
        }),
        (point(), prop::option::of(quantity())).prop_map(|(point, reference)| {
            VehicleWrite::Reference {
                point: point.parse().unwrap(),
                reference,
            }
        }),
    ]
}

pub(crate) fn point() -> impl Strategy<Value = String> {
    prop::sample::select(POINTS.as_slice()).prop_map(str::to_owned)
}

pub(crate) fn quantity() -> impl Strategy<Value = Quantity> {
    (
        -3i32..2_000,
        prop::sample::select(vec!["mm", "in/32", "psi", "mi", "V"]),
    )
        .prop_map(|(value, unit)| format!("{value} {unit}").parse().unwrap())
}

pub(crate) fn value() -> impl Strategy<Value = AnswerValue> {
    prop_oneof![
        quantity().prop_map(AnswerValue::Measured),
        ".{0,12}".prop_map(AnswerValue::Chosen),
        ".{0,12}".prop_map(AnswerValue::Text),
        ("[A-Z][a-z]{1,8}", 0u64..9).prop_map(|(name, at)| AnswerValue::Signed {
            name,
            at: Stamp(at)
        }),
    ]
}

pub(crate) fn answer() -> impl Strategy<Value = Answer> {
    let condition = prop::sample::select(vec![
        None,
        Some(Condition::Green),
        Some(Condition::Yellow),
        Some(Condition::Red),
        Some(Condition::NotApplicable),
    ]);
    (
        condition,
        prop::option::of(value()),
        prop::option::of(quantity()),
        any::<bool>(),
    )
        .prop_map(|(condition, value, reference, by_default)| Answer {
            condition,
            value,
            reference,
            reference_low: None,
            by_default,
        })
}

pub(crate) fn inspection_write() -> impl Strategy<Value = InspectionWrite> {
    prop_oneof![
        (point(), prop::option::of(answer())).prop_map(|(point, answer)| {
            InspectionWrite::Answer {
                point: point.parse().unwrap(),
                answer,
            }
        }),
        (point(), prop::option::of(".{0,20}")).prop_map(|(point, note)| InspectionWrite::Note {
            point: point.parse().unwrap(),
            note
        }),
        (point(), 0u8..3, prop::option::of("[a-z]{0,9}"), -5i64..500).prop_map(
            |(point, line, text, cents)| InspectionWrite::Line {
                point: point.parse().unwrap(),
                line: LineId::from_parts(0, [line; 10]),
                recommendation: text.map(|text| Recommendation {
                    text,
                    labour: Cents::new(cents),
                    parts: Cents::ZERO
                }),
            }
        ),
        prop::option::of(".{0,9}").prop_map(|bay| InspectionWrite::Bay { bay }),
        (0u8..4).prop_map(|n| InspectionWrite::Assignee {
            person: Some(person(n))
        }),
        ("[a-z_]{1,9}", prop::option::of(".{0,9}")).prop_filter_map(
            "not a key",
            |(choice, option)| Some(InspectionWrite::Choice {
                choice: choice.parse().ok()?,
                option
            })
        ),
    ]
}

pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let id = (0u8..3).prop_map(inspection_id);
    prop_oneof![
        8 => (id.clone(), inspection_write()).prop_map(|(id, write)| Edit::Inspection { id, write }),
        3 => (
            id.clone(),
            prop::sample::select(Verb::ALL.to_vec()),
            prop::sample::select(State::ALL.to_vec()),
            prop::option::of(".{0,5}")
        )
            .prop_map(|(id, verb, from, reason)| Edit::Move { id, verb, from, reason }),
        1 => (id.clone(), inspection_write(), 0u8..4, 0u64..40).prop_map(|(id, write, by, number)| {
            let settles = vec![OpRef { device: device(by), number }];
            Edit::SettleInspection { id, write, settles }
        }),
        2 => (id, 0u8..3, prop::option::of(0u8..3)).prop_map(|(id, vehicle, customer)| Edit::CreateInspection {
            id,
            template: TemplateId::from_parts(0, [0; 10]),
            vehicle: vehicle_id(vehicle),
            customer: customer.map(customer_id),
            assignee: None,
            bay: None,
            concern: None,
            provisional: "~A2-1".to_owned(),
        }),
        1 => (0u8..3, ".{0,9}").prop_map(|(n, name)| Edit::CreateCustomer {
            id: customer_id(n),
            name,
            phones: Vec::new(),
            emails: vec!["a@example.com".to_owned()],
            consent: true,
        }),
        1 => (0u8..3, prop::option::of(".{0,9}"), prop::option::of(0u8..3)).prop_map(
            |(n, plate, owner)| Edit::CreateVehicle {
                id: vehicle_id(n),
                kind: VehicleKind::Car,
                vin: None,
                plate,
                serial: None,
                year: Some(2003),
                make: None,
                model: None,
                customer: owner.map(customer_id),
            }
        ),
        2 => (0u8..3, vehicle_write()).prop_map(|(n, write)| {
            Edit::Vehicle { id: vehicle_id(n), write }
        }),
        2 => (0u8..3, customer_write()).prop_map(|(n, write)| {
            Edit::Customer { id: customer_id(n), write }
        }),
        1 => (0u8..3, customer_write(), op()).prop_map(|(n, write, op)| Edit::SettleCustomer {
            id: customer_id(n),
            write,
            settles: vec![op],
        }),
        1 => (0u8..3, customer_write(), op()).prop_map(|(n, write, expects)| {
            Edit::UndoCustomer { id: customer_id(n), write, expects }
        }),
        1 => (0u8..3, vehicle_write(), op()).prop_map(|(n, write, expects)| {
            Edit::UndoVehicle { id: vehicle_id(n), write, expects }
        }),
        2 => (0u8..3, inspection_write(), op()).prop_map(|(n, write, expects)| {
            Edit::UndoInspection { id: inspection_id(n), write, expects }
        }),
        3 => what().prop_map(|what| Edit::Delete { what }),
        2 => what().prop_map(|what| Edit::Restore { what }),
        1 => (0u8..3).prop_map(|n| Edit::EraseCustomer { id: customer_id(n) }),
        2 => (0u8..3, 0u8..3).prop_map(|(id, into)| Edit::MergeCustomers {
            id: customer_id(id),
            into: customer_id(into),
        }),
        2 => (0u8..3, 0u8..3).prop_map(|(id, into)| Edit::MergeVehicles {
            id: vehicle_id(id),
            into: vehicle_id(into),
        }),
    ]
}

/// One edit with who makes it and how far behind that bench is.
pub(crate) fn step() -> impl Strategy<Value = (Edit, u8, u64, u64)> {
    (edit(), 0u8..4, 0u64..30, 0u64..1_000)
}

/// Four benches of four roles and the API's side of a shop.
pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) seq: Seq,
    numbers: [u64; 4],
}

impl Shop {
    pub(crate) fn new() -> Self {
        let template = Template::parse_toml(CARS, "vehicle-multipoint.toml").unwrap();
        let id = TemplateId::from_parts(0, [0; 10]);
        let mut world = World::new();
        let template = template.into_template(id, 1, TemplateState::Active);
        world.insert(Arc::new(Entity::Template(template)));
        let mut shop = Self {
            world,
            seq: Seq(0),
            numbers: [0; 4],
        };
        let vehicle = Edit::CreateVehicle {
            id: VehicleId::from_parts(0, [0; 10]),
            kind: VehicleKind::Car,
            vin: None,
            plate: Some("TEST".to_owned()),
            serial: None,
            year: None,
            make: None,
            model: None,
            customer: None,
        };
        shop.push(vehicle, 0, 0, 0).unwrap();
        shop
    }

    pub(crate) fn push(&mut self, edit: Edit, by: u8, behind: u64, stamp: u64) -> Option<Verdict> {
        let role = [
            Role::Owner,
            Role::Dispatcher,
            Role::Technician,
            Role::Viewer,
        ];
        let number = &mut self.numbers[usize::from(by)];
        *number += 1;
        let operation = Operation {
            number: *number,
            group: *number,
            stamp: Stamp(stamp),
            base: Seq(self.seq.0.saturating_sub(behind)),
            seen: None,
            schema: edit.schema(),
            edit,
        };
        let context = Context {
            shop: ShopId::from_parts(0, [0; 10]),
            person: person(by),
            role: role[usize::from(by)],
            device: device(by),
            seq: Some(self.seq.next()),
            ticket: Some(1),
        };
        let key = self.world.resolve(&operation.edit.target());
        let before = self.world.entity(&key).cloned();
        let Ok(change) = apply(&self.world, &operation, &context) else {
            apply_to(&mut self.world, &operation, &context).expect_err("in place as beside");
            assert_eq!(
                self.world.entity(&key),
                before.as_ref(),
                "a refusal changes nothing"
            );
            return None;
        };
        let again = apply_to(&mut self.world, &operation, &context).ok();
        assert_eq!(again.as_ref(), Some(&change), "in place or beside");
        self.seq.0 += change.parts().count() as u64;
        Some(change.verdict)
    }

    pub(crate) fn inspection(&self, n: u8) -> Option<&Inspection> {
        match self
            .world
            .entity(&EntityRef::Inspection(inspection_id(n)))?
            .as_ref()
        {
            Entity::Inspection(inspection) => Some(inspection),
            _ => None,
        }
    }
}

pub(crate) fn created(shop: &mut Shop) {
    let edit = Edit::CreateInspection {
        id: inspection_id(0),
        template: TemplateId::from_parts(0, [0; 10]),
        vehicle: VehicleId::from_parts(0, [0; 10]),
        customer: None,
        assignee: None,
        bay: None,
        concern: None,
        provisional: "~A2-1".to_owned(),
    };
    shop.push(edit, 0, 0, 0).unwrap();
}
