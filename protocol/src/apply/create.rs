//! New documents.

use std::collections::BTreeMap;

use serde_json::Map;

use super::{Context, must_exist, not_allowed, not_found};
use crate::{
    customer::Customer,
    entity::{Entity, EntityRef, World},
    field::{Register, Side, Writer},
    inspection::{Inspection, TemplateRef},
    lifecycle::State,
    merge::Fields,
    op::{Edit, Refusal, RefusalCode},
    role::Permission,
    template::{Template, TemplateState},
    vehicle::{Vehicle, VehicleWrite},
};

fn register<T>(value: T, writer: Writer) -> Register<T> {
    Register { value, writer }
}

fn known<T>(value: Option<T>, writer: Writer) -> Option<Register<Option<T>>> {
    value.map(|value| register(Some(value), writer))
}

/// Creates the edit's target, which is known not to exist.
pub(super) fn create(
    world: &World,
    edit: &Edit,
    writer: Writer,
    context: &Context,
) -> Result<Entity, Refusal> {
    match edit {
        Edit::CreateCustomer {
            id,
            name,
            phones,
            emails,
            consent,
        } => Ok(Entity::Customer(Customer {
            id: *id,
            name: register(name.clone(), writer),
            phones: register(phones.clone(), writer),
            emails: register(emails.clone(), writer),
            consent: register(*consent, writer),
            merged: None,
            aliases: BTreeMap::new(),
            deletion: None,
            conflicts: BTreeMap::new(),
            unknown: Map::new(),
        })),
        Edit::CreateVehicle {
            id,
            kind,
            vin,
            plate,
            serial,
            year,
            make,
            model,
            customer,
        } => {
            let mut vehicle = Vehicle::new(*id, *kind);
            vehicle.vin = known(vin.clone(), writer);
            vehicle.plate = known(plate.clone(), writer);
            vehicle.serial = known(serial.clone(), writer);
            vehicle.year = known(*year, writer);
            vehicle.make = known(make.clone(), writer);
            vehicle.model = known(model.clone(), writer);
            if let Some(customer) = *customer {
                must_exist(world, &EntityRef::Customer(customer))?;
                vehicle.put(Side {
                    write: VehicleWrite::Customer {
                        customer,
                        linked: true,
                    },
                    writer,
                });
            }
            Ok(Entity::Vehicle(vehicle))
        }
        Edit::CreateInspection { .. } => inspection(world, edit, writer, context),
        // The caller asked `creates` first.
        _ => Err(not_found(&edit.target())),
    }
}

fn inspection(
    world: &World,
    edit: &Edit,
    writer: Writer,
    context: &Context,
) -> Result<Entity, Refusal> {
    let Edit::CreateInspection {
        id,
        template,
        vehicle,
        customer,
        assignee,
        bay,
        concern,
        provisional,
    } = edit
    else {
        return Err(not_found(&edit.target()));
    };
    let Some(found) = world.template(*template) else {
        return Err(not_found(&EntityRef::Template(*template)));
    };
    // A bench that saw the template active may be behind: what was begun honestly is taken though
    // it has closed since ([`super::begin`] holds a bench to what it knows). A draft never was open.
    if found.state == TemplateState::Draft {
        return Err(closed(found));
    }
    must_exist(world, &EntityRef::Vehicle(*vehicle))?;
    if let Some(customer) = *customer {
        must_exist(world, &EntityRef::Customer(customer))?;
    }
    // Where the author knew a duplicate, the inspection is about the one that stays.
    let vehicle = match world.resolve(&EntityRef::Vehicle(*vehicle)) {
        EntityRef::Vehicle(winner) => winner,
        _ => *vehicle,
    };
    let customer = customer.map(|id| match world.resolve(&EntityRef::Customer(id)) {
        EntityRef::Customer(winner) => winner,
        _ => id,
    });
    if let Some(assignee) = *assignee {
        must_exist(world, &EntityRef::Member(assignee))?;
        // Who may not assign may still take the work on.
        if assignee != context.person && !context.role.may(Permission::Review) {
            return Err(not_allowed(context.role));
        }
    }
    Ok(Entity::Inspection(Box::new(Inspection {
        id: *id,
        number: context.ticket,
        provisional: provisional.clone(),
        template: TemplateRef {
            id: found.id,
            key: found.key.clone(),
            version: found.version,
        },
        vehicle,
        created: writer,
        state: register(State::Draft, writer),
        revision: 0,
        customer: known(customer, writer),
        assignee: known(*assignee, writer),
        bay: known(bay.clone(), writer),
        concern: known(concern.clone(), writer),
        choices: BTreeMap::new(),
        results: BTreeMap::new(),
        conflicts: BTreeMap::new(),
        late: Vec::new(),
        past: Vec::new(),
        deletion: None,
        unknown: Map::new(),
    })))
}

/// The template takes no new inspections.
pub(super) fn closed(template: &Template) -> Refusal {
    Refusal::new(
        RefusalCode::TemplateClosed,
        format!(
            "version {} of {} takes no new inspections; use the active version",
            template.version, template.key
        ),
    )
}
