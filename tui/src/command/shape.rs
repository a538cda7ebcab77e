//! What `--json` prints: one struct per output, apart from the socket's own messages, so that
//! either can change without the other.
//!
//! Every object carries `format`. Fields are added without raising it; whatever would break a
//! script raises it.

mod account;
mod conflicts;
mod inspection;
mod list;
mod outbox;
mod status;
mod subject;
mod timeline;

pub(crate) use account::{AccountShape, AccountsShape, LockShape};
pub(crate) use conflicts::ConflictsShape;
pub(crate) use inspection::InspectionShape;
pub(crate) use list::ListShape;
pub(crate) use outbox::{
    AdoptedShape, DiscardedShape, EditShape, OutboxShape, SavedShape, StrokeShape,
};
pub(crate) use status::StatusShape;
pub(crate) use subject::{CustomerShape, CustomersShape, VehicleShape, VehiclesShape};
pub(crate) use timeline::TimelineShape;

/// The version of all shapes.
pub(crate) const FORMAT: u16 = 1;

#[cfg(test)]
mod tests;
