//! The one function that applies an operation to a document. The API calls it to decide, a bench
//! to foresee the decision: confirmed documents with the outbox applied on top are what a person
//! sees.
//!
//! It is pure: documents come in by [`World`], the sequence and the ticket number by [`Context`].

mod check;
mod create;
mod inspection;

use crate::{
    customer::Customer,
    entity::{Entity, EntityRef, World},
    event::What,
    field::{OpRef, Side, Writer},
    ids::{DeviceId, PersonId, ShopId},
    merge::{self, Fields},
    op::{Edit, Operation, Refusal, RefusalCode, Verdict},
    role::Role,
    stamp::Seq,
    template::TemplateState,
    vehicle::Vehicle,
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

/// What an operation made of its document.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The document as it is now.
    pub entity: Entity,
    /// How the operation was taken.
    pub verdict: Verdict,
    /// For the timeline.
    pub what: What,
}

/// The documents to load before [`apply`], given the target if it exists: those the edit names,
/// the template of the inspection, and the shop for its settings.
pub fn needs(edit: &Edit, target: Option<&Entity>, shop: ShopId) -> Vec<EntityRef> {
    let mut needs = edit.mentions();
    if let Some(Entity::Inspection(inspection)) = target {
        needs.push(EntityRef::Template(inspection.template.id));
        if matches!(edit, Edit::Move { .. }) {
            needs.push(EntityRef::Shop(shop));
        }
    }
    needs
}

/// Applies an operation to its target, which `world` holds if it exists.
///
/// # Errors
///
/// A [`Refusal`], when nothing is changed. The same operation over the same world always gives the
/// same answer.
pub fn apply(world: &World, operation: &Operation, context: &Context) -> Result<Change, Refusal> {
    let edit = &operation.edit;
    if !context.role.may(edit.needs_permission()) {
        return Err(not_allowed(context.role));
    }
    check::edit(edit)?;
    let target = edit.target();
    let writer = Writer {
        seq: context.seq,
        device: context.device,
        number: operation.number,
        stamp: operation.stamp,
        person: context.person,
    };
    let present = world.entity(&target).map(AsRef::as_ref);
    if edit.creates() {
        if present.is_some() {
            return Err(Refusal::new(
                RefusalCode::Exists,
                format!(
                    "the {} is there already; open it instead of creating it again",
                    target.kind()
                ),
            ));
        }
        let entity = create::create(world, edit, writer, context)?;
        return Ok(Change {
            entity,
            verdict: Verdict::Applied,
            what: What::Created,
        });
    }
    let Some(present) = present else {
        return Err(not_found(&target));
    };
    match (present, edit) {
        (Entity::Customer(customer), _) => change_customer(customer, operation, writer),
        (Entity::Vehicle(vehicle), _) => change_vehicle(world, vehicle, operation, writer),
        (Entity::Inspection(inspection), _) => {
            inspection::change(world, inspection, operation, writer, context)
        }
        // `target` gave the key, so no other kind can be found under it.
        (Entity::Shop(_) | Entity::Member(_) | Entity::Template(_), _) => Err(not_found(&target)),
    }
}

/// What a bench asks before it lets a person begin, beyond [`apply`]: a new inspection needs a
/// template version that is active as far as the bench knows. Replaying an edit that was saved
/// already must not ask it again, or own work would vanish when a template closes.
///
/// # Errors
///
/// A [`Refusal`] with [`RefusalCode::TemplateClosed`].
pub fn begin(world: &World, edit: &Edit) -> Result<(), Refusal> {
    let Edit::CreateInspection { template, .. } = edit else {
        return Ok(());
    };
    match world.template(*template) {
        Some(found) if found.state != TemplateState::Active => Err(create::closed(found)),
        // One that is not there is `apply`'s to refuse.
        _ => Ok(()),
    }
}

fn change_customer(
    customer: &Customer,
    operation: &Operation,
    writer: Writer,
) -> Result<Change, Refusal> {
    let mut customer = customer.clone();
    let (verdict, what) = match &operation.edit {
        Edit::Customer { write, .. } => {
            let (verdict, before) =
                write_field(&mut customer, write, writer, operation.base, &|_| 0);
            (
                verdict,
                What::Customer {
                    before,
                    after: write.clone(),
                },
            )
        }
        Edit::SettleCustomer { write, settles, .. } => settle_field(
            &mut customer,
            write,
            settles,
            writer,
            operation.base,
            &|_| 0,
        ),
        _ => return Err(not_found(&operation.edit.target())),
    };
    Ok(Change {
        entity: Entity::Customer(customer),
        verdict,
        what,
    })
}

fn change_vehicle(
    world: &World,
    vehicle: &Vehicle,
    operation: &Operation,
    writer: Writer,
) -> Result<Change, Refusal> {
    let mut vehicle = vehicle.clone();
    for mentioned in operation.edit.mentions() {
        must_exist(world, &mentioned)?;
    }
    let (verdict, what) = match &operation.edit {
        Edit::Vehicle { write, .. } => {
            let (verdict, before) =
                write_field(&mut vehicle, write, writer, operation.base, &|_| 0);
            (
                verdict,
                What::Vehicle {
                    before,
                    after: write.clone(),
                },
            )
        }
        Edit::SettleVehicle { write, settles, .. } => {
            settle_field(&mut vehicle, write, settles, writer, operation.base, &|_| 0)
        }
        _ => return Err(not_found(&operation.edit.target())),
    };
    Ok(Change {
        entity: Entity::Vehicle(vehicle),
        verdict,
        what,
    })
}

/// Writes one field and gives the value that stood before.
fn write_field<D: Fields>(
    document: &mut D,
    write: &D::Write,
    writer: Writer,
    base: Seq,
    severity: &dyn Fn(&D::Write) -> u8,
) -> (Verdict, Option<D::Write>) {
    let before = document
        .side(&merge::Write::field(write))
        .map(|side| side.write);
    let verdict = merge::write(
        document,
        Side {
            write: write.clone(),
            writer,
        },
        base,
        severity,
    );
    (verdict, before)
}

fn settle_field<D: Fields>(
    document: &mut D,
    write: &D::Write,
    settles: &[OpRef],
    writer: Writer,
    base: Seq,
    severity: &dyn Fn(&D::Write) -> u8,
) -> (Verdict, What)
where
    D::Write: serde::Serialize,
{
    let chosen = Side {
        write: write.clone(),
        writer,
    };
    let verdict = merge::settle(document, chosen, settles, base, severity);
    let what = What::Settled {
        field: merge::Write::field(write),
        settles: settles.to_vec(),
        // Writes are plain data with text keys, which JSON always takes; null would only leave the
        // value out of the timeline's line.
        after: serde_json::to_value(write).unwrap_or_default(),
    };
    (verdict, what)
}

fn must_exist(world: &World, key: &EntityRef) -> Result<(), Refusal> {
    if world.entity(key).is_some() {
        Ok(())
    } else {
        Err(not_found(key))
    }
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
