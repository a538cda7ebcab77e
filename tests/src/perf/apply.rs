//! A1: the one function that applies operations.

use std::{hint::black_box, sync::Arc, time::Instant};

use anyhow::{Context as _, Result};
use redtag_protocol::{
    apply::{Context, apply, apply_to},
    entity::{Entity, World},
    grade::Condition,
    ids::{DeviceId, InspectionId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::{Answer, InspectionWrite},
    lifecycle::{State, Verb},
    op::{Edit, Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
    template::{Kind, Template, TemplateState},
    vehicle::VehicleKind,
};

use super::report::{Pairs, Row};
use crate::{now, random};

/// Rounds of one inspection filled in point by point; the floor decodes the same operations and
/// copies the same document once for each, as any program that keeps documents as values must.
pub(super) fn measure(quick: bool) -> Result<Vec<Row>> {
    let rounds = if quick { 50 } else { 500 };
    let (mut world, context, operations) = scene()?;
    let encoded: Vec<Vec<u8>> = operations
        .iter()
        .map(serde_json::to_vec)
        .collect::<Result<_, _>>()?;
    let target = operations.last().context("no operation")?.edit.target();
    let filled = {
        for operation in &operations {
            step(&mut world, operation, &context)?;
        }
        world.entity(&target).cloned().context("no inspection")?
    };
    let mut pairs = Pairs::default();
    for _ in 0..rounds {
        let began = Instant::now();
        for operation in &operations {
            black_box(apply(&world, operation, &context)?);
        }
        pairs.ours(began.elapsed());
        let began = Instant::now();
        for bytes in &encoded {
            black_box(serde_json::from_slice::<Operation>(bytes)?);
            black_box(Entity::clone(&filled));
        }
        pairs.floor(began.elapsed());
    }
    let what = "answers applied to a filled-in inspection of 64 points; floor: decode the operation \
                and copy the document";
    let count = u32::try_from(operations.len())?;
    Ok(vec![pairs.rates("A1", what, "ops/s", f64::from(count))])
}

fn step(world: &mut World, operation: &Operation, context: &Context) -> Result<()> {
    apply_to(world, operation, context)?;
    Ok(())
}

/// A shop with one inspection begun, and the operations that answer its points.
fn scene() -> Result<(World, Context, Vec<Operation>)> {
    let text = include_str!("../../../assets/templates/vehicle-multipoint.toml");
    let file = Template::parse_toml(text, "vehicle-multipoint.toml")?;
    let template = TemplateId::from_parts(now(), random()?);
    let template = file.into_template(template, 1, TemplateState::Active);
    let points: Vec<_> = template
        .points()
        .filter(|(_, point)| matches!(point.kind, Kind::Condition))
        .map(|(_, point)| point.key.clone())
        .collect();
    let context = Context {
        shop: ShopId::from_parts(now(), random()?),
        person: PersonId::from_parts(now(), random()?),
        role: Role::Owner,
        device: DeviceId::from_parts(now(), random()?),
        seq: Some(Seq(1)),
        ticket: Some(1),
    };
    let (vehicle, id) = (
        VehicleId::from_parts(now(), random()?),
        InspectionId::from_parts(now(), random()?),
    );
    let mut number = 0;
    let mut operation = |edit: Edit| {
        number += 1;
        Operation {
            number,
            group: number,
            stamp: Stamp(now()),
            base: Seq(1),
            seen: None,
            schema: SCHEMA,
            edit,
        }
    };
    let mut world = World::default();
    let template_id = template.id;
    world.insert(Arc::new(Entity::Template(template)));
    for edit in [
        Edit::CreateVehicle {
            id: vehicle,
            kind: VehicleKind::Car,
            vin: None,
            plate: Some("PERF 1".to_owned()),
            serial: None,
            year: None,
            make: None,
            model: None,
            customer: None,
        },
        Edit::CreateInspection {
            id,
            template: template_id,
            vehicle,
            customer: None,
            assignee: None,
            bay: None,
            concern: None,
            provisional: "~A2-1".to_owned(),
        },
        Edit::Move {
            id,
            verb: Verb::Start,
            from: State::Draft,
            reason: None,
        },
    ] {
        step(&mut world, &operation(edit), &context)?;
    }
    let answers = points.into_iter().map(|point| {
        operation(Edit::Inspection {
            id,
            write: InspectionWrite::Answer {
                point,
                answer: Some(Answer::condition(Condition::Green)),
            },
        })
    });
    let answers: Vec<_> = answers.collect();
    Ok((world, context, answers))
}
