//! Vehicles and customers, for scripts.

use redtag_protocol::{
    customer::Customer,
    grade::Condition,
    ids::{CustomerId, InspectionId, PointKey, VehicleId},
    ipc::{CustomerView, Trend, VehicleView},
    units::Quantity,
    vehicle::{Vehicle, VehicleKind},
};
use serde::Serialize;

use super::{FORMAT, inspection::QuarantinedShape, list::Row};
use crate::command::output::instant;

/// Vehicles that match.
#[derive(Debug, Serialize)]
pub(crate) struct VehiclesShape<'a> {
    format: u16,
    vehicles: Vec<Thing<'a>>,
}

/// Customers that match.
#[derive(Debug, Serialize)]
pub(crate) struct CustomersShape<'a> {
    format: u16,
    customers: Vec<Person<'a>>,
}

/// One vehicle with its history.
#[derive(Debug, Serialize)]
pub(crate) struct VehicleShape<'a> {
    format: u16,
    #[serde(flatten)]
    vehicle: Thing<'a>,
    owners: Vec<Person<'a>>,
    /// Vehicles that may be the same.
    alike: Vec<Thing<'a>>,
    /// The newest first.
    inspections: Vec<Row<'a>>,
    /// How many there are, also beyond those.
    visits: u64,
    trends: Vec<TrendShape<'a>>,
    /// What the API refused of it.
    quarantined: Vec<QuarantinedShape>,
}

/// One customer with the history.
#[derive(Debug, Serialize)]
pub(crate) struct CustomerShape<'a> {
    format: u16,
    #[serde(flatten)]
    customer: Person<'a>,
    vehicles: Vec<Thing<'a>>,
    /// Customers who may be the same.
    alike: Vec<Person<'a>>,
    /// The newest first.
    inspections: Vec<Row<'a>>,
    /// How many there are, also beyond those.
    visits: u64,
    /// What the API refused of it.
    quarantined: Vec<QuarantinedShape>,
}

#[derive(Debug, Serialize)]
struct Thing<'a> {
    id: VehicleId,
    kind: VehicleKind,
    vin: Option<String>,
    plate: Option<&'a str>,
    serial: Option<&'a str>,
    year: Option<u16>,
    make: Option<&'a str>,
    model: Option<&'a str>,
    odometer: Option<&'a Quantity>,
}

#[derive(Debug, Serialize)]
struct Person<'a> {
    id: CustomerId,
    name: &'a str,
    phones: &'a [String],
    emails: &'a [String],
    consent: bool,
}

/// A measurement over visits, the oldest first.
#[derive(Debug, Serialize)]
struct TrendShape<'a> {
    point: &'a PointKey,
    label: &'a str,
    unit: &'static str,
    values: Vec<ValueShape<'a>>,
}

#[derive(Debug, Serialize)]
struct ValueShape<'a> {
    inspection: InspectionId,
    at: String,
    /// As typed.
    value: &'a Quantity,
    condition: Option<Condition>,
}

impl<'a> From<&'a Vehicle> for Thing<'a> {
    fn from(it: &'a Vehicle) -> Self {
        Self {
            id: it.id,
            kind: it.kind,
            vin: it.vin().map(ToString::to_string),
            plate: it.plate(),
            serial: it.serial(),
            year: it.year.as_ref().and_then(|it| it.value),
            make: it.make.as_ref().and_then(|it| it.value.as_deref()),
            model: it.model.as_ref().and_then(|it| it.value.as_deref()),
            odometer: it.odometer.as_ref().and_then(|it| it.value.as_ref()),
        }
    }
}

impl<'a> From<&'a Customer> for Person<'a> {
    fn from(it: &'a Customer) -> Self {
        Self {
            id: it.id,
            name: &it.name.value,
            phones: &it.phones.value,
            emails: &it.emails.value,
            consent: it.consent.value,
        }
    }
}

impl<'a> From<&'a Trend> for TrendShape<'a> {
    fn from(it: &'a Trend) -> Self {
        let values = it.values.iter().map(|value| ValueShape {
            inspection: value.inspection,
            at: instant(value.at),
            value: &value.value,
            condition: value.condition,
        });
        Self {
            point: &it.point,
            label: &it.label,
            unit: it.unit.token(),
            values: values.collect(),
        }
    }
}

impl<'a> VehiclesShape<'a> {
    /// The shape of these.
    pub(crate) fn new(all: &'a [Vehicle]) -> Self {
        Self {
            format: FORMAT,
            vehicles: all.iter().map(Thing::from).collect(),
        }
    }
}

impl<'a> CustomersShape<'a> {
    /// The shape of these.
    pub(crate) fn new(all: &'a [Customer]) -> Self {
        Self {
            format: FORMAT,
            customers: all.iter().map(Person::from).collect(),
        }
    }
}

impl<'a> VehicleShape<'a> {
    /// The shape of this one.
    pub(crate) fn new(it: &'a VehicleView) -> Self {
        Self {
            format: FORMAT,
            vehicle: (&it.vehicle).into(),
            owners: it.customers.iter().map(Person::from).collect(),
            alike: it.alike.iter().map(Thing::from).collect(),
            inspections: it.visits.iter().map(Row::from).collect(),
            visits: it.visited,
            trends: it.trends.iter().map(TrendShape::from).collect(),
            quarantined: it.quarantined.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> CustomerShape<'a> {
    /// The shape of this one.
    pub(crate) fn new(it: &'a CustomerView) -> Self {
        Self {
            format: FORMAT,
            customer: (&it.customer).into(),
            vehicles: it.vehicles.iter().map(Thing::from).collect(),
            alike: it.alike.iter().map(Person::from).collect(),
            inspections: it.visits.iter().map(Row::from).collect(),
            visits: it.visited,
            quarantined: it.quarantined.iter().map(Into::into).collect(),
        }
    }
}
