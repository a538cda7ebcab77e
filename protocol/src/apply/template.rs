//! Versions of templates: written down as drafts, offered, and closed. Nothing is taken from the
//! inspections that run on one.

use std::sync::Arc;

use super::{After, Also, Change, Ground, exists, not_found};
use crate::{
    entity::{Entity, EntityRef, World},
    event::What,
    ids::TemplateId,
    op::{Refusal, RefusalCode, Verdict},
    template::{Template, TemplateState},
};

/// The next version of the template that the text names.
pub(super) fn draft(
    ground: &Ground<'_>,
    world: &World,
    id: TemplateId,
    text: &str,
) -> Result<Change, Refusal> {
    if world.entity(&ground.target).is_some() {
        return Err(exists(&ground.target));
    }
    let file = Template::parse_toml(text, "the template")
        .map_err(|error| Refusal::new(RefusalCode::Invalid, error.to_string()))?;
    let newest = world.versions(&file.key).map(|it| it.version).max();
    let version = newest.unwrap_or(0).saturating_add(1);
    let template = file.into_template(id, version, TemplateState::Draft);
    let what = What::Template {
        version,
        before: None,
        after: TemplateState::Draft,
    };
    let after = After::Stands(Arc::new(Entity::Template(template)));
    Ok(Change::alone(after, Verdict::Applied, what))
}

/// Which inspections run is known to the storage alone, so what was offered before is closing and
/// not closed; that says the same to whoever begins an inspection.
pub(super) fn publish(
    ground: &Ground<'_>,
    world: &World,
    instead_of: Option<TemplateId>,
) -> Result<Change, Refusal> {
    let chosen = named(ground, world)?;
    let mut others: Vec<&Template> = world
        .versions(&chosen.key)
        .filter(|it| it.id != chosen.id && it.state == TemplateState::Active)
        .collect();
    if let Some(unseen) = others.iter().find(|it| Some(it.id) != instead_of) {
        let words = format!(
            "meanwhile version {} of “{}” was published; look at what it asks, then publish again",
            unseen.version, unseen.key
        );
        return Err(Refusal::new(RefusalCode::WrongState, words));
    }
    others.sort_by_key(|it| it.version);
    let also = others.into_iter().map(|it| {
        let (after, what) = turned(it, TemplateState::Closing);
        Also {
            after,
            verdict: Verdict::Applied,
            what,
        }
    });
    let (after, what) = turned(chosen, TemplateState::Active);
    Ok(Change {
        also: also.collect(),
        ..Change::alone(after, Verdict::Applied, what)
    })
}

/// One that was seen offered is closing; one that was not is closed for good. What two do at once is
/// done once; one that became something else meanwhile, such as a draft that was published, stays.
pub(super) fn close(
    ground: &Ground<'_>,
    world: &World,
    from: TemplateState,
) -> Result<Change, Refusal> {
    let chosen = named(ground, world)?;
    let state = match from {
        TemplateState::Active => TemplateState::Closing,
        TemplateState::Draft | TemplateState::Closing | TemplateState::Closed => {
            TemplateState::Closed
        }
    };
    if chosen.state != from && chosen.state != state {
        let words = format!(
            "version {} of “{}” is {} by now; look at it, then close it again",
            chosen.version,
            chosen.key,
            match chosen.state {
                TemplateState::Draft => "a draft",
                TemplateState::Active => "offered for new inspections",
                TemplateState::Closing => "closing",
                TemplateState::Closed => "closed",
            }
        );
        return Err(Refusal::new(RefusalCode::WrongState, words));
    }
    let (after, what) = turned(chosen, state);
    Ok(Change::alone(after, Verdict::Applied, what))
}

fn named<'w>(ground: &Ground<'_>, world: &'w World) -> Result<&'w Template, Refusal> {
    let found = match ground.target {
        EntityRef::Template(id) => world.template(id),
        _ => None,
    };
    found.ok_or_else(|| not_found(&ground.target))
}

fn turned(template: &Template, state: TemplateState) -> (After, What) {
    let what = What::Template {
        version: template.version,
        before: Some(template.state),
        after: state,
    };
    let template = Template {
        state,
        ..template.clone()
    };
    let after = After::Stands(Arc::new(Entity::Template(template)));
    (after, what)
}
