//! Inspections as a shop fills them in: a vehicle each, every condition point answered, some notes.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    api::ops::{self, Outcome},
    entity::{Entity, Kind as DocumentKind},
    grade::Condition,
    ids::{InspectionId, VehicleId},
    inspection::{Answer, AnswerValue, InspectionWrite},
    lifecycle::{State, Verb},
    op::{Edit, MAX_BATCH, Operation, SCHEMA},
    stamp::{Seq, Stamp},
    template::{Kind, Point, Template},
    units::Quantity,
    vehicle::VehicleKind,
};

use crate::{
    harness::{Api, Session},
    now, random,
};

/// Common words of the trade, the first ones far more often than the last.
const WORDS: &[&str] = &[
    "the", "is", "and", "worn", "left", "front", "rear", "right", "ok", "replace", "soon", "leak",
    "at", "brake", "pad", "tyre", "oil", "light", "seal", "customer", "noise", "hose", "cracked",
    "boot", "bearing", "bracket", "corroded", "gasket", "weeping", "perished",
];

/// Hands in so many inspections.
pub(super) fn fill(api: &Api, session: &Session, inspections: usize) -> Result<()> {
    let template = api.copy(session)?.documents.iter().find_map(|document| {
        let kind: DocumentKind = document.kind.parse().ok()?;
        match Entity::from_body(kind, document.body.get()) {
            Ok(Entity::Template(it)) if it.key.as_str() == "vehicle-multipoint" => Some(it),
            _ => None,
        }
    });
    let template = template.context("the shop has no multi-point template")?;
    let mut batch = Vec::new();
    let mut number = 0;
    for count in 0..inspections {
        let edits = inspection(&template, count)?;
        if batch.len() + edits.len() > MAX_BATCH {
            push(api, session, &batch)?;
            batch.clear();
        }
        batch.extend(edits.into_iter().map(|edit| {
            number += 1;
            Operation {
                number,
                group: number,
                stamp: Stamp(now()),
                base: Seq(0),
                schema: SCHEMA,
                edit,
            }
        }));
    }
    push(api, session, &batch)
}

fn push(api: &Api, session: &Session, batch: &[Operation]) -> Result<()> {
    let answer: ops::Answer = api.push(session, batch)?.ok()?;
    ensure!(answer.ending.is_none(), "{:?}", answer.ending);
    let refused = answer.outcomes.iter().find_map(|it| match &it.outcome {
        Outcome::Refused { refusal } => Some(refusal),
        Outcome::Accepted { .. } => None,
    });
    ensure!(refused.is_none(), "{refused:?}");
    Ok(())
}

fn inspection(template: &Template, count: usize) -> Result<Vec<Edit>> {
    let vehicle = VehicleId::from_parts(now(), random()?);
    let id = InspectionId::from_parts(now(), random()?);
    let mut edits = vec![
        Edit::CreateVehicle {
            id: vehicle,
            kind: VehicleKind::Car,
            vin: None,
            plate: Some(format!("CORPUS {count}")),
            serial: None,
            year: Some(2015),
            make: Some("Example".to_owned()),
            model: Some("Estate".to_owned()),
            customer: None,
        },
        Edit::CreateInspection {
            id,
            template: template.id,
            vehicle,
            customer: None,
            assignee: None,
            bay: None,
            concern: Some(words(count, 8)),
            provisional: format!("~A2-{count}"),
        },
        Edit::Move {
            id,
            verb: Verb::Start,
            from: State::Draft,
            reason: None,
        },
    ];
    for (at, (_, point)) in template.points().enumerate() {
        let Some(answer) = answer(point)? else {
            continue;
        };
        let point = point.key.clone();
        let noted = (at % 20 == count % 20).then(|| InspectionWrite::Note {
            point: point.clone(),
            note: Some(words(count + at, 12)),
        });
        let answer = Some(answer);
        let answered = InspectionWrite::Answer { point, answer };
        let writes = [Some(answered), noted].into_iter().flatten();
        edits.extend(writes.map(|write| Edit::Inspection { id, write }));
    }
    Ok(edits)
}

fn answer(point: &Point) -> Result<Option<Answer>> {
    Ok(match &point.kind {
        Kind::Condition => Some(Answer::condition(Condition::Green)),
        Kind::Measurement(measurement) => Some(Answer::value(AnswerValue::Measured(Quantity {
            value: "7.5".parse()?,
            unit: measurement.unit,
        }))),
        _ => None,
    })
}

/// A few words, natural in that few of them make up most of the text.
fn words(seed: usize, count: usize) -> String {
    let word = |at: usize| {
        let draw = (seed * 31 + at * 17) % 1_000;
        // Squared, so that the first words come most often.
        let index = draw * draw * WORDS.len() / 1_000_000;
        WORDS[index.min(WORDS.len() - 1)]
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}
