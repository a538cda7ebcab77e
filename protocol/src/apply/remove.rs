//! Deleting, bringing back, and erasing.
//!
//! A deletion that meets an edit which its author had not seen is not done; an edit that meets a
//! deletion which its author had not seen brings the document back. Either way the document carries
//! who wanted it gone until a person deletes it again or restores it. An erasure beats every edit.
//!
//! Duplicates that were merged go and come back with the one that they became, so that an alias never
//! leads nowhere.

use std::sync::Arc;

use super::{After, Also, Change, Ground, deleted, erased, not_allowed, not_found, template};
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
    let mut with = Vec::new();
    // Deleting twice brings nothing back, and erasing.
    if !matches!(edit, Edit::Delete { .. } | Edit::EraseCustomer { .. })
        && let Some(target) = world.buried(&world.resolve(&edit.target()))
    {
        named.extend(target.names());
        with.push(target);
    }
    let mut named: Vec<_> = named.iter().map(|key| world.resolve(key)).collect();
    named.sort_unstable();
    named.dedup();
    let named = named.iter().filter_map(|key| world.buried(key));
    let flagged = named.map(|entity| {
        with.push(entity);
        Also {
            after: After::Stands(entity.clone()),
            verdict: Verdict::ConflictKept,
            what: What::Restored,
        }
    });
    let mut back: Vec<_> = flagged.collect();
    for entity in with {
        back.extend(aliases_back(world, entity));
    }
    back
}

/// The duplicates that were deleted with a document, as they come back with it. The document alone
/// says that a person is to look at it.
pub(super) fn aliases_back(world: &World, entity: &Entity) -> Vec<Also> {
    let aliases = entity.aliases();
    let buried = aliases.iter().filter_map(|key| world.buried(key));
    let back = buried.map(|alias| {
        let mut alias = Entity::clone(alias);
        alias.flag(None);
        Also {
            after: After::Stands(Arc::new(alias)),
            verdict: Verdict::Applied,
            what: What::Restored,
        }
    });
    back.collect()
}

/// The duplicates of a document, as they go with it.
fn aliases_gone(ground: &Ground<'_>, world: &World, entity: &Entity) -> Vec<Also> {
    let aliases = entity.aliases();
    let standing = aliases.iter().filter_map(|key| world.entity(key));
    let gone = standing.enumerate().map(|(place, alias)| {
        let mut alias = Entity::clone(alias);
        alias.flag(Some(ground.writer_after(place)));
        Also {
            after: After::Gone(Arc::new(alias)),
            verdict: Verdict::Applied,
            what: What::Deleted,
        }
    });
    gone.collect()
}

pub(super) fn delete(ground: &Ground<'_>, world: &World) -> Result<Change, Refusal> {
    let key = ground.target;
    let Some(present) = world.entity(&key) else {
        let Some(buried) = world.buried(&key) else {
            return Err(not_found(&ground.operation.edit.target()));
        };
        // Somebody was faster, with the same intent.
        let gone = After::Gone(buried.clone());
        return Ok(Change {
            also: aliases_gone(ground, world, buried),
            ..Change::alone(gone, Verdict::Applied, What::Deleted)
        });
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
    if unseen {
        entity.flag(Some(ground.writer));
        let after = After::Stands(Arc::new(entity));
        return Ok(Change::alone(after, Verdict::ConflictKept, What::Deleted));
    }
    let mut also = aliases_gone(ground, world, present);
    also.extend(template::finished(world, &ground.operation.edit));
    entity.flag(Some(ground.writer_after(also.len())));
    let after = After::Gone(Arc::new(entity));
    Ok(Change {
        also,
        ..Change::alone(after, Verdict::Applied, What::Deleted)
    })
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

/// With all duplicates of the customer. Doing it twice is nothing. A customer of whom nothing is left
/// but what the timeline tells, because the deletion was so long ago that it is forgotten, is erased
/// like any other. A bench does not know of such a one and leaves it to the API to say.
pub(super) fn erase(ground: &Ground<'_>, world: &World) -> Result<Change, Refusal> {
    let named = ground.operation.edit.target();
    let way = world.way(&named);
    let known = way.iter().rev().find(|key| world.is_known(key));
    let key = match known {
        Some(key) => *key,
        None if ground.context.seq.is_none() => named,
        None => return Err(not_found(&named)),
    };
    let others = world.same(&named).into_iter();
    let others = others.filter(|it| *it != key && world.is_known(it) && !world.is_erased(it));
    let erased = |key| Also {
        after: After::Erased(key),
        verdict: Verdict::Applied,
        what: What::Erased,
    };
    Ok(Change {
        also: others.map(erased).collect(),
        ..Change::alone(After::Erased(key), Verdict::Applied, What::Erased)
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
