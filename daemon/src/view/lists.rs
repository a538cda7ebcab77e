//! Lists of vehicles, customers, templates and members.

use std::collections::{BTreeMap, HashSet};

use redtag_protocol::{
    canned::Kept,
    customer::Customer,
    entity::{Entity, EntityRef},
    ids::CannedId,
    ipc::{PART, TemplatePage},
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
    ordered(store.templates()).map(clean).collect()
}

/// A part of them, and of the drafts that the API refused, as many as a message carries well.
pub fn template_page(store: &Store, offset: u32) -> TemplatePage {
    let refused = store.refused_templates();
    let marked: HashSet<_> = refused.iter().map(|it| it.id).collect();
    let mut all = store.templates();
    all.extend(refused);
    let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let mut room = PART;
    let fits = |it: &Template| {
        let bytes = serde_json::to_vec(it).map_or(usize::MAX, |it| it.len());
        let first = room == PART;
        room = room.saturating_sub(bytes);
        // One alone is never larger than a message: the API takes none.
        first || room > 0
    };
    let from = usize::try_from(offset).unwrap_or(usize::MAX);
    let part = ordered(all).skip(from).map(clean);
    let templates: Vec<Template> = part.take_while(fits).collect();
    let refused = templates.iter().map(|it| it.id);
    TemplatePage {
        refused: refused.filter(|id| marked.contains(id)).collect(),
        templates,
        offset,
        total,
    }
}

fn ordered(mut all: Vec<Template>) -> impl Iterator<Item = Template> {
    all.sort_by(|a, b| {
        let versions = b.version.cmp(&a.version);
        a.key.cmp(&b.key).then(versions).then(a.id.cmp(&b.id))
    });
    all.into_iter()
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
