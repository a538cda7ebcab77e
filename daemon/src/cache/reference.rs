//! Fills in what a measured answer is graded against, where the author left it out: the vehicle's
//! own value, or the previous visit's.

use redtag_protocol::{
    entity::{Entity, EntityRef},
    grade,
    ids::{ChoiceKey, PointKey},
    inspection::{Answer, Inspection, InspectionWrite},
    op::Edit,
    template::{Kind, Point, Rule, Template},
    units::Quantity,
};

use super::{CacheError, Scratch};
use crate::view;

/// The edit, with the reference of its answer where one is known and none was given.
pub(super) fn fill(scratch: &Scratch<'_>, mut edit: Edit) -> Result<Edit, CacheError> {
    if let Edit::Inspection {
        id,
        write:
            InspectionWrite::Answer {
                point,
                answer: Some(answer),
            },
    } = &mut edit
        && answer.measured().is_some()
        && answer.reference.is_none()
    {
        let inspection = scratch.entity(&EntityRef::Inspection(*id))?;
        if let Some(Entity::Inspection(inspection)) = inspection.as_deref() {
            fill_answer(scratch, inspection, point, answer)?;
        }
    }
    Ok(edit)
}

fn fill_answer(
    scratch: &Scratch<'_>,
    inspection: &Inspection,
    point: &PointKey,
    answer: &mut Answer,
) -> Result<(), CacheError> {
    let template = scratch.entity(&EntityRef::Template(inspection.template.id))?;
    let Some(Entity::Template(template)) = template.as_deref() else {
        return Ok(());
    };
    let Some(rule) = rule(template, inspection, point) else {
        return Ok(());
    };
    match rule {
        Rule::Absolute => {}
        Rule::DeltaToPrevious => {
            let previous = view::previous(scratch.store(), inspection, Some(point))?;
            answer.reference = previous
                .get(point)
                .and_then(|previous| previous.answer.measured().copied());
        }
        Rule::DeltaToReference { .. } => {
            answer.reference = vehicles(scratch, inspection, point)?;
        }
        Rule::WithinReference { .. } => {
            answer.reference = vehicles(scratch, inspection, point)?;
            let low = template.point(point).and_then(Point::minimum_key);
            if let (None, Some(low)) = (&answer.reference_low, low) {
                answer.reference_low = vehicles(scratch, inspection, &low)?;
            }
        }
    }
    Ok(())
}

/// The rule that holds for the choices of this inspection.
fn rule<'a>(template: &'a Template, inspection: &Inspection, point: &PointKey) -> Option<&'a Rule> {
    let Kind::Measurement(measurement) = &template.point(point)?.kind else {
        return None;
    };
    let choice = |key: &ChoiceKey| template.answer(key, inspection.choice(key));
    grade::case(measurement, &choice)
        .ok()
        .map(|case| &case.rule)
}

/// The value that the vehicle carries for a point.
fn vehicles(
    scratch: &Scratch<'_>,
    inspection: &Inspection,
    point: &PointKey,
) -> Result<Option<Quantity>, CacheError> {
    let vehicle = scratch.entity(&EntityRef::Vehicle(inspection.vehicle))?;
    Ok(match vehicle.as_deref() {
        Some(Entity::Vehicle(vehicle)) => vehicle.reference(point).copied(),
        _ => None,
    })
}
