//! The one function that applies an operation to a document. The API calls it to decide, a bench
//! to foresee the decision: confirmed documents with the outbox applied on top are what a person
//! sees.
//!
//! It is pure: documents come in by [`World`], the sequence and the ticket number by [`Context`].
//! An edit of an alias goes to the document that it was merged into.

mod alias;
mod check;
mod create;
mod fields;
mod inspection;
mod needs;
mod remove;
mod shop;
mod template;

use std::sync::Arc;

pub use needs::{needs, needs_templates, references, versions};

use crate::{
    entity::{Entity, EntityRef, World},
    event::What,
    field::Writer,
    ids::{DeviceId, PersonId, ShopId},
    op::{Edit, Operation, Refusal, RefusalCode, Verdict},
    role::Role,
    stamp::Seq,
    template::TemplateState,
};

/// Under which circumstances an operation is applied.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The shop.
    pub shop: ShopId,
    /// The author.
    pub person: PersonId,
    /// The author's role now.
    pub role: Role,
    /// The bench.
    pub device: DeviceId,
    /// The sequence if the operation is accepted; none on a bench.
    pub seq: Option<Seq>,
    /// The ticket number for a new inspection; none on a bench.
    pub ticket: Option<u64>,
}

/// What an operation made of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum After {
    /// It stands, as it is now.
    Stands(Arc<Entity>),
    /// It is deleted. This is what can come back: as it was, with the deletion in it.
    Gone(Arc<Entity>),
    /// What was known of it is erased for good.
    Erased(EntityRef),
}

impl After {
    /// Which document; where the edit named an alias, the one that it went to.
    pub fn key(&self) -> EntityRef {
        match self {
            Self::Stands(entity) | Self::Gone(entity) => entity.key(),
            Self::Erased(key) => *key,
        }
    }

    /// The document, where it stands.
    pub fn entity(&self) -> Option<&Arc<Entity>> {
        match self {
            Self::Stands(entity) => Some(entity),
            Self::Gone(_) | Self::Erased(_) => None,
        }
    }
}

/// What an operation did to one document.
#[derive(Debug, Clone, PartialEq)]
pub struct Also {
    /// The document as it is now.
    pub after: After,
    /// How the operation was taken there.
    pub verdict: Verdict,
    /// For the document's timeline.
    pub what: What,
}

/// What an operation did.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its own document as it is now.
    pub after: After,
    /// How the operation was taken.
    pub verdict: Verdict,
    /// For the timeline.
    pub what: What,
    /// Further documents that it changed, such as a vehicle that comes back because a new
    /// inspection names it. Each has its own place in the shop's order, one after the other from
    /// [`Context::seq`] on; the operation's own comes after them.
    pub also: Vec<Also>,
}

impl Change {
    /// All documents that it changed in the shop's order, its own the last.
    pub fn parts(&self) -> impl Iterator<Item = (&After, Verdict, &What)> {
        let also = self.also.iter().map(|it| (&it.after, it.verdict, &it.what));
        also.chain([(&self.after, self.verdict, &self.what)])
    }

    fn alone(after: After, verdict: Verdict, what: What) -> Self {
        Self {
            after,
            verdict,
            what,
            also: Vec::new(),
        }
    }
}

/// Applies an operation to its target, which `world` holds if it exists.
///
/// # Errors
///
/// A [`Refusal`], when nothing is changed. The same operation over the same world always gives the
/// same answer.
pub fn apply(world: &World, operation: &Operation, context: &Context) -> Result<Change, Refusal> {
    let ground = Ground::survey(world, operation, context)?;
    if let Some(change) = ground.whole(world)? {
        return Ok(change);
    }
    let mut entity = ground.present(world)?.clone();
    let done = ground.write(world, Arc::make_mut(&mut entity))?;
    Ok(ground.change(entity, done))
}

/// [`apply`], and takes the change into the world. A document that nobody else holds is changed in
/// place and not copied first.
///
/// # Errors
///
/// A [`Refusal`], when the world is as it was.
pub fn apply_to(
    world: &mut World,
    operation: &Operation,
    context: &Context,
) -> Result<Change, Refusal> {
    let ground = Ground::survey(world, operation, context)?;
    let change = match ground.whole(world)? {
        Some(change) => change,
        None => match world.lift(&ground.target) {
            Some(mut entity) => {
                let done = ground.write(world, Arc::make_mut(&mut entity));
                world.insert(entity.clone());
                ground.change(entity, done?)
            }
            None => apply(world, operation, context)?,
        },
    };
    for (after, ..) in change.parts() {
        world.take(after);
    }
    Ok(change)
}

/// Where an operation lands.
struct Ground<'a> {
    operation: &'a Operation,
    context: &'a Context,
    /// Past all aliases.
    target: EntityRef,
    writer: Writer,
    /// What it names and what therefore comes back.
    also: Vec<Also>,
}

impl<'a> Ground<'a> {
    /// What every operation must satisfy, and what it brings with it.
    fn survey(
        world: &World,
        operation: &'a Operation,
        context: &'a Context,
    ) -> Result<Self, Refusal> {
        let edit = &operation.edit;
        if !context.role.may(edit.needs_permission()) {
            return Err(not_allowed(context.role));
        }
        check::edit(edit)?;
        let target = world.resolve(&edit.target());
        let erases = matches!(edit, Edit::EraseCustomer { .. });
        if !erases && (world.is_erased(&target) || world.is_erased(&edit.target())) {
            return Err(erased(&target));
        }
        let merges = matches!(
            edit,
            Edit::MergeCustomers { .. } | Edit::MergeVehicles { .. }
        );
        let mut also = if merges {
            Vec::new()
        } else {
            remove::brought_back(world, edit)
        };
        if matches!(edit, Edit::Move { .. }) {
            also.extend(template::finished(world, edit));
        }
        let before = also.len() as u64;
        let writer = Writer {
            seq: context.seq.map(|seq| Seq(seq.0.saturating_add(before))),
            device: context.device,
            number: operation.number,
            stamp: operation.stamp,
            person: context.person,
        };
        Ok(Self {
            operation,
            context,
            target,
            writer,
            also,
        })
    }

    /// Edits of whole documents; none where it is one that writes into its target.
    fn whole(&self, world: &World) -> Result<Option<Change>, Refusal> {
        let edit = &self.operation.edit;
        Ok(Some(match edit {
            Edit::Delete { .. } => remove::delete(self, world)?,
            Edit::Restore { .. } => remove::restore(self, world)?,
            Edit::EraseCustomer { .. } => remove::erase(self, world)?,
            Edit::MergeCustomers { id, into } => alias::merge(
                self,
                world,
                EntityRef::Customer(*id),
                EntityRef::Customer(*into),
            )?,
            Edit::MergeVehicles { id, into } => alias::merge(
                self,
                world,
                EntityRef::Vehicle(*id),
                EntityRef::Vehicle(*into),
            )?,
            Edit::DraftTemplate { id, text } => template::draft(self, world, *id, text)?,
            Edit::PublishTemplate { instead_of, .. } => {
                template::publish(self, world, *instead_of)?
            }
            Edit::CloseTemplate { from, .. } => template::close(self, world, *from)?,
            _ if edit.creates() => {
                let key = edit.target();
                if world.entity(&key).is_some() || world.buried(&key).is_some() {
                    return Err(exists(&key));
                }
                let entity = create::create(world, edit, self.writer, self.context)?;
                let after = After::Stands(Arc::new(entity));
                Change {
                    also: self.also.clone(),
                    ..Change::alone(after, Verdict::Applied, What::Created)
                }
            }
            _ => return Ok(None),
        }))
    }

    /// The target: where it was deleted and the author had not seen that, as it comes back.
    fn present<'w>(&self, world: &'w World) -> Result<&'w Arc<Entity>, Refusal> {
        if let Some(entity) = world.entity(&self.target) {
            return Ok(entity);
        }
        let buried = world.buried(&self.target);
        let unseen = buried.filter(|it| {
            let deletion = it.deletion();
            deletion.is_some_and(|it| it.unseen(self.writer.device, self.operation.base))
        });
        match (unseen, buried) {
            (Some(entity), _) => Ok(entity),
            (None, Some(_)) => Err(deleted(&self.target)),
            (None, None) => Err(not_found(&self.operation.edit.target())),
        }
    }

    /// Writes into the target; nothing is changed where it refuses.
    fn write(&self, world: &World, entity: &mut Entity) -> Result<(Verdict, What), Refusal> {
        let Self {
            operation,
            writer,
            context,
            ..
        } = *self;
        let returns = world.buried(&self.target).is_some();
        let (verdict, what) = match entity {
            Entity::Customer(customer) => fields::customer(customer, operation, writer)?,
            Entity::Vehicle(vehicle) => fields::vehicle(world, vehicle, operation, writer)?,
            Entity::Inspection(it) => inspection::change(world, it, operation, writer, context)?,
            Entity::Shop(shop) => shop::change(shop, &operation.edit)?,
            // No edit has one of these for its target.
            Entity::Member(_) | Entity::Template(_) => {
                return Err(not_found(&self.target));
            }
        };
        // What was deleted is back and says so until a person has looked.
        let verdict = if returns {
            Verdict::ConflictKept
        } else {
            verdict
        };
        Ok((verdict, what))
    }

    /// The writer of a document that comes so many places after the first.
    fn writer_after(&self, places: usize) -> Writer {
        let after = |seq: Seq| Seq(seq.0.saturating_add(places as u64));
        Writer {
            seq: self.writer.seq.map(after),
            ..self.writer
        }
    }

    fn change(self, entity: Arc<Entity>, (verdict, what): (Verdict, What)) -> Change {
        Change {
            also: self.also,
            ..Change::alone(After::Stands(entity), verdict, what)
        }
    }
}

/// What a bench asks before it lets a person begin, beyond [`apply`]: a new inspection needs a
/// template version that is active as far as the bench knows, and what was deleted is not edited or
/// named but restored first. Replaying an edit that was saved already must not ask it again, or own
/// work would vanish when a template closes.
///
/// # Errors
///
/// A [`Refusal`] with [`RefusalCode::TemplateClosed`] or [`RefusalCode::NotFound`].
pub fn begin(world: &World, edit: &Edit) -> Result<(), Refusal> {
    if !matches!(edit, Edit::Restore { .. } | Edit::EraseCustomer { .. }) {
        let mut named = edit.mentions();
        named.push(edit.target());
        let named = named.iter().map(|key| world.resolve(key));
        if let Some(key) = named.into_iter().find(|key| world.buried(key).is_some()) {
            return Err(deleted(&key));
        }
    }
    let Edit::CreateInspection { template, .. } = edit else {
        return Ok(());
    };
    match world.template(*template) {
        Some(found) if found.state != TemplateState::Active => Err(create::closed(found)),
        // One that is not there is `apply`'s to refuse.
        _ => Ok(()),
    }
}

/// What an edit names must be there. What was deleted comes back by being named
/// ([`remove::brought_back`]); of a customer who was erased the bare id may still be named, or
/// honest work of somebody who did not know would be lost.
fn must_exist(world: &World, key: &EntityRef) -> Result<(), Refusal> {
    let at = world.resolve(key);
    let known = world.entity(&at).is_some() || world.buried(&at).is_some();
    if known || world.is_erased(&at) {
        Ok(())
    } else {
        Err(not_found(key))
    }
}

fn exists(key: &EntityRef) -> Refusal {
    let words = format!(
        "the {} is there already; open it instead of creating it again",
        key.kind()
    );
    Refusal::new(RefusalCode::Exists, words)
}

fn deleted(key: &EntityRef) -> Refusal {
    let words = format!("the {} was deleted; restore it first", key.kind());
    Refusal::new(RefusalCode::NotFound, words)
}

fn erased(key: &EntityRef) -> Refusal {
    let words = format!(
        "what was known of this {} was erased for good; nothing can be written there any more",
        key.kind()
    );
    Refusal::new(RefusalCode::Erased, words)
}

fn not_found(key: &EntityRef) -> Refusal {
    Refusal::new(
        RefusalCode::NotFound,
        format!("there is no {} {} in this shop", key.kind(), key.id_text()),
    )
}

fn not_allowed(role: Role) -> Refusal {
    Refusal::new(
        RefusalCode::NotAllowed,
        format!("a {role} may not do this; ask an owner or dispatcher of the shop"),
    )
}

#[cfg(test)]
mod tests;
