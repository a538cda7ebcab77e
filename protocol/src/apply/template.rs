//! Versions of templates: written down as drafts, offered, and closed. Nothing is taken from the
//! inspections that run on one.

use std::sync::Arc;

use super::{After, Also, Change, Ground, exists, not_found};
use crate::{
    entity::{Entity, EntityRef, World},
    event::What,
    ids::{InspectionId, TemplateId},
    lifecycle::Verb,
    op::{Edit, Refusal, RefusalCode, Verdict},
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

/// What was offered before is closing where inspections still run on it, else closed. So is what was
/// closing before.
pub(super) fn publish(
    ground: &Ground<'_>,
    world: &World,
    instead_of: Option<TemplateId>,
) -> Result<Change, Refusal> {
    let chosen = named(ground, world)?;
    let mut others: Vec<&Template> = world
        .versions(&chosen.key)
        .filter(|it| it.id != chosen.id && it.state != TemplateState::Draft)
        .collect();
    let mut offered = others.iter().filter(|it| it.state == TemplateState::Active);
    if let Some(unseen) = offered.find(|it| Some(it.id) != instead_of) {
        let words = format!(
            "meanwhile version {} of “{}” was published; look at what it asks, then publish again",
            unseen.version, unseen.key
        );
        return Err(Refusal::new(RefusalCode::WrongState, words));
    }
    others.sort_by_key(|it| it.version);
    let others = others.into_iter();
    let changed = others.filter_map(|it| {
        let state = ended(world, it, None);
        (state != it.state).then(|| also(it, state))
    });
    let (after, what) = turned(chosen, TemplateState::Active);
    Ok(Change {
        also: changed.collect(),
        ..Change::alone(after, Verdict::Applied, what)
    })
}

/// One that was seen offered is closing where inspections still run on it; one that was not is closed
/// for good. What two do at once is done once; one that became something else meanwhile, such as a
/// draft that was published, stays.
pub(super) fn close(
    ground: &Ground<'_>,
    world: &World,
    from: TemplateState,
) -> Result<Change, Refusal> {
    let chosen = named(ground, world)?;
    let state = match from {
        TemplateState::Active => ended(world, chosen, None),
        TemplateState::Draft | TemplateState::Closing | TemplateState::Closed => {
            TemplateState::Closed
        }
    };
    // Whoever saw it offered wants it closed all the more where another took its place meanwhile.
    let replaced = (from, chosen.state) == (TemplateState::Active, TemplateState::Closing);
    if chosen.state != from && chosen.state != state && !replaced {
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

/// The version on which an inspection runs that this edit ends or deletes, if that is what its closing
/// waited for.
pub(super) fn finished(world: &World, edit: &Edit) -> Option<Also> {
    let (Edit::Move {
        id,
        verb: Verb::Close | Verb::Void,
        ..
    }
    | Edit::Delete {
        what: EntityRef::Inspection(id),
    }) = edit
    else {
        return None;
    };
    let Entity::Inspection(it) = world.entity(&EntityRef::Inspection(*id))?.as_ref() else {
        return None;
    };
    let version = world.template(it.template.id)?;
    let state = ended(world, version, Some(*id));
    (state != version.state && version.state == TemplateState::Closing)
        .then(|| also(version, state))
}

/// What becomes of a version that takes no new inspections any more, in the state it has: one that was
/// offered lets those finish that run on it, all but this one.
fn ended(world: &World, version: &Template, but: Option<InspectionId>) -> TemplateState {
    if version.state != TemplateState::Closed && world.is_running(version.id, but) {
        TemplateState::Closing
    } else {
        TemplateState::Closed
    }
}

fn named<'w>(ground: &Ground<'_>, world: &'w World) -> Result<&'w Template, Refusal> {
    let found = match ground.target {
        EntityRef::Template(id) => world.template(id),
        _ => None,
    };
    found.ok_or_else(|| not_found(&ground.target))
}

fn also(template: &Template, state: TemplateState) -> Also {
    let (after, what) = turned(template, state);
    Also {
        after,
        verdict: Verdict::Applied,
        what,
    }
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
