//! Writing one field of a document.

use super::{must_exist, not_found};
use crate::{
    customer::Customer,
    entity::World,
    event::What,
    field::{OpRef, Side, Writer},
    merge::{self, Fields},
    op::{Edit, Operation, Refusal, Verdict},
    stamp::Seq,
    vehicle::Vehicle,
};

pub(super) fn customer(
    customer: &mut Customer,
    operation: &Operation,
    writer: Writer,
) -> Result<(Verdict, What), Refusal> {
    let base = operation.base;
    let (write, base) = match &operation.edit {
        Edit::Customer { write, .. } => (write, base),
        Edit::UndoCustomer { write, expects, .. } => (
            write,
            merge::undo_base(customer, write, *expects, base, writer.device),
        ),
        Edit::SettleCustomer { write, settles, .. } => {
            return Ok(settle_field(customer, write, settles, writer, base, &|_| 0));
        }
        edit => return Err(not_found(&edit.target())),
    };
    let (verdict, before) = write_field(customer, write, writer, base, &|_| 0);
    let after = write.clone();
    Ok((verdict, What::Customer { before, after }))
}

pub(super) fn vehicle(
    world: &World,
    vehicle: &mut Vehicle,
    operation: &Operation,
    writer: Writer,
) -> Result<(Verdict, What), Refusal> {
    for mentioned in operation.edit.mentions() {
        must_exist(world, &mentioned)?;
    }
    let base = operation.base;
    let (write, base) = match &operation.edit {
        Edit::Vehicle { write, .. } => (write, base),
        Edit::UndoVehicle { write, expects, .. } => (
            write,
            merge::undo_base(vehicle, write, *expects, base, writer.device),
        ),
        Edit::SettleVehicle { write, settles, .. } => {
            return Ok(settle_field(vehicle, write, settles, writer, base, &|_| 0));
        }
        edit => return Err(not_found(&edit.target())),
    };
    let (verdict, before) = write_field(vehicle, write, writer, base, &|_| 0);
    let after = write.clone();
    Ok((verdict, What::Vehicle { before, after }))
}

/// Writes one field and gives the value that stood before.
pub(super) fn write_field<D: Fields>(
    document: &mut D,
    write: &D::Write,
    writer: Writer,
    base: Seq,
    severity: &dyn Fn(&D::Write) -> u8,
) -> (Verdict, Option<D::Write>) {
    let before = document
        .side(&merge::Write::field(write))
        .map(|side| side.write);
    let verdict = merge::write(
        document,
        Side {
            write: write.clone(),
            writer,
        },
        base,
        severity,
    );
    (verdict, before)
}

pub(super) fn settle_field<D: Fields>(
    document: &mut D,
    write: &D::Write,
    settles: &[OpRef],
    writer: Writer,
    base: Seq,
    severity: &dyn Fn(&D::Write) -> u8,
) -> (Verdict, What)
where
    D::Write: serde::Serialize,
{
    let chosen = Side {
        write: write.clone(),
        writer,
    };
    let verdict = merge::settle(document, chosen, settles, base, severity);
    let what = What::Settled {
        field: merge::Write::field(write),
        settles: settles.to_vec(),
        // Writes are plain data with text keys, which JSON always takes; null would only leave the
        // value out of the timeline's line.
        after: serde_json::to_value(write).unwrap_or_default(),
    };
    (verdict, what)
}
