//! What is to be loaded before an operation is applied.

use crate::{
    entity::{Entity, EntityRef, World},
    ids::{ShopId, TemplateId},
    lifecycle::Verb,
    op::Edit,
    template::TemplateState,
};

/// The documents to load before [`apply`](super::apply()), as far as they can be told from those that are here:
/// the target and what the edit names, those that they were merged into, an inspection's template,
/// what a deleted one names, the aliases of what is or was deleted or is erased, the shop for its
/// settings.
/// Ask again with what was found until nothing new is wanted; what is not there may be a tombstone.
pub fn needs(edit: &Edit, world: &World, shop: ShopId) -> Vec<EntityRef> {
    let target = world.resolve(&edit.target());
    let buried = world.buried(&target);
    let mut needs = edit.mentions();
    needs.push(edit.target());
    needs.extend(buried.into_iter().flat_map(|it| it.names()));
    let resolved: Vec<EntityRef> = needs.iter().map(|key| world.resolve(key)).collect();
    let back = resolved.iter().filter_map(|key| world.buried(key));
    needs.extend(back.flat_map(|it| it.aliases()));
    needs.extend(resolved);
    if matches!(
        edit,
        Edit::EraseCustomer { .. } | Edit::MergeCustomers { .. } | Edit::MergeVehicles { .. }
    ) {
        // What is merged may be erased or deleted in the same stroke, with all that it was.
        let named = edit.mentions().into_iter().chain([edit.target()]);
        needs.extend(named.flat_map(|key| world.same(&key)).collect::<Vec<_>>());
    }
    let present = world.entity(&target).or(buried);
    match present.map(AsRef::as_ref) {
        Some(Entity::Inspection(inspection)) => {
            needs.push(EntityRef::Template(inspection.template.id));
            if matches!(edit, Edit::Move { .. }) {
                needs.push(EntityRef::Shop(shop));
            }
        }
        Some(present) if matches!(edit, Edit::Delete { .. }) => {
            needs.extend(present.aliases());
        }
        _ => {}
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}

/// The vehicles or customers of which [`apply`](super::apply()) must know whether an inspection names them
/// ([`World::refer`]): only deleting asks, and what is merged may be deleted in the same stroke.
pub fn references(edit: &Edit, world: &World) -> Vec<EntityRef> {
    let mut keys = match edit {
        Edit::Delete { what } => vec![*what],
        Edit::MergeCustomers { .. } | Edit::MergeVehicles { .. } => {
            let mut keys = edit.mentions();
            keys.push(edit.target());
            keys
        }
        _ => return Vec::new(),
    };
    let ends: Vec<EntityRef> = keys.iter().map(|key| world.resolve(key)).collect();
    let aliases = ends.iter().filter_map(|key| world.entity(key));
    keys.extend(aliases.flat_map(|it| it.aliases()));
    keys.extend(ends);
    keys.retain(|key| matches!(key, EntityRef::Vehicle(_) | EntityRef::Customer(_)));
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The template versions of which [`apply`](super::apply()) must know whether unfinished inspections
/// run on them ([`World::run`]): where one is offered or closed those that may be over with it, and the
/// one that may be over with the inspection that ends. What is a draft or closed already is not asked
/// for: whoever must find an inspection that runs on it would look through all that are open.
pub fn versions(edit: &Edit, world: &World) -> Vec<TemplateId> {
    let one = match edit {
        Edit::PublishTemplate { id, .. } | Edit::CloseTemplate { id, .. } => {
            let standing = world
                .templates()
                .filter(|it| matches!(it.state, TemplateState::Active | TemplateState::Closing));
            // Its own may be written down in the same stretch.
            return standing.map(|it| it.id).chain([*id]).collect();
        }
        // What is done to it in the same stretch may be its end.
        Edit::CreateInspection { template, .. } => Some(*template),
        Edit::Move {
            id,
            verb: Verb::Close | Verb::Void,
            ..
        }
        | Edit::Delete {
            what: EntityRef::Inspection(id),
        } => match world.entity(&EntityRef::Inspection(*id)).map(AsRef::as_ref) {
            Some(Entity::Inspection(it)) => Some(it.template.id),
            _ => None,
        },
        _ => None,
    };
    let one = one.and_then(|id| world.template(id));
    one.filter(|it| it.state == TemplateState::Closing)
        .map(|it| it.id)
        .into_iter()
        .collect()
}

/// Whether every version of every template must be loaded: which number a new one has, and which one
/// it takes the place of, is told by all of them.
pub fn needs_templates(edit: &Edit) -> bool {
    matches!(
        edit,
        Edit::DraftTemplate { .. } | Edit::PublishTemplate { .. } | Edit::CloseTemplate { .. }
    )
}
