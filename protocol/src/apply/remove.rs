//! Deleting, bringing back, and erasing.
//!
//! A deletion that meets an edit which its author had not seen is not done; an edit that meets a
//! deletion which its author had not seen brings the document back. Either way the document carries
//! who wanted it gone until a person deletes it again or restores it. An erasure beats every edit.

use std::sync::Arc;

use super::{After, Also, Change, Ground, deleted, erased, not_allowed, not_found};
use crate::{
    entity::{Entity, EntityRef, World},
    event::What,
    inspection::Inspection,
    lifecycle::State,
    merge,
    op::{Edit, Refusal, RefusalCode, Verdict},
    role::Permission,
};

/// What an edit names comes back where it was deleted, flagged; so does what a deleted inspection
/// names that the edit brings back. Whether the author had seen that cannot be told: an operation's
/// base is about its target.
pub(super) fn brought_back(world: &World, edit: &Edit) -> Vec<Also> {
    let mut named = edit.mentions();
    // Deleting twice brings nothing back.
    if !matches!(edit, Edit::Delete { .. })
        && let Some(target) = world.buried(&world.resolve(&edit.target()))
    {
        named.extend(target.names());
    }
    let mut named: Vec<_> = named.iter().map(|key| world.resolve(key)).collect();
    named.sort_unstable();
    named.dedup();
    named
        .iter()
        .filter_map(|key| world.buried(key))
        .map(|entity| Also {
            after: After::Stands(entity.clone()),
            verdict: Verdict::ConflictKept,
            what: What::Restored,
        })
        .collect()
}

pub(super) fn delete(ground: &Ground<'_>, world: &World) -> Result<Change, Refusal> {
    let key = ground.target;
    let Some(present) = world.entity(&key) else {
        let Some(buried) = world.buried(&key) else {
            return Err(not_found(&ground.operation.edit.target()));
        };
        // Somebody was faster, with the same intent.
        let gone = After::Gone(buried.clone());
        return Ok(Change::alone(gone, Verdict::Applied, What::Deleted));
    };
    if let Entity::Inspection(inspection) = present.as_ref() {
        own(inspection, ground)?;
    }
    let (device, base) = (ground.writer.device, ground.operation.base);
    let unseen = match present.as_ref() {
        Entity::Customer(it) => merge::unseen(it, device, base),
        Entity::Vehicle(it) => merge::unseen(it, device, base),
        Entity::Inspection(it) => merge::unseen(it.as_ref(), device, base),
        Entity::Shop(_) | Entity::Member(_) | Entity::Template(_) => return Err(never(&key)),
    };
    if !unseen {
        match present.as_ref() {
            Entity::Inspection(inspection) => draft(inspection)?,
            present => unnamed(world, present)?,
        }
    }
    let mut entity = Entity::clone(present);
    entity.flag(Some(ground.writer));
    let entity = Arc::new(entity);
    let (after, verdict) = if unseen {
        (After::Stands(entity), Verdict::ConflictKept)
    } else {
        (After::Gone(entity), Verdict::Applied)
    };
    Ok(Change::alone(after, verdict, What::Deleted))
}

/// A draft is deleted by whoever works on it, made it or assigns it.
fn own(inspection: &Inspection, ground: &Ground<'_>) -> Result<(), Refusal> {
    let context = ground.context;
    let own = inspection.created.person == context.person
        || inspection.assignee().is_none_or(|it| it == context.person);
    if own || context.role.may(Permission::Review) {
        Ok(())
    } else {
        Err(not_allowed(context.role))
    }
}

/// Only what nobody has started.
fn draft(inspection: &Inspection) -> Result<(), Refusal> {
    if inspection.state.value != State::Draft {
        let words = format!(
            "the inspection is {} now, and only a draft that nobody has started can be deleted; \
             an owner can void it instead",
            inspection.state.value
        );
        return Err(Refusal::new(RefusalCode::WrongState, words));
    }
    Ok(())
}

fn unnamed(world: &World, present: &Entity) -> Result<(), Refusal> {
    let key = present.key();
    let mut same = present.aliases();
    same.push(key);
    if same.iter().any(|key| world.is_referred(key)) {
        let instead = match key {
            EntityRef::Customer(_) => "an owner can erase what is known of the customer instead",
            _ => "void the inspection if it was a mistake",
        };
        let words = format!(
            "an inspection names this {}, so it stays; {instead}",
            key.kind()
        );
        return Err(Refusal::new(RefusalCode::InUse, words));
    }
    Ok(())
}

fn never(key: &EntityRef) -> Refusal {
    let words = format!("a {} cannot be deleted", key.kind());
    Refusal::new(RefusalCode::Invalid, words)
}

pub(super) fn restore(ground: &Ground<'_>, world: &World) -> Result<Change, Refusal> {
    let key = ground.target;
    let Some(present) = world.entity(&key).or_else(|| world.buried(&key)) else {
        return Err(not_found(&ground.operation.edit.target()));
    };
    if !matches!(
        key,
        EntityRef::Customer(_) | EntityRef::Vehicle(_) | EntityRef::Inspection(_)
    ) {
        return Err(never(&key));
    }
    // A wish that this author cannot have known of is not settled by this.
    let (device, base) = (ground.writer.device, ground.operation.base);
    let news = present.deletion().is_some_and(|it| it.unseen(device, base));
    let mut entity = present.clone();
    if !news && entity.deletion().is_some() {
        Arc::make_mut(&mut entity).flag(None);
    }
    let verdict = if news {
        Verdict::ConflictKept
    } else {
        Verdict::Applied
    };
    Ok(Change {
        also: ground.also.clone(),
        ..Change::alone(After::Stands(entity), verdict, What::Restored)
    })
}

/// With all duplicates of the customer. Doing it twice is nothing. Where the one that they were
/// merged into was deleted so long ago that nothing is known of it, the duplicates go all the same.
pub(super) fn erase(ground: &Ground<'_>, world: &World) -> Result<Change, Refusal> {
    let named = ground.operation.edit.target();
    let present = |key: &EntityRef| world.entity(key).or_else(|| world.buried(key));
    let way = world.way(&named);
    let mut known = way.iter().rev();
    let Some(key) = known.find(|key| present(key).is_some() || world.is_erased(key)) else {
        return Err(not_found(&named));
    };
    let mut aliases = present(key).map_or(Vec::new(), |it| it.aliases());
    aliases.extend(known);
    aliases.sort_unstable();
    aliases.dedup();
    let erased = |key| Also {
        after: After::Erased(key),
        verdict: Verdict::Applied,
        what: What::Erased,
    };
    Ok(Change {
        also: aliases.into_iter().map(erased).collect(),
        ..Change::alone(After::Erased(*key), Verdict::Applied, What::Erased)
    })
}

/// A document that an edit needs and that was not erased; it comes back where it was deleted.
pub(super) fn needed<'w>(
    ground: &Ground<'_>,
    world: &'w World,
    key: &EntityRef,
) -> Result<(&'w Arc<Entity>, Verdict), Refusal> {
    if world.is_erased(key) {
        return Err(erased(key));
    }
    if let Some(entity) = world.entity(key) {
        return Ok((entity, Verdict::Applied));
    }
    let Some(buried) = world.buried(key) else {
        return Err(not_found(key));
    };
    let (device, base) = (ground.writer.device, ground.operation.base);
    let unseen = buried.deletion().is_some_and(|it| it.unseen(device, base));
    if unseen {
        Ok((buried, Verdict::ConflictKept))
    } else {
        Err(deleted(key))
    }
}
