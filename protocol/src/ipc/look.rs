//! Looking around a shop: how the board is ordered and narrowed, what was found where, a vehicle or
//! customer with its history, and where a number leads.

use serde::{Deserialize, Serialize};

use super::view::{BoardRow, Quarantined};
use crate::{
    customer::Customer,
    entity::EntityRef,
    grade::Condition,
    ids::{InspectionId, PersonId, PointKey},
    lifecycle::State,
    stamp::{Seq, Stamp},
    units::{Quantity, Unit},
    vehicle::Vehicle,
};

/// In which order the board lists what matches. What is exactly the number, plate, VIN or serial
/// number that was asked for stands first in every order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoardSort {
    /// Open ones first, then the newest first.
    #[default]
    Usual,
    /// The oldest first.
    Oldest,
    /// What was changed last first.
    Changed,
    /// The most red points first, then the most yellow ones.
    Worst,
    /// The fewest points without an answer first.
    Nearest,
    /// By bay, those without one last.
    Bay,
    /// By assignee, those without one last.
    Assignee,
    /// By customer, those without one last.
    Customer,
}

impl BoardSort {
    /// All of them, the usual one first.
    pub const ALL: [Self; 8] = [
        Self::Usual,
        Self::Oldest,
        Self::Changed,
        Self::Worst,
        Self::Nearest,
        Self::Bay,
        Self::Assignee,
        Self::Customer,
    ];

    /// Whether it is the usual one.
    pub fn is_usual(&self) -> bool {
        *self == Self::Usual
    }
}

/// The last change of an inspection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Its place in the shop's order; none while it waits here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// When, on the author's corrected clock.
    pub at: Stamp,
    /// The person's name, or empty where nobody of that id is known.
    pub who: String,
    /// Whether it was the account's own person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// Why an inspection matches, where no column of the board shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Where: `VIN`, `plate`, `serial no.`, `note`, `concern`, `answer`, `work`.
    pub place: String,
    /// The text around it, one line.
    pub text: String,
}

/// How many inspections there are of each kind, for narrowing the board. What is empty is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facets {
    /// By state.
    pub states: Vec<(State, u64)>,
    /// By bay, in their order; none: without one.
    pub bays: Vec<(Option<String>, u64)>,
    /// By assignee, by name; none: nobody.
    pub people: Vec<(Option<(PersonId, String)>, u64)>,
}

/// A vehicle with all that is shown beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VehicleView {
    /// The document with this machine's edits applied.
    pub vehicle: Vehicle,
    /// Whose it is.
    pub customers: Vec<Customer>,
    /// Its inspections, the newest first, at most 100.
    pub visits: Vec<BoardRow>,
    /// How many there are.
    pub visited: u64,
    /// Vehicles that may be the same one.
    pub alike: Vec<Vehicle>,
    /// Measurements that several visits know, in the order of the newest template.
    pub trends: Vec<Trend>,
    /// Refused operations on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<Quarantined>,
}

/// A customer with all that is shown beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerView {
    /// The document with this machine's edits applied.
    pub customer: Customer,
    /// The vehicles, at most 100.
    pub vehicles: Vec<Vehicle>,
    /// Inspections for the customer, the newest first, at most 100.
    pub visits: Vec<BoardRow>,
    /// How many there are.
    pub visited: u64,
    /// Customers who may be the same one.
    pub alike: Vec<Customer>,
    /// Refused operations on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<Quarantined>,
}

/// A measurement over visits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// The point.
    pub point: PointKey,
    /// What the newest template that has it calls it.
    pub label: String,
    /// The unit of that template.
    pub unit: Unit,
    /// The oldest first, at least two.
    pub values: Vec<TrendValue>,
}

/// A measurement at one visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrendValue {
    /// The inspection.
    pub inspection: InspectionId,
    /// When it was created.
    pub at: Stamp,
    /// As typed.
    pub value: Quantity,
    /// What it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// What a typed or scanned text names exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The document.
    pub entity: EntityRef,
    /// What people call it: `#1042`, a plate, a name.
    pub label: String,
    /// What it is: vehicle and customer of an inspection, maker and model of a vehicle.
    pub detail: String,
    /// Of a vehicle: its one inspection at the bench, where there is exactly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<InspectionId>,
}

/// What a vehicle or customer is known by, for finding others that may be the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Likeness {
    /// A vehicle's plate, VIN and serial number, as far as they are known. Spaces, dashes and case
    /// do not matter, nor whether O or 0, I or 1 was written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// A customer's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A customer's telephone numbers, of which the last nine digits count, and e-mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// What is looked at itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub but: Option<EntityRef>,
}

/// The longest text of a client's that is remembered for it, in bytes.
pub const REMEMBERED: usize = 64 << 10;
