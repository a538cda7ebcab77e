//! What two people said of the same thing, for a person to settle.

use serde::{Deserialize, Serialize};

use crate::{
    customer::CustomerWrite,
    entity::EntityRef,
    field::OpRef,
    ids::PersonId,
    inspection::InspectionWrite,
    stamp::{Seq, Stamp},
    vehicle::VehicleWrite,
};

/// Something to settle. Texts are clean of control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictView {
    /// The document.
    pub entity: EntityRef,
    /// What people call the document: `#1042`, a plate, a name.
    pub label: String,
    /// Beside an inspection's number: its vehicle; beside a vehicle: its plate, VIN or serial number;
    /// beside a customer: a telephone number. Empty where there is none.
    pub subject: String,
    /// The field, as in [`crate::merge::Write::field`]; empty for the document as a whole.
    pub field: String,
    /// The field for people: `Horn: answer`, `concern`.
    pub title: String,
    /// What sort.
    pub sort: ConflictSort,
    /// Every value, the one that is shown first, then the newest first.
    pub sides: Vec<SideView>,
    /// Whether a choice of this machine's is on its way already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

/// Why there is something to settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictSort {
    /// Two benches wrote the field without knowing of each other.
    Field,
    /// Edits came after the work was handed in: they are kept and not shown as current.
    Late,
    /// One bench deleted the document while another worked on it: it stays until a person says.
    Deletion,
}

/// One of the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideView {
    /// The operation that wrote it; names the side in [`Choice::Side`].
    pub op: OpRef,
    /// The value; none is the deletion of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write: Option<AnyWrite>,
    /// The value for people: `red, 2.1 mm`, `nobody`, `deleted`.
    pub words: String,
    /// The person's name.
    pub who: String,
    /// The person.
    pub person: PersonId,
    /// When, on the author's corrected clock.
    pub at: Stamp,
    /// Its place in the shop's order; none while it waits here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// Whether it was written on this machine.
    pub own: bool,
    /// Whether it is what the document shows.
    pub shown: bool,
}

/// A value for a field of any document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnyWrite {
    /// Of an inspection.
    Inspection(InspectionWrite),
    /// Of a customer.
    Customer(CustomerWrite),
    /// Of a vehicle.
    Vehicle(VehicleWrite),
}

/// How something is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// This side's value stands; a late edit is taken up; a deletion is done.
    Side(OpRef),
    /// What is shown stands; late edits are dropped; the document stays.
    Present,
}
