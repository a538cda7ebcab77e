//! One inspection with all that is shown beside it.

use std::collections::BTreeSet;

use redtag_protocol::{
    entity::{Entity, EntityRef},
    event::What,
    ids::InspectionId,
    inspection::Inspection,
    ipc::{Failure, FailureCode, InspectionView, SentBack, SyncState},
    lifecycle::{State, Verb},
    merge::Write as _,
    op::Edit,
    role::Permission,
    shop::Settings,
    stamp::Seq,
};

use super::{clean, previous, timeline};
use crate::cache::{CacheError, Stage, Store};

/// The inspection, joined; writes nothing.
pub fn inspection(store: &Store, id: InspectionId) -> Result<InspectionView, Failure> {
    let key = EntityRef::Inspection(id);
    let local = store.shown(&key)?;
    let Some(Entity::Inspection(inspection)) = local.as_deref() else {
        return Err(Failure::new(
            FailureCode::NotFound,
            "there is no such inspection in the cache; it may not have been pulled yet",
        ));
    };
    let Some(template) = store.board().template(inspection.template.id) else {
        return Err(Failure::new(
            FailureCode::NotFound,
            "the inspection's template has not been pulled yet; try again in a moment",
        ));
    };
    let vehicle = match store
        .shown(&EntityRef::Vehicle(inspection.vehicle))?
        .as_deref()
    {
        Some(Entity::Vehicle(vehicle)) => Some(vehicle.clone()),
        _ => None,
    };
    let customer = match inspection.customer() {
        Some(id) => match store.shown(&EntityRef::Customer(id))?.as_deref() {
            Some(Entity::Customer(customer)) => Some(customer.clone()),
            _ => None,
        },
        None => None,
    };
    let Standing {
        version,
        verbs,
        sync,
        pending,
        waiting,
    } = Standing::of(store, inspection)?;
    Ok(clean(InspectionView {
        version,
        counts: inspection.counts(template),
        verbs,
        previous: previous(store, inspection, None)?,
        template: template.as_ref().clone(),
        vehicle,
        customer,
        members: store.members(),
        settings: store
            .shop()
            .map_or(Settings::default(), |(_, settings)| settings),
        sync,
        waiting,
        pending,
        quarantined: store.quarantine(Some(&key))?,
        drafts: store.drafts(id)?,
        sent_back: sent_back(store, &key, inspection)?,
        inspection: inspection.as_ref().clone(),
        telling: 0,
    }))
}

/// What is told of an inspection beside its fields.
pub(super) struct Standing {
    pub(super) version: Seq,
    pub(super) verbs: Vec<Verb>,
    pub(super) sync: SyncState,
    pub(super) pending: BTreeSet<String>,
    pub(super) waiting: u64,
}

impl Standing {
    /// As things stand; `inspection` is with the outbox applied.
    pub(super) fn of(store: &Store, inspection: &Inspection) -> Result<Self, CacheError> {
        let key = EntityRef::Inspection(inspection.id);
        let (pending, waiting) = pending(store, &key);
        Ok(Self {
            version: store.version(&key)?,
            verbs: verbs(store, inspection),
            sync: store.sync(&key),
            pending,
            waiting,
        })
    }
}

/// What may be done next: by the table, and submitting only one's own work.
fn verbs(store: &Store, inspection: &Inspection) -> Vec<Verb> {
    if store.is_unmade(&EntityRef::Inspection(inspection.id)) {
        return Vec::new();
    }
    let role = store.role();
    let own = inspection
        .assignee()
        .is_none_or(|assignee| assignee == store.meta().person);
    inspection
        .state
        .value
        .verbs(role)
        .filter(|verb| *verb != Verb::Submit || own || role.may(Permission::Review))
        .collect()
}

/// Why the work is open again: while it is returned, and after it was taken up again until it is handed
/// in. Looked up in the timeline only where it can be so: most work was never handed in before.
fn sent_back(
    store: &Store,
    key: &EntityRef,
    inspection: &Inspection,
) -> Result<Option<SentBack>, CacheError> {
    let open_again = match inspection.state.value {
        State::Returned => true,
        State::InProgress => inspection.revision > 0 || was_begun_before(inspection),
        _ => false,
    };
    if !open_again {
        return Ok(None);
    }
    let moved = timeline(store, key)?.into_iter().find_map(|entry| {
        let What::Moved { verb, reason, .. } = entry.happening?.what else {
            return None;
        };
        let back = matches!(verb, Verb::Return | Verb::Reopen) && entry.sync != SyncState::Refused;
        back.then_some(SentBack {
            verb,
            who: entry.who,
            reason: reason?,
        })
    });
    Ok(moved)
}

/// Whether a point was answered before the inspection was moved last, as it is where work was taken up
/// again, and not where it was begun.
fn was_begun_before(inspection: &Inspection) -> bool {
    let moved = inspection.state.writer.stamp;
    let mut answers = inspection
        .results
        .values()
        .filter_map(|it| it.answer.as_ref());
    answers.any(|answer| answer.writer.stamp < moved)
}

/// The fields with an edit that is not acknowledged, and how many operations that are.
fn pending(store: &Store, key: &EntityRef) -> (BTreeSet<String>, u64) {
    let mut fields = BTreeSet::new();
    let mut waiting = 0;
    for op in store.pending().of(key) {
        if op.stage == Stage::Acked {
            continue;
        }
        waiting += 1;
        match &op.operation.edit {
            Edit::Inspection { write, .. } | Edit::SettleInspection { write, .. } => {
                fields.insert(write.field());
            }
            Edit::Move { .. } => {
                fields.insert("state".to_owned());
            }
            _ => {}
        }
    }
    (fields, waiting)
}
