//! Which refused edits go when one of them is given up: those that are nothing without it.

use std::collections::BTreeSet;

use redtag_protocol::{
    field::OpRef,
    ids::DeviceId,
    op::{Edit, Operation},
};

/// A refused operation: its place, and who numbered it.
pub(crate) struct Placed<'a> {
    pub(crate) place: u64,
    pub(crate) device: DeviceId,
    pub(crate) operation: &'a Operation,
}

/// The place of each row that goes with the one at `place`, that one first. Rows stand in the order in
/// which they were made.
pub(crate) fn along(rows: &[Placed<'_>], place: u64) -> Vec<u64> {
    let mut going: Vec<&Placed<'_>> = Vec::new();
    for row in rows {
        let named = going.is_empty() && row.place == place;
        if named || going.iter().any(|it| builds_on(row, it)) {
            going.push(row);
        }
    }
    let places: BTreeSet<u64> = going.iter().map(|it| it.place).collect();
    places.into_iter().collect()
}

/// Whether an edit is nothing without one that was made before it: that should have created what it is
/// about or names, wrote what it takes back, or made the move that it goes on from.
fn builds_on(row: &Placed<'_>, before: &Placed<'_>) -> bool {
    let (edit, former) = (&row.operation.edit, &before.operation.edit);
    let target = former.target();
    if former.creates() && (edit.target() == target || edit.mentions().contains(&target)) {
        return true;
    }
    match (edit, former) {
        (
            Edit::UndoInspection { expects, .. }
            | Edit::UndoCustomer { expects, .. }
            | Edit::UndoVehicle { expects, .. },
            _,
        ) => {
            *expects
                == OpRef {
                    device: before.device,
                    number: before.operation.number,
                }
        }
        (Edit::Move { .. }, Edit::Move { .. }) => edit.target() == target,
        _ => false,
    }
}
