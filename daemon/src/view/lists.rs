//! Lists of vehicles, customers, templates and members.

use std::collections::BTreeMap;

use redtag_protocol::{
    canned::Kept,
    customer::Customer,
    entity::{Entity, EntityRef},
    ids::CannedId,
    shop::Member,
    template::Template,
    vehicle::Vehicle,
};

use super::{clean, subject};
use crate::cache::{CacheError, Store};

/// The vehicles that match all words of `text`; an id finds its vehicle, or the one into which
/// that was merged.
pub fn vehicles(store: &Store, text: &str, limit: u32) -> Result<Vec<Vehicle>, CacheError> {
    let ids = match text.trim().parse() {
        Ok(id) => vec![id],
        Err(_) => store.board().vehicles(text, limit),
    };
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(subject::vehicle_of(store, id)?.map(clean));
    }
    Ok(found)
}

/// The customers that match all words of `text`; an id finds its customer, or the one into
/// which that was merged.
pub fn customers(store: &Store, text: &str, limit: u32) -> Result<Vec<Customer>, CacheError> {
    let ids = match text.trim().parse() {
        Ok(id) => vec![id],
        Err(_) => store.board().customers(text, limit),
    };
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(subject::customer_of(store, id)?.map(clean));
    }
    Ok(found)
}

/// All template versions, by key, the newest version first.
pub fn templates(store: &Store) -> Vec<Template> {
    let mut all = store.templates();
    all.sort_by(|a, b| a.key.cmp(&b.key).then(b.version.cmp(&a.version)));
    all.into_iter().map(clean).collect()
}

/// The canned notes that the shop keeps, with this machine's edits applied.
pub fn canned(store: &Store) -> Result<BTreeMap<CannedId, Kept>, CacheError> {
    let shop = store.local(&EntityRef::Shop(store.meta().shop))?;
    Ok(match shop.as_deref() {
        Some(Entity::Shop(shop)) => clean(shop.canned.clone()),
        _ => BTreeMap::new(),
    })
}

/// All members by name, removed ones too.
pub fn members(store: &Store) -> Vec<Member> {
    let mut all: Vec<_> = store.members().into_iter().map(clean).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}
