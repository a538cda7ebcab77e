//! The last visit's answers, point by point.

use std::collections::BTreeMap;

use redtag_protocol::{
    entity::{Entity, EntityRef},
    ids::PointKey,
    inspection::Inspection,
    ipc::Previous,
};

use crate::cache::{CacheError, Store};

/// How many earlier visits are looked through.
const VISITS: usize = 12;

/// For each point the answer of the latest earlier inspection of the same vehicle that has one;
/// void inspections do not count. With `only`, for that point alone.
pub fn previous(
    store: &Store,
    inspection: &Inspection,
    only: Option<&PointKey>,
) -> Result<BTreeMap<PointKey, Previous>, CacheError> {
    let mut answers = BTreeMap::new();
    let earlier = store
        .board()
        .visits(inspection.vehicle)
        .into_iter()
        .filter(|(created, id)| *id != inspection.id && *created < inspection.created.stamp)
        .take(VISITS);
    for (at, id) in earlier {
        let visit = store.local(&EntityRef::Inspection(id))?;
        let Some(Entity::Inspection(visit)) = visit.as_deref() else {
            continue;
        };
        for (point, result) in &visit.results {
            let wanted = only.is_none_or(|only| only == point) && !answers.contains_key(point);
            if let (true, Some(answer)) = (wanted, result.answer()) {
                let previous = Previous {
                    answer: answer.clone(),
                    at,
                    label: visit.label(),
                };
                answers.insert(point.clone(), previous);
            }
        }
        if only.is_some_and(|only| answers.contains_key(only)) {
            break;
        }
    }
    Ok(answers)
}
