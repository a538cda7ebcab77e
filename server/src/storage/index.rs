//! What of a document can be asked for without reading its body.

use redtag_protocol::{
    entity::Entity,
    ids::{CustomerId, VehicleId},
};

/// Columns beside a document's body, all of them taken from it by whoever writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Index {
    /// Whether it is an inspection on which there is work to do.
    pub open: bool,
    /// The vehicle that an inspection names.
    pub vehicle: Option<VehicleId>,
    /// The customer that an inspection names.
    pub customer: Option<CustomerId>,
}

impl Index {
    /// Of a document as it stands.
    pub fn of(entity: &Entity) -> Self {
        let Entity::Inspection(it) = entity else {
            return Self::default();
        };
        Self {
            open: !it.state.value.is_over(),
            vehicle: Some(it.vehicle),
            customer: it.customer.as_ref().and_then(|customer| customer.value),
        }
    }
}
