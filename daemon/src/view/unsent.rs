//! What the API has not taken, for people.

use redtag_protocol::{
    entity::{Entity, EntityRef},
    ipc::{OutboxPage, Outgoing},
};

use super::clean;
use crate::cache::{CacheError, Store};

/// The most rows of one answer.
const MOST: u32 = 1_000;

/// A part of the outbox, what was refused in its place. Writes nothing.
pub fn outbox(store: &Store, offset: u32, limit: u32) -> Result<OutboxPage, CacheError> {
    let all = store.unsent()?;
    let total = all.len() as u64;
    let part = all
        .into_iter()
        .skip(offset as usize)
        .take(limit.min(MOST) as usize);
    let mut rows = Vec::new();
    for it in part {
        let entity = it.operation.edit.target();
        rows.push(clean(Outgoing {
            number: it.operation.number,
            group: it.operation.group,
            label: label(store, &entity)?,
            entity,
            edit: it.operation.edit,
            stamp: it.operation.stamp,
            sync: it.sync,
            refusal: it.refusal,
        }));
    }
    Ok(OutboxPage { rows, total })
}

/// What people call a document; its kind where it is not here.
pub(super) fn label(store: &Store, key: &EntityRef) -> Result<String, CacheError> {
    Ok(match store.local(key)?.as_deref() {
        Some(Entity::Inspection(it)) => it.label(),
        Some(Entity::Customer(it)) => it.name.value.clone(),
        Some(Entity::Vehicle(it)) => it.title(),
        Some(Entity::Member(it)) => it.name.clone(),
        Some(Entity::Template(it)) => it.name.clone(),
        Some(Entity::Shop(it)) => it.name.clone(),
        None => key.kind().to_string(),
    })
}
