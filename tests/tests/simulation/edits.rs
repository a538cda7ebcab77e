//! Random edits to what stands at a bench.

use redtag_protocol::{
    customer::CustomerWrite,
    entity::{Entity, EntityRef},
    field::OpRef,
    grade::Condition,
    ids::{CustomerId, InspectionId, LineId, TemplateId, VehicleId},
    inspection::{Answer, AnswerValue, Inspection, InspectionWrite, Recommendation},
    lifecycle::Verb,
    money::Cents,
    op::Edit,
    role::Role,
    settle::{self, Stand},
    template::TemplateState,
    vehicle::{VehicleKind, VehicleWrite},
};
use redtagd::cache::Store;

use super::rng::Rng;

/// The text that only this edit holds.
pub(crate) fn token_of(edit: &Edit) -> Option<String> {
    let text = serde_json::to_string(edit).ok()?;
    let at = text.find("zz")?;
    text.get(at..at + 10).map(ToOwned::to_owned)
}

/// One edit that makes sense at this bench, with a text that only it holds.
pub(crate) fn edit(
    rng: &mut Rng,
    store: &Store,
    known: &[EntityRef],
    (token, may_be_rare): (&str, bool),
) -> Option<Edit> {
    let creates = known.len() < 3 || rng.chance(120);
    if creates {
        return Some(create(rng, store, known, token));
    }
    let key = *rng.pick(known)?;
    let local = store.local(&key).ok()??;
    if may_be_rare && rng.chance(90) {
        return rare(rng, store, known, &local);
    }
    Some(match local.as_ref() {
        Entity::Customer(it) => customer(rng, it.id, token, &it.conflicts),
        Entity::Vehicle(it) => vehicle(rng, it, token),
        Entity::Inspection(it) => inspection(rng, store, it, token),
        _ => return None,
    })
}

/// What is done seldom: taking back, deleting, merging, erasing, and settling what came of it.
fn rare(rng: &mut Rng, store: &Store, known: &[EntityRef], local: &Entity) -> Option<Edit> {
    let key = local.key();
    match rng.below(8) {
        0..3 => {
            let own = store.own_events(&key).ok()?;
            let (happening, _) = rng.pick(&own)?;
            settle::undo(local, happening)
        }
        3 => Some(Edit::Delete { what: key }),
        4 => {
            let stand = Stand::Present;
            settle::settle(local, "", stand).or(Some(Edit::Restore { what: key }))
        }
        5 | 6 => {
            let others: Vec<EntityRef> = known
                .iter()
                .filter(|it| it.kind() == key.kind() && **it != key)
                .copied()
                .collect();
            match (key, *rng.pick(&others)?) {
                (EntityRef::Customer(id), EntityRef::Customer(into)) => {
                    Some(Edit::MergeCustomers { id, into })
                }
                (EntityRef::Vehicle(id), EntityRef::Vehicle(into)) => {
                    Some(Edit::MergeVehicles { id, into })
                }
                _ => None,
            }
        }
        _ => match key {
            EntityRef::Customer(id) if rng.chance(400) => Some(Edit::EraseCustomer { id }),
            _ => None,
        },
    }
}

fn create(rng: &mut Rng, store: &Store, known: &[EntityRef], token: &str) -> Edit {
    let mut templates: Vec<TemplateId> = store
        .templates()
        .iter()
        .filter(|it| it.state == TemplateState::Active)
        .map(|it| it.id)
        .collect();
    templates.sort_unstable();
    let there = |key: &&EntityRef| store.local(key).is_ok_and(|it| it.is_some());
    let vehicles: Vec<VehicleId> = known
        .iter()
        .filter(there)
        .filter_map(|it| match it {
            EntityRef::Vehicle(id) => Some(*id),
            _ => None,
        })
        .collect();
    let customers: Vec<CustomerId> = known
        .iter()
        .filter(there)
        .filter_map(|it| match it {
            EntityRef::Customer(id) => Some(*id),
            _ => None,
        })
        .collect();
    let customer = rng.pick(&customers).copied();
    match (rng.below(4), rng.pick(&templates), rng.pick(&vehicles)) {
        (0 | 1, Some(template), Some(vehicle)) => Edit::CreateInspection {
            id: InspectionId::from_parts(rng.below(1 << 40), rng.bytes()),
            template: *template,
            vehicle: *vehicle,
            customer,
            assignee: None,
            bay: None,
            concern: Some(token.to_owned()),
            provisional: format!("~{}", &token[2..]),
        },
        (2, ..) => Edit::CreateCustomer {
            id: CustomerId::from_parts(rng.below(1 << 40), rng.bytes()),
            name: token.to_owned(),
            phones: Vec::new(),
            emails: Vec::new(),
            consent: rng.chance(500),
        },
        _ => Edit::CreateVehicle {
            id: VehicleId::from_parts(rng.below(1 << 40), rng.bytes()),
            kind: VehicleKind::Bicycle,
            vin: None,
            plate: None,
            serial: Some(token.to_owned()),
            year: None,
            make: None,
            model: None,
            customer,
        },
    }
}

fn customer(
    rng: &mut Rng,
    id: CustomerId,
    token: &str,
    conflicts: &std::collections::BTreeMap<String, redtag_protocol::field::Conflict<CustomerWrite>>,
) -> Edit {
    if let Some(conflict) = conflicts.values().next().filter(|_| rng.chance(600))
        && let Some(side) = rng.pick(&conflict.sides)
    {
        return Edit::SettleCustomer {
            id,
            write: side.write.clone(),
            settles: ops(conflict.sides.iter().map(|it| it.writer.op())),
        };
    }
    let write = match rng.below(4) {
        0 | 1 => CustomerWrite::Name {
            name: token.to_owned(),
        },
        2 => CustomerWrite::Phones {
            phones: vec![token.to_owned()],
        },
        _ => CustomerWrite::Consent {
            consent: rng.chance(500),
        },
    };
    Edit::Customer { id, write }
}

fn vehicle(rng: &mut Rng, it: &redtag_protocol::vehicle::Vehicle, token: &str) -> Edit {
    let id = it.id;
    if let Some(conflict) = it.conflicts.values().next().filter(|_| rng.chance(600))
        && let Some(side) = rng.pick(&conflict.sides)
    {
        return Edit::SettleVehicle {
            id,
            write: side.write.clone(),
            settles: ops(conflict.sides.iter().map(|it| it.writer.op())),
        };
    }
    let text = Some(token.to_owned());
    let write = match rng.below(3) {
        0 => VehicleWrite::Model { model: text },
        1 => VehicleWrite::Make { make: text },
        _ => VehicleWrite::Serial { serial: text },
    };
    Edit::Vehicle { id, write }
}

fn ops(ops: impl Iterator<Item = OpRef>) -> Vec<OpRef> {
    ops.collect()
}

fn inspection(rng: &mut Rng, store: &Store, it: &Inspection, token: &str) -> Edit {
    let id = it.id;
    if let Some(conflict) = it.conflicts.values().next().filter(|_| rng.chance(400))
        && let Some(side) = rng.pick(&conflict.sides)
    {
        return Edit::SettleInspection {
            id,
            write: side.write.clone(),
            settles: ops(conflict.sides.iter().map(|it| it.writer.op())),
        };
    }
    let text = Some(token.to_owned());
    let point = |key: &str| key.parse().expect("a point");
    let write = match rng.below(12) {
        0 | 1 => return moved(rng, store, it),
        2 => InspectionWrite::Concern { concern: text },
        3 => InspectionWrite::Bay { bay: text },
        4 => InspectionWrite::Line {
            point: point("all.wear"),
            line: LineId::from_parts(rng.below(1 << 40), rng.bytes()),
            recommendation: Some(Recommendation {
                text: token.to_owned(),
                labour: Cents::new(100),
                parts: Cents::new(7),
            }),
        },
        5 | 6 => InspectionWrite::Note {
            point: point("all.wear"),
            note: text,
        },
        7 | 8 => InspectionWrite::Answer {
            point: point("all.words"),
            answer: Some(Answer::value(AnswerValue::Text(token.to_owned()))),
        },
        9 => InspectionWrite::Answer {
            point: point("all.pads"),
            answer: Some(Answer::value(AnswerValue::Measured(
                redtag_protocol::units::Quantity::new(
                    format!("{}.{}", rng.below(4), rng.below(10))
                        .parse()
                        .expect("a number"),
                    "mm".parse().expect("a unit"),
                ),
            ))),
        },
        _ => InspectionWrite::Answer {
            point: point("all.wear"),
            answer: rng
                .pick(&[Condition::Red, Condition::Yellow, Condition::Green])
                .map(|it| Answer::condition(*it)),
        },
    };
    Edit::Inspection { id, write }
}

fn moved(rng: &mut Rng, store: &Store, it: &Inspection) -> Edit {
    let role = store.role();
    let from = it.state.value;
    let verbs: Vec<Verb> = from.verbs(role).collect();
    // Now and then what is not allowed from here, which is not even saved.
    let verb = rng.pick(&verbs).copied().unwrap_or(Verb::Start);
    let verb = if verb == Verb::Void && role == Role::Owner && rng.chance(800) {
        verbs.first().copied().unwrap_or(verb)
    } else {
        verb
    };
    Edit::Move {
        id: it.id,
        verb,
        from,
        reason: verb.rule().reason.then(|| "because".to_owned()),
    }
}
