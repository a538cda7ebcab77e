//! What became of an inspection that a client has on its screen.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::view::{InspectionView, SyncState};
use crate::{
    ids::{InspectionId, PointKey},
    inspection::{Counts, Inspection, PointResult},
    lifecycle::Verb,
    stamp::Seq,
};

/// What an [`InspectionView`] is from here on, where only the inspection itself changed: it says
/// nothing of what stands beside it, such as the vehicle, names, or texts that are being typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The [`InspectionView::telling`] that it goes on from.
    pub from: u64,
    /// The telling that it leads to.
    pub to: u64,
    /// The document's version, as last pulled.
    pub version: Seq,
    /// The document with those of its points alone that are not what they were.
    pub inspection: Inspection,
    /// Points of which nothing is known any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<PointKey>,
    /// As in the view.
    pub counts: Counts,
    /// As in the view.
    pub verbs: Vec<Verb>,
    /// As in the view.
    pub sync: SyncState,
    /// As in the view.
    pub waiting: u64,
    /// As in the view.
    pub pending: BTreeSet<String>,
}

/// What a client makes of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// The view is what the daemon has.
    Taken,
    /// The view had it already.
    Old,
    /// It goes on from a view that is not here, or is of another inspection: read the whole one.
    Missed,
}

impl Difference {
    /// Which inspection it is of.
    pub fn of(&self) -> InspectionId {
        self.inspection.id
    }
}

impl InspectionView {
    /// Takes a difference in.
    pub fn follow(&mut self, difference: Difference) -> Followed {
        if difference.of() != self.inspection.id || difference.from > self.telling {
            return Followed::Missed;
        }
        if difference.from < self.telling {
            return Followed::Old;
        }
        let Difference {
            from: _,
            to,
            version,
            inspection,
            gone,
            counts,
            verbs,
            sync,
            waiting,
            pending,
        } = difference;
        let mut results = std::mem::take(&mut self.inspection.results);
        results.retain(|point, _| !gone.contains(point));
        self.inspection = inspection;
        results.append(&mut self.inspection.results);
        self.inspection.results = results;
        self.telling = to;
        self.version = version;
        self.counts = counts;
        self.verbs = verbs;
        self.sync = sync;
        self.waiting = waiting;
        self.pending = pending;
        Followed::Taken
    }
}

/// `now` with those of its points alone that are not as they were `before`, and the points that are
/// gone. None where what is shown beside an inspection may be another as well: after a move, or with
/// another vehicle, customer or template.
pub fn difference(before: &Inspection, now: &Inspection) -> Option<(Inspection, Vec<PointKey>)> {
    let beside = |it: &Inspection| {
        let moved = (it.state.value, it.revision);
        (it.id, it.template.id, it.vehicle, it.customer(), moved)
    };
    if beside(before) != beside(now) {
        return None;
    }
    let other =
        |(point, result): &(&PointKey, &PointResult)| before.results.get(*point) != Some(result);
    let results: BTreeMap<PointKey, PointResult> = now
        .results
        .iter()
        .filter(other)
        .map(|(point, result)| (point.clone(), result.clone()))
        .collect();
    let gone = before
        .results
        .keys()
        .filter(|point| !now.results.contains_key(*point))
        .cloned()
        .collect();
    // Whole, so that a field that is forgotten here does not compile.
    let changed = Inspection {
        id: now.id,
        number: now.number,
        provisional: now.provisional.clone(),
        template: now.template.clone(),
        vehicle: now.vehicle,
        created: now.created,
        state: now.state.clone(),
        revision: now.revision,
        customer: now.customer.clone(),
        assignee: now.assignee.clone(),
        bay: now.bay.clone(),
        concern: now.concern.clone(),
        choices: now.choices.clone(),
        results,
        conflicts: now.conflicts.clone(),
        late: now.late.clone(),
        past: now.past.clone(),
        deletion: now.deletion,
        unknown: now.unknown.clone(),
    };
    Some((changed, gone))
}

#[cfg(test)]
mod tests;
