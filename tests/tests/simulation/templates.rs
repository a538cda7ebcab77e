//! What people do with templates at a bench: write the next version down, offer one, close one.

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{
    entity::{Entity, Kind},
    event::{Happening, What},
    ids::TemplateId,
    op::Edit,
    role::Permission,
    template::{Template, TemplateState},
};
use redtag_server::storage::memory::Content;
use redtagd::cache::Store;

use super::{
    checks::{
        Violation,
        offered::{self, Stands, Turned},
    },
    rng::Rng,
    world::{TEMPLATE, World},
};

/// A stroke about templates as this bench sees them; nothing where nobody here may.
pub(crate) fn stroke(rng: &mut Rng, store: &Store, token: &str) -> Vec<Edit> {
    if !store.role().may(Permission::Templates) {
        return Vec::new();
    }
    let mut all = store.templates();
    all.sort_by_key(|it| it.id);
    match rng.below(6) {
        0 => vec![draft(rng, token).edit],
        // As an editor is left: written down and offered at once.
        1 => {
            let Draft { id, key, edit } = draft(rng, token);
            let seen = all.iter().filter(|it| it.key.as_str() == key);
            let instead_of = active(seen);
            vec![edit, Edit::PublishTemplate { id, instead_of }]
        }
        2..5 => publish(rng, &all).into_iter().collect(),
        _ => close(rng, &all).into_iter().collect(),
    }
}

struct Draft {
    id: TemplateId,
    key: &'static str,
    edit: Edit,
}

/// One of two templates, most often the one that every world begins with.
fn draft(rng: &mut Rng, token: &str) -> Draft {
    let id = TemplateId::from_parts(rng.below(1 << 40), rng.bytes());
    let key = if rng.chance(800) { "bike" } else { "trike" };
    let text = TEMPLATE.replace("\"bike\"", &format!("{key:?}"));
    let text = text.replace("Bike", token);
    let edit = Edit::DraftTemplate { id, text };
    Draft { id, key, edit }
}

fn publish(rng: &mut Rng, all: &[Template]) -> Option<Edit> {
    let it = rng.pick(all)?;
    let others = all.iter().filter(|other| other.key == it.key);
    Some(Edit::PublishTemplate {
        id: it.id,
        instead_of: active(others.filter(|other| other.id != it.id)),
    })
}

fn close(rng: &mut Rng, all: &[Template]) -> Option<Edit> {
    let it = rng.pick(all)?;
    Some(Edit::CloseTemplate {
        id: it.id,
        from: it.state,
    })
}

fn active<'a>(mut versions: impl Iterator<Item = &'a Template>) -> Option<TemplateId> {
    let offered = versions.find(|it| it.state == TemplateState::Active);
    offered.map(|it| it.id)
}

impl World {
    /// Over a shop's whole timeline.
    pub(crate) fn reckon_templates(&self, shop: usize, content: &Content) -> Result<(), Violation> {
        let mut turned = Vec::new();
        for event in content.events.values() {
            if event.key.kind() != Kind::Template {
                continue;
            }
            let happening: Happening =
                serde_json::from_str(&event.payload).expect("the API writes happenings");
            let What::Template { after, .. } = happening.what else {
                continue;
            };
            let by = happening.actor.op();
            // Of a number that two homes may have used it is not known whose edit is meant.
            let promises = self.witness.promises.iter().filter(|_| !self.cloned);
            let mut promises = promises.filter(|it| self.benches[it.bench].shop == shop);
            let promise = promises
                .find(|it| by.is_some_and(|by| (it.device, it.number) == (by.device, by.number)));
            turned.push(Turned {
                id: TemplateId::from_bytes(*event.key.id()),
                after,
                by,
                edit: promise.map(|it| it.edit.clone()),
            });
        }
        let mut running = BTreeSet::new();
        let mut stands = BTreeMap::new();
        for (key, stored) in &content.documents {
            match Entity::from_body(key.kind(), &stored.body) {
                Ok(Entity::Inspection(it)) if !it.state.value.is_over() => {
                    running.insert(it.template.id);
                }
                Ok(Entity::Template(it)) => {
                    let (key, state, runs) = (it.key.to_string(), it.state, false);
                    stands.insert(it.id, Stands { key, state, runs });
                }
                _ => {}
            }
        }
        for (id, it) in &mut stands {
            it.runs = running.contains(id);
        }
        offered::check(&turned, &stands)
    }
}
