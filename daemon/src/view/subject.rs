//! A vehicle or a customer with the history.

use std::{collections::BTreeMap, sync::Arc};

use redtag_protocol::{
    customer::Customer,
    entity::{Entity, EntityRef},
    ids::{ChoiceKey, CustomerId, InspectionId, PointKey, VehicleId},
    inspection::Inspection,
    ipc::{BoardRow, CustomerView, Failure, FailureCode, Likeness, Trend, TrendValue, VehicleView},
    template::{Kind, Template},
    vehicle::Vehicle,
};

use super::clean;
use crate::cache::{CacheError, Store};

/// The most rows of a history.
const MOST: usize = 100;
/// How many visits a trend goes back.
const VISITS: usize = 24;

fn missing(what: &str) -> Failure {
    Failure::new(
        FailureCode::NotFound,
        format!("there is no such {what} in the cache; it may not have been pulled yet"),
    )
}

/// The vehicle, or the one into which it was merged at last.
pub(super) fn vehicle_of(store: &Store, id: VehicleId) -> Result<Option<Vehicle>, CacheError> {
    let last = last(store, EntityRef::Vehicle(id))?;
    Ok(match last.as_deref() {
        Some(Entity::Vehicle(it)) => Some(it.clone()),
        _ => None,
    })
}

/// The customer, or the one into which it was merged at last.
pub(super) fn customer_of(store: &Store, id: CustomerId) -> Result<Option<Customer>, CacheError> {
    let last = last(store, EntityRef::Customer(id))?;
    Ok(match last.as_deref() {
        Some(Entity::Customer(it)) => Some(it.clone()),
        _ => None,
    })
}

/// Where merging leads, as far as it is here.
fn last(store: &Store, key: EntityRef) -> Result<Option<Arc<Entity>>, CacheError> {
    let (mut found, mut next, mut way) = (None, Some(key), Vec::new());
    // Merging never makes a ring; one from outside must not hold us here.
    while let Some(key) = next.filter(|key| !way.contains(key))
        && let Some(entity) = store.shown(&key)?
    {
        way.push(key);
        next = entity.merged();
        found = Some(entity);
    }
    Ok(found)
}

fn rows(store: &Store, visits: impl Iterator<Item = InspectionId>) -> Vec<BoardRow> {
    let me = store.meta().person;
    let row = |id| {
        let sync = store.sync(&EntityRef::Inspection(id));
        store.board().one(id, sync, me)
    };
    visits.take(MOST).filter_map(row).collect()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// One vehicle; where it was merged into another, that one.
pub fn vehicle(store: &Store, id: VehicleId) -> Result<VehicleView, Failure> {
    let vehicle = vehicle_of(store, id)?.ok_or_else(|| missing("vehicle"))?;
    let marks = [
        vehicle.plate().map(ToOwned::to_owned),
        vehicle.vin().map(ToString::to_string),
        vehicle.serial().map(ToOwned::to_owned),
    ];
    let likeness = Likeness {
        marks: marks.into_iter().flatten().collect(),
        but: Some(EntityRef::Vehicle(vehicle.id)),
        ..Likeness::default()
    };
    let (alike, _) = self::alike(store, &likeness)?;
    let mut customers: Vec<Customer> = Vec::new();
    for owner in vehicle.owners() {
        let owner = customer_of(store, owner)?;
        // Two that were merged are one.
        customers.extend(owner.filter(|owner| customers.iter().all(|it| it.id != owner.id)));
    }
    let visits = store.board().visits(vehicle.id);
    let trends = trends(store, visits.iter().map(|(_, id)| *id))?;
    Ok(clean(VehicleView {
        customers,
        visited: count(visits.len()),
        visits: rows(store, visits.into_iter().map(|(_, id)| id)),
        alike,
        trends,
        quarantined: store.quarantine(Some(&EntityRef::Vehicle(vehicle.id)))?,
        vehicle,
    }))
}

/// One customer; where it was merged into another, that one.
pub fn customer(store: &Store, id: CustomerId) -> Result<CustomerView, Failure> {
    let customer = customer_of(store, id)?.ok_or_else(|| missing("customer"))?;
    let contacts = customer.phones.value.iter().chain(&customer.emails.value);
    let likeness = Likeness {
        name: Some(customer.name.value.clone()),
        contacts: contacts.cloned().collect(),
        but: Some(EntityRef::Customer(customer.id)),
        ..Likeness::default()
    };
    let (_, alike) = self::alike(store, &likeness)?;
    let visits = store.board().visits_of(customer.id);
    let mut vehicles: Vec<Vehicle> = Vec::new();
    for id in store.board().owned_by(customer.id).into_iter().take(MOST) {
        vehicles.extend(vehicle_of(store, id)?);
    }
    // Others that were brought in for the customer.
    for id in visits.iter().take(MOST) {
        let inspection = store.local(&EntityRef::Inspection(*id))?;
        if let Some(Entity::Inspection(it)) = inspection.as_deref() {
            // Two that were merged are one.
            let vehicle = vehicle_of(store, it.vehicle)?;
            vehicles.extend(vehicle.filter(|it| vehicles.iter().all(|known| known.id != it.id)));
        }
    }
    Ok(clean(CustomerView {
        visited: count(visits.len()),
        visits: rows(store, visits.into_iter()),
        vehicles,
        alike,
        quarantined: store.quarantine(Some(&EntityRef::Customer(customer.id)))?,
        customer,
    }))
}

/// What may be the same as something that is described.
pub fn alike(store: &Store, to: &Likeness) -> Result<(Vec<Vehicle>, Vec<Customer>), CacheError> {
    let (vehicles, customers) = store.board().alike(to);
    let mut found = (Vec::new(), Vec::new());
    for id in vehicles {
        found.0.extend(vehicle_of(store, id)?);
    }
    for id in customers {
        found.1.extend(customer_of(store, id)?);
    }
    Ok(clean(found))
}

/// The measurements that at least two visits know, in the order of the newest template that has
/// them. Visits come the newest first.
fn trends(
    store: &Store,
    visits: impl Iterator<Item = InspectionId>,
) -> Result<Vec<Trend>, CacheError> {
    let mut found: BTreeMap<PointKey, Vec<TrendValue>> = BTreeMap::new();
    let mut templates: Vec<Arc<Template>> = Vec::new();
    for id in visits.take(VISITS) {
        let document = store.local(&EntityRef::Inspection(id))?;
        let Some(Entity::Inspection(visit)) = document.as_deref() else {
            continue;
        };
        let Some(template) = store.board().template(visit.template.id) else {
            continue;
        };
        if !templates.iter().any(|it| it.id == template.id) {
            templates.push(template.clone());
        }
        for point in template.sections.iter().flat_map(|it| &it.points) {
            if let Some(value) = measured(visit, template, point) {
                found.entry(point.key.clone()).or_default().push(value);
            }
        }
    }
    let mut trends = Vec::new();
    for template in &templates {
        for point in template.sections.iter().flat_map(|it| &it.points) {
            let Kind::Measurement(measurement) = &point.kind else {
                continue;
            };
            // A template of another year may have measured something else under this key.
            let dimension = measurement.unit.dimension();
            let Some(mut values) = found.remove(&point.key) else {
                continue;
            };
            values.retain(|it| it.value.unit.dimension() == dimension);
            values.reverse();
            if values.len() > 1 {
                trends.push(Trend {
                    point: point.key.clone(),
                    label: point.label.clone(),
                    unit: measurement.unit,
                    values,
                });
            }
        }
    }
    Ok(trends)
}

fn measured(
    visit: &Inspection,
    template: &Template,
    point: &redtag_protocol::template::Point,
) -> Option<TrendValue> {
    let answer = visit.answer(&point.key)?;
    let choice = |key: &ChoiceKey| template.answer(key, visit.choice(key));
    Some(TrendValue {
        inspection: visit.id,
        at: visit.created.stamp,
        value: *answer.measured()?,
        condition: answer.effective(point, &choice),
    })
}
