//! Whatever the operations and documents: `apply` answers, never panics, and keeps what people
//! wrote.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

use std::{collections::BTreeSet, sync::Arc};

use proptest::prelude::*;
use redtag_protocol::{
    apply::{Context, apply},
    entity::{Entity, EntityRef, Kind, World},
    field::OpRef,
    grade::Condition,
    ids::{CustomerId, DeviceId, InspectionId, LineId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::{Answer, AnswerValue, Inspection, InspectionWrite, Recommendation},
    lifecycle::{State, Verb},
    merge::{Fields as _, Write as _},
    money::Cents,
    op::{Edit, Operation, SCHEMA, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
    template::{Template, TemplateState},
    units::Quantity,
    vehicle::{VehicleKind, VehicleWrite},
};

const CARS: &str = include_str!("../../assets/templates/vehicle-multipoint.toml");
const POINTS: [&str; 6] = [
    "lights.horn",
    "tyres.tread.lf",
    "tyres.pressure.lf",
    "arrival.odometer",
    "finish.road_test",
    "no.such.point",
];

fn person(n: u8) -> PersonId {
    PersonId::from_parts(0, [n; 10])
}

fn device(n: u8) -> DeviceId {
    DeviceId::from_parts(0, [n; 10])
}

fn inspection_id(n: u8) -> InspectionId {
    InspectionId::from_parts(0, [n; 10])
}

fn point() -> impl Strategy<Value = String> {
    prop::sample::select(POINTS.as_slice()).prop_map(str::to_owned)
}

fn quantity() -> impl Strategy<Value = Quantity> {
    (
        -3i32..2_000,
        prop::sample::select(vec!["mm", "in/32", "psi", "mi", "V"]),
    )
        .prop_map(|(value, unit)| format!("{value} {unit}").parse().unwrap())
}

fn value() -> impl Strategy<Value = AnswerValue> {
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

fn answer() -> impl Strategy<Value = Answer> {
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

fn inspection_write() -> impl Strategy<Value = InspectionWrite> {
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

fn edit() -> impl Strategy<Value = Edit> {
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
        2 => id.prop_map(|id| Edit::CreateInspection {
            id,
            template: TemplateId::from_parts(0, [0; 10]),
            vehicle: VehicleId::from_parts(0, [0; 10]),
            customer: None,
            assignee: None,
            bay: None,
            concern: None,
            provisional: "~A2-1".to_owned(),
        }),
        1 => (0u8..2, ".{0,9}").prop_map(|(n, name)| Edit::CreateCustomer {
            id: CustomerId::from_parts(0, [n; 10]),
            name,
            phones: Vec::new(),
            emails: vec!["a@example.com".to_owned()],
            consent: true,
        }),
        1 => (0u8..2, prop::option::of(".{0,9}")).prop_map(|(n, plate)| Edit::CreateVehicle {
            id: VehicleId::from_parts(0, [n; 10]),
            kind: VehicleKind::Car,
            vin: None,
            plate,
            serial: None,
            year: Some(2003),
            make: None,
            model: None,
            customer: None,
        }),
        1 => (point(), prop::option::of(quantity())).prop_map(|(point, reference)| Edit::Vehicle {
            id: VehicleId::from_parts(0, [0; 10]),
            write: VehicleWrite::Reference { point: point.parse().unwrap(), reference },
        }),
    ]
}

/// One edit with who makes it and how far behind that bench is.
fn step() -> impl Strategy<Value = (Edit, u8, u64, u64)> {
    (edit(), 0u8..4, 0u64..30, 0u64..1_000)
}

struct Shop {
    world: World,
    seq: Seq,
    numbers: [u64; 4],
}

impl Shop {
    fn new() -> Self {
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

    fn push(&mut self, edit: Edit, by: u8, behind: u64, stamp: u64) -> Option<Verdict> {
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
            schema: SCHEMA,
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
        let change = apply(&self.world, &operation, &context).ok()?;
        let again = apply(&self.world, &operation, &context).ok();
        assert_eq!(again.as_ref(), Some(&change), "apply is a function");
        for (after, ..) in change.parts() {
            self.seq = self.seq.next();
            self.world.take(after);
        }
        Some(change.verdict)
    }

    fn inspection(&self, n: u8) -> Option<&Inspection> {
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

fn created(shop: &mut Shop) {
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

proptest! {
    #[test]
    fn apply_never_panics_and_every_document_survives_its_body(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        let mut shop = Shop::new();
        for (edit, by, behind, stamp) in steps {
            let key = edit.target();
            if shop.push(edit, by, behind, stamp).is_some() {
                let entity = shop.world.entity(&key).unwrap();
                let back = Entity::from_body(key.kind(), &entity.to_body().unwrap()).unwrap();
                prop_assert_eq!(&back, entity.as_ref());
            }
        }
    }

    #[test]
    fn a_conflict_always_has_two_sides_of_two_devices_and_shows_one_of_them(
        steps in prop::collection::vec(step(), 0..80)
    ) {
        let mut shop = Shop::new();
        created(&mut shop);
        for (edit, by, behind, stamp) in steps {
            shop.push(edit, by, behind, stamp);
        }
        for inspection in (0..3).filter_map(|n| shop.inspection(n)) {
            for (field, conflict) in &inspection.conflicts {
                let devices: BTreeSet<_> =
                    conflict.sides.iter().map(|side| side.writer.device).collect();
                prop_assert!(conflict.sides.len() >= 2);
                let first = &conflict.sides[0].write;
                prop_assert!(conflict.sides.iter().any(|side| side.write != *first));
                prop_assert_eq!(devices.len(), conflict.sides.len());
                prop_assert!(conflict.sides.iter().all(|side| side.write.field() == *field));
                let shown = inspection.side(field).unwrap();
                prop_assert!(conflict.sides.contains(&shown));
            }
        }
    }

    /// Edits of different fields by benches that know nothing of each other give one result,
    /// whatever the order in which they arrive.
    #[test]
    fn different_fields_merge_in_any_order(
        conditions in prop::collection::vec(0usize..4, 4),
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let points = ["lights.horn", "lights.wipers", "tyres.tread.lf", "interior.seat_belts"];
        let all = [Condition::Green, Condition::Yellow, Condition::Red, Condition::NotApplicable];
        let run = |order: &[usize]| {
            let mut shop = Shop::new();
            created(&mut shop);
            let base = shop.seq;
            for &i in order {
                let by = u8::try_from(i % 3).unwrap();
                let write = InspectionWrite::Answer {
                    point: points[i].parse().unwrap(),
                    answer: Some(Answer::condition(all[conditions[i]])),
                };
                let behind = shop.seq.0 - base.0;
                let edit = Edit::Inspection { id: inspection_id(0), write };
                let verdict = shop.push(edit, by, behind, 10 + i as u64);
                assert!(matches!(verdict, Some(Verdict::Applied | Verdict::Merged)), "{verdict:?}");
            }
            let inspection = shop.inspection(0).unwrap();
            assert!(inspection.conflicts.is_empty());
            points.map(|point| inspection.answer(&point.parse().unwrap()).cloned())
        };
        prop_assert_eq!(run(&order), run(&[0, 1, 2, 3]));
    }

    /// Two benches write one field without knowing of each other: whatever the order, the same
    /// value stands and both are kept.
    #[test]
    fn the_same_field_keeps_both_values_in_any_order(
        one in answer(), two in answer(), stamps in (0u64..50, 0u64..50),
    ) {
        prop_assume!(one != two && !one.is_empty() && !two.is_empty());
        let run = |swap: bool| {
            let mut shop = Shop::new();
            created(&mut shop);
            let mut writes = vec![(0u8, one.clone(), stamps.0), (2, two.clone(), stamps.1)];
            if swap {
                writes.reverse();
            }
            for (behind, (by, answer, stamp)) in writes.into_iter().enumerate() {
                let point = "tyres.tread.lf".parse().unwrap();
                let write = InspectionWrite::Answer { point, answer: Some(answer) };
                let edit = Edit::Inspection { id: inspection_id(0), write };
                shop.push(edit, by, behind as u64, stamp)?;
            }
            let inspection = shop.inspection(0).unwrap();
            let conflict = inspection.conflicts.get("answer:tyres.tread.lf").expect("a conflict");
            let mut kept: Vec<_> = conflict
                .sides
                .iter()
                .map(|side| (side.writer.device, serde_json::to_string(&side.write).unwrap()))
                .collect();
            kept.sort();
            let shown = inspection.side("answer:tyres.tread.lf").unwrap().write;
            Some((kept, shown))
        };
        let (forward, backward) = (run(false), run(true));
        prop_assert_eq!(&forward, &backward);
        if let Some((kept, _)) = forward {
            prop_assert_eq!(kept.len(), 2);
        }
    }
}

#[test]
fn a_body_keeps_what_a_newer_program_wrote() {
    let body = r#"{"id":"00000000-0000-7000-8000-000000000000","name":"Shop","later":{"a":[1]}}"#;
    let shop = Entity::from_body(Kind::Shop, body).unwrap();
    assert!(shop.to_body().unwrap().contains(r#""later":{"a":[1]}"#));
}
