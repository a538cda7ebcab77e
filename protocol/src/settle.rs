//! The edits that settle what is open in a document, and those that take back what was written.

use crate::{
    entity::Entity,
    event::{Happening, What},
    field::{OpRef, Side},
    inspection::Inspection,
    merge::{Fields, Write as _},
    op::Edit,
};

/// What is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// What this operation wrote; where it is the deletion, the document goes.
    Of(OpRef),
    /// What is shown now; late edits are dropped, and an unwanted document stays.
    Present,
}

/// The fields of an inspection that have late edits, each once, in order.
pub fn late_fields(inspection: &Inspection) -> Vec<String> {
    let mut fields: Vec<String> = inspection.late.iter().map(|it| it.write.field()).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// The edit that settles a field of a document, its late edits included, or where `field` is empty
/// the deletion that met an edit. None: nothing of that is open, or no such operation is part of
/// it.
pub fn settle(entity: &Entity, field: &str, stand: Stand) -> Option<Edit> {
    if field.is_empty() {
        let what = entity.key();
        let deletion = entity.deletion()?.op();
        return match stand {
            Stand::Of(op) => (op == deletion).then_some(Edit::Delete { what }),
            Stand::Present => Some(Edit::Restore { what }),
        };
    }
    match entity {
        Entity::Customer(it) => {
            let (write, settles) = choose(it, field, &[], stand)?;
            let id = it.id;
            Some(Edit::SettleCustomer { id, write, settles })
        }
        Entity::Vehicle(it) => {
            let (write, settles) = choose(it, field, &[], stand)?;
            let id = it.id;
            Some(Edit::SettleVehicle { id, write, settles })
        }
        Entity::Inspection(it) => {
            let (write, settles) = choose(it.as_ref(), field, &it.late, stand)?;
            let id = it.id;
            Some(Edit::SettleInspection { id, write, settles })
        }
        Entity::Shop(_) | Entity::Member(_) | Entity::Template(_) => None,
    }
}

/// The chosen value, and all operations whose values are settled by it.
fn choose<D: Fields>(
    document: &D,
    field: &str,
    late: &[Side<D::Write>],
    stand: Stand,
) -> Option<(D::Write, Vec<OpRef>)> {
    let conflict = document.conflicts().get(field);
    let sides = conflict.map(|it| it.sides.as_slice()).unwrap_or_default();
    let late = late.iter().filter(|side| side.write.field() == field);
    let sides: Vec<_> = sides.iter().chain(late).collect();
    let first = sides.first()?;
    let shown = document.side(field);
    let write = match stand {
        Stand::Present => document.present(&first.write),
        Stand::Of(op) => sides
            .iter()
            .copied()
            .chain(shown.as_ref())
            .find(|side| side.writer.op() == op)?
            .write
            .clone(),
    };
    let mut settles: Vec<OpRef> = sides.iter().map(|side| side.writer.op()).collect();
    settles.sort_unstable();
    settles.dedup();
    Some((write, settles))
}

/// The edit that takes back a write of the timeline, as long as the field still holds it.
pub fn undo(entity: &Entity, happening: &Happening) -> Option<Edit> {
    let expects = happening.actor.op()?;
    match (entity, &happening.what) {
        (Entity::Customer(it), What::Customer { before, after }) => Some(Edit::UndoCustomer {
            id: it.id,
            write: former(it, before.as_ref(), after, expects)?,
            expects,
        }),
        (Entity::Vehicle(it), What::Vehicle { before, after }) => Some(Edit::UndoVehicle {
            id: it.id,
            write: former(it, before.as_ref(), after, expects)?,
            expects,
        }),
        (Entity::Inspection(it), What::Inspection { before, after }) => {
            Some(Edit::UndoInspection {
                id: it.id,
                write: former(it.as_ref(), before.as_ref(), after, expects)?,
                expects,
            })
        }
        _ => None,
    }
}

fn former<D: Fields>(
    document: &D,
    before: Option<&D::Write>,
    after: &D::Write,
    op: OpRef,
) -> Option<D::Write> {
    let stands = document.side(&after.field())?;
    let former = before.cloned().unwrap_or_else(|| after.emptied());
    (stands.writer.op() == op && stands.write == *after && former != *after).then_some(former)
}
