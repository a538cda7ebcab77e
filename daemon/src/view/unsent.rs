//! What the API has not taken, for people.

use std::collections::HashMap;

use redtag_protocol::{
    entity::{Entity, EntityRef},
    ipc::{OutboxPage, Outgoing, SyncState},
    op::Refusal,
};

use super::clean;
use crate::cache::{CacheError, Placed, Store, along};

/// The most rows of one answer.
const MOST: u32 = 1_000;

/// A part of the outbox, what was refused in its place. Writes nothing.
pub fn outbox(store: &Store, offset: u32, limit: u32) -> Result<OutboxPage, CacheError> {
    let all = store.unsent()?;
    // Refusals name others by operation number, people know them by place.
    let named: HashMap<_, _> = all
        .iter()
        .map(|it| ((it.device, it.operation.number), it.place))
        .collect();
    let total = all.len() as u64;
    let mine = all.clone();
    let refused: Vec<Placed<'_>> = mine
        .iter()
        .filter(|it| it.sync == SyncState::Refused)
        .map(|it| Placed {
            place: it.place,
            device: it.device,
            operation: &it.operation,
        })
        .collect();
    let part = all
        .into_iter()
        .skip(offset as usize)
        .take(limit.min(MOST) as usize);
    let mut rows = Vec::new();
    for it in part {
        let entity = it.operation.edit.target();
        let device = it.device;
        let other = |of: Option<u64>| named.get(&(device, of?)).copied();
        rows.push(clean(Outgoing {
            number: it.place,
            group: it.stroke,
            label: label(store, &entity)?,
            entity,
            edit: it.operation.edit,
            stamp: it.operation.stamp,
            sync: it.sync,
            with: along(&refused, it.place)
                .into_iter()
                .filter(|place| *place != it.place)
                .collect(),
            refusal: it.refusal.map(|refusal| Refusal {
                because: other(refusal.because),
                parent: other(refusal.parent),
                ..refusal
            }),
        }));
    }
    Ok(OutboxPage { rows, total })
}

/// What people call a document; its kind where it is not here.
pub(super) fn label(store: &Store, key: &EntityRef) -> Result<String, CacheError> {
    Ok(match store.shown(key)?.as_deref() {
        Some(Entity::Inspection(it)) => it.label(),
        Some(Entity::Customer(it)) => it.name.value.clone(),
        Some(Entity::Vehicle(it)) => it.title(),
        Some(Entity::Member(it)) => it.name.clone(),
        Some(Entity::Template(it)) => it.name.clone(),
        Some(Entity::Shop(it)) => it.name.clone(),
        None => key.kind().to_string(),
    })
}
