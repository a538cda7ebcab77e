//! What happens when a write meets a field that somebody else has written: one rule for every
//! document, used by the API to decide and by a bench to foresee the decision.
//!
//! There is a conflict if and only if the field's last write was accepted after the base of the
//! incoming operation, comes from another device and holds another value. Both values are kept;
//! the field shows the one that ranks highest until a person settles it.

use std::{cmp::Ordering, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{
    field::{Conflict, OpRef, Side, Writer},
    ids::DeviceId,
    stamp::Seq,
};

/// What became of an accepted operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Verdict {
    /// It stands as it was meant.
    Applied,
    /// It stands, beside other people's changes to other fields.
    Merged,
    /// Both values are kept and the field is flagged, or it came too late to change anything.
    ConflictKept,
}

/// A value that knows its field.
pub trait Write: Clone + PartialEq {
    /// The field's name inside its document: `note:tyres.tread.lf`, `bay`.
    fn field(&self) -> String;
    /// The value of the same field where nobody has written it.
    #[must_use]
    fn emptied(&self) -> Self;
}

/// A document whose fields several benches may write.
pub trait Fields {
    /// A value for one of its fields.
    type Write: Write;

    /// What stands in a field, if it was ever written.
    fn side(&self, field: &str) -> Option<Side<Self::Write>>;
    /// The value that a field has now: what was written last, or that of a field nobody wrote.
    fn present(&self, like: &Self::Write) -> Self::Write {
        self.side(&like.field())
            .map_or_else(|| like.emptied(), |side| side.write)
    }
    /// Sets a field.
    fn put(&mut self, side: Side<Self::Write>);
    /// Open conflicts by field.
    fn conflicts(&self) -> &BTreeMap<String, Conflict<Self::Write>>;
    /// Open conflicts by field.
    fn conflicts_mut(&mut self) -> &mut BTreeMap<String, Conflict<Self::Write>>;
    /// The last writers of all fields.
    fn writers(&self) -> impl Iterator<Item = &Writer>;
}

/// Ranks two sides of one field: greater stands. The caller's `severity` comes first (a red answer
/// over a green one, whatever the clocks say), then the later stamp, then the device id.
fn rank<W>(left: &Side<W>, right: &Side<W>, severity: &dyn Fn(&W) -> u8) -> Ordering {
    severity(&left.write)
        .cmp(&severity(&right.write))
        .then_with(|| left.writer.stamp.cmp(&right.writer.stamp))
        .then_with(|| left.writer.device.cmp(&right.writer.device))
        .then_with(|| left.writer.number.cmp(&right.writer.number))
}

fn highest<W: Clone>(sides: &[Side<W>], severity: &dyn Fn(&W) -> u8) -> Option<Side<W>> {
    sides.iter().max_by(|a, b| rank(a, b, severity)).cloned()
}

/// Writes one field under the conflict rule and says what became of it.
///
/// `base` is the version of the document that the author had seen; `severity` ranks values that
/// matter more than clocks (0 where nothing does).
pub fn write<D: Fields>(
    document: &mut D,
    incoming: Side<D::Write>,
    base: Seq,
    severity: &dyn Fn(&D::Write) -> u8,
) -> Verdict {
    let field = incoming.write.field();
    let device = incoming.writer.device;
    if let Some(mut conflict) = document.conflicts_mut().remove(&field) {
        // While a conflict is open, a device's later edit replaces its own side.
        conflict.sides.retain(|side| side.writer.device != device);
        conflict.sides.push(incoming);
        if let Some(side) = highest(&conflict.sides, severity) {
            document.put(side);
        }
        if conflict
            .sides
            .windows(2)
            .all(|pair| pair[0].write == pair[1].write)
        {
            // Everybody has come to say the same: agreement.
            return Verdict::Merged;
        }
        document.conflicts_mut().insert(field, conflict);
        return Verdict::ConflictKept;
    }
    let foreign_news = document.writers().any(|w| w.unseen(device, base));
    match document.side(&field) {
        Some(current) if current.write == incoming.write && current.writer.device != device => {
            // The same value from two benches is agreement, not news.
        }
        Some(current) if current.writer.unseen(device, base) => {
            let sides = vec![current, incoming];
            if let Some(side) = highest(&sides, severity) {
                document.put(side);
            }
            document.conflicts_mut().insert(field, Conflict { sides });
            return Verdict::ConflictKept;
        }
        _ => document.put(incoming),
    }
    if foreign_news {
        Verdict::Merged
    } else {
        Verdict::Applied
    }
}

/// Settles a conflict with a value that a person chose, naming the operations it settles.
///
/// Sides that are not named stay in conflict with the chosen value. Where no conflict is open any
/// more the choice is an ordinary write: nothing if the value stands already, and a new conflict if
/// somebody has written another since.
pub fn settle<D: Fields>(
    document: &mut D,
    chosen: Side<D::Write>,
    settles: &[OpRef],
    base: Seq,
    severity: &dyn Fn(&D::Write) -> u8,
) -> Verdict {
    let field = chosen.write.field();
    let Some(mut conflict) = document.conflicts_mut().remove(&field) else {
        if document.present(&chosen.write) == chosen.write {
            return Verdict::Applied;
        }
        return write(document, chosen, base, severity);
    };
    conflict.sides.retain(|side| {
        !settles.contains(&side.writer.op())
            && side.writer.device != chosen.writer.device
            && side.write != chosen.write
    });
    if conflict.sides.is_empty() {
        document.put(chosen);
        return Verdict::Applied;
    }
    conflict.sides.push(chosen);
    if let Some(side) = highest(&conflict.sides, severity) {
        document.put(side);
    }
    document.conflicts_mut().insert(field, conflict);
    Verdict::ConflictKept
}

/// Takes over what is open in a duplicate that becomes an alias, where nobody could settle it: each
/// of its values that is not known here is a side of the same field. What stands here stays; values
/// that agree with it are settled by this. Whether anything is open here now because of it.
pub fn absorb<D: Fields>(document: &mut D, duplicate: &mut D) -> bool {
    let mut opened = false;
    for (field, theirs) in std::mem::take(duplicate.conflicts_mut()) {
        let own = document.conflicts_mut().remove(&field);
        let mut sides = own.map_or_else(
            || document.side(&field).into_iter().collect(),
            |conflict| conflict.sides,
        );
        let (stands, known) = (!sides.is_empty(), sides.len());
        for side in theirs.sides {
            if sides.iter().all(|it| it.write != side.write) {
                sides.push(side);
            }
        }
        opened |= sides.len() > known.max(1);
        if !stands && let Some(side) = highest(&sides, &|_| 0) {
            document.put(side);
        }
        if sides.len() > 1 {
            document.conflicts_mut().insert(field, Conflict { sides });
        }
    }
    opened
}

/// Whether somebody at another bench has written into the document since `base`.
pub fn unseen<D: Fields>(document: &D, device: DeviceId, base: Seq) -> bool {
    let sides = document.conflicts().values().flat_map(|it| &it.sides);
    let sides = sides.map(|side| &side.writer);
    document
        .writers()
        .chain(sides)
        .any(|writer| writer.unseen(device, base))
}

/// The base of a write that takes back `expects`: the author's, unless another bench has written
/// the field instead. Then nothing counts as seen, and the two values are in conflict.
pub fn undo_base<D: Fields>(
    document: &D,
    write: &D::Write,
    expects: OpRef,
    base: Seq,
    device: DeviceId,
) -> Seq {
    let stands = document.side(&write.field()).map(|side| side.writer);
    match stands {
        Some(writer) if writer.op() != expects && writer.device != device => Seq(0),
        _ => base,
    }
}
