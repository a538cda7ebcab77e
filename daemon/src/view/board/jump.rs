//! Where a typed or scanned text leads.

use redtag_protocol::{
    entity::EntityRef,
    ids::{CustomerId, InspectionId, PersonId, VehicleId},
    ipc::{BoardRow, Hit, SyncState},
    lifecycle::State,
};

use super::{Board, exact::Exact, rows::Ticket};

/// The most things that one text names.
const MOST: usize = 50;

impl Board {
    /// What a text names exactly: an inspection first, then vehicles. What scanners put around a
    /// text is taken off: the asterisks of Code 39, and the `I` before the VIN of an imported car.
    pub fn jump(&self, text: &str) -> Vec<Hit> {
        let text = text.trim().trim_matches('*').trim();
        let text = match text.strip_prefix(['I', 'i']) {
            Some(vin) if text.chars().count() == 18 => vin,
            _ => text,
        };
        let mut hits: Vec<Hit> = self
            .find(text)
            .and_then(|id| self.hit(id))
            .into_iter()
            .collect();
        let Some(exact) = Exact::of(text) else {
            return hits;
        };
        for (slot, row) in self.vehicles.iter() {
            if hits.len() >= MOST {
                break;
            }
            // One that was merged leads to what it became.
            if row.known && exact.is_marks(self.texts.folded(row.marks)) {
                let hit = self.vehicle_hit(self.vehicle_of(slot));
                hits.extend(hit.filter(|it| !hits.contains(it)));
            }
        }
        hits
    }

    fn hit(&self, id: InspectionId) -> Option<Hit> {
        let ticket = self.tickets.row(self.tickets.find(id.as_bytes())?)?;
        let nobody = PersonId::from_bytes([0; 16]);
        let row = self.show(id, ticket, SyncState::Acknowledged, nobody);
        let words = [row.vehicle, row.mark, row.customer];
        let words: Vec<String> = words.into_iter().filter(|it| !it.is_empty()).collect();
        Some(Hit {
            entity: EntityRef::Inspection(id),
            label: row.label,
            detail: words.join("  "),
            open: None,
        })
    }

    fn vehicle_hit(&self, slot: u32) -> Option<Hit> {
        let row = self.vehicles.row(slot).filter(|it| it.known)?;
        let at_bench = |it: &Ticket| {
            it.known
                && matches!(it.state, State::Draft | State::InProgress | State::Returned)
                && self.vehicle_of(it.vehicle) == slot
        };
        let mut open = self.tickets.iter().filter(|(_, it)| at_bench(it));
        let open = match (open.next(), open.next()) {
            (Some((_, it)), None) => Some(InspectionId::from_bytes(it.id)),
            _ => None,
        };
        Some(Hit {
            entity: EntityRef::Vehicle(VehicleId::from_bytes(row.id)),
            label: self.mark(row),
            detail: self.title(row),
            open,
        })
    }

    /// A customer's inspections, the newest first; those for customers who were merged into it are
    /// its own.
    pub fn visits_of(&self, customer: CustomerId) -> Vec<InspectionId> {
        let Some(slot) = self.customers.find(customer.as_bytes()) else {
            return Vec::new();
        };
        let slot = self.customer_of(slot);
        let mut visits: Vec<_> = self
            .tickets
            .iter()
            .filter(|(_, it)| it.known && self.customer_of(it.customer) == slot)
            .map(|(_, it)| (it.created, InspectionId::from_bytes(it.id)))
            .collect();
        visits.sort_unstable_by(|left, right| right.cmp(left));
        visits.into_iter().map(|(_, id)| id).collect()
    }

    /// The vehicles that belong to a customer, or to one who was merged into it.
    pub fn owned_by(&self, customer: CustomerId) -> Vec<VehicleId> {
        let Some(slot) = self.customers.find(customer.as_bytes()) else {
            return Vec::new();
        };
        let slot = self.customer_of(slot);
        self.vehicles
            .iter()
            .filter(|(_, it)| it.known && it.merged == super::NONE)
            .filter(|(_, it)| it.owners.iter().any(|it| self.customer_of(*it) == slot))
            .map(|(_, it)| VehicleId::from_bytes(it.id))
            .collect()
    }

    /// One row of the board.
    pub fn one(&self, id: InspectionId, sync: SyncState, me: PersonId) -> Option<BoardRow> {
        let ticket = self.tickets.row(self.tickets.find(id.as_bytes())?)?;
        ticket.known.then(|| self.show(id, ticket, sync, me))
    }
}
