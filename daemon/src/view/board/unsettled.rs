//! What there is to settle, over all documents.

use redtag_protocol::{
    entity::{EntityRef, Kind},
    ids::InspectionId,
};

use super::{Board, rows::Ticket, short, table::NONE};

impl Board {
    /// How many things there are to settle: fields in conflict, fields with an edit that came late,
    /// deletions that met an edit. Beside it the inspections with several late edits, which are not
    /// counted: the rows do not know how many fields those are about.
    pub fn to_settle(&self) -> (u64, Vec<InspectionId>) {
        let mut many = Vec::new();
        let mut count = 0;
        for (_, it) in self.tickets.iter().filter(|(_, it)| it.known) {
            count += u64::from(it.conflicts);
            match it.late {
                few @ (0 | 1) => count += u64::from(few),
                _ => many.push(InspectionId::from_bytes(it.id)),
            }
        }
        let vehicles = self.vehicles.iter().map(|(_, it)| it.conflicts);
        let customers = self.customers.iter().map(|(_, it)| it.conflicts);
        count += vehicles.chain(customers).map(u64::from).sum::<u64>();
        (count, many)
    }

    /// The documents in which there is something to settle: inspections, the newest first, then
    /// the others.
    pub fn open(&self) -> Vec<EntityRef> {
        let tickets = self.tickets.iter().map(|(_, it)| it);
        let tickets = tickets.filter(|it| it.known && it.conflicts + it.late > 0);
        let mut tickets: Vec<&Ticket> = tickets.collect();
        tickets.sort_unstable_by_key(|it| std::cmp::Reverse((it.created, it.id)));
        let vehicles = self.vehicles.iter().filter(|(_, it)| it.conflicts > 0);
        let customers = self.customers.iter().filter(|(_, it)| it.conflicts > 0);
        tickets
            .into_iter()
            .map(|it| EntityRef::Inspection(InspectionId::from_bytes(it.id)))
            .chain(vehicles.map(|(_, it)| EntityRef::from_parts(Kind::Vehicle, it.id)))
            .chain(customers.map(|(_, it)| EntityRef::from_parts(Kind::Customer, it.id)))
            .collect()
    }
}

/// Of a vehicle or customer: nothing where it was merged into another one, for what is edited in it
/// goes there.
pub(super) fn of_standing(merged: u32, conflicts: u32) -> u16 {
    if merged == NONE { short(conflicts) } else { 0 }
}
