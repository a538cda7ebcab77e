//! An inspection as JSON: stored, pulled, and sent to the client.
//!
//! Every field says who wrote it, and nearly always it was the same two or three people on the same
//! benches, an operation after the other. So only the creation names its writer in full. The rest
//! are told as four numbers, `[seq, who, number, stamp]`: `seq` and `stamp` count from the
//! creation's; `who` is 0 for whoever created it and n for the nth entry of `writers`, a list of
//! `[device, person, number]`; `number` counts from that entry's, or from the creation's. Numbers
//! count with wrapping, so that every one has exactly one telling.
//!
//! Bodies of the first form named every writer in full, as `[seq, device, number, stamp, person]`.
//! They are read for ever, and so is a body that mixes the two.

mod read;
mod write;

use serde::{Deserialize, Serialize};

pub(super) use read::Body;

use crate::{
    field::Writer,
    ids::{DeviceId, PersonId},
    stamp::{Seq, Stamp},
};

/// An entry of `writers`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(from = "(DeviceId, PersonId, u64)", into = "(DeviceId, PersonId, u64)")]
struct Author {
    device: DeviceId,
    person: PersonId,
    /// From which its operations' numbers count.
    number: u64,
}

impl From<(DeviceId, PersonId, u64)> for Author {
    fn from((device, person, number): (DeviceId, PersonId, u64)) -> Self {
        Self {
            device,
            person,
            number,
        }
    }
}

impl From<Author> for (DeviceId, PersonId, u64) {
    fn from(it: Author) -> Self {
        (it.device, it.person, it.number)
    }
}

/// A writer told from the creation and the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Short(Option<i64>, usize, i64, i64);

/// What writers are told from.
#[derive(Debug)]
struct Table {
    created: Writer,
    others: Vec<Author>,
}

/// A writer that the table has no entry for.
#[derive(Debug, thiserror::Error)]
#[error("a field was written by writer {place} of an inspection that names {known}")]
pub(super) struct NoWriter {
    place: usize,
    known: usize,
}

impl Table {
    fn author(&self, place: usize) -> Option<Author> {
        match place.checked_sub(1) {
            None => Some(Author {
                device: self.created.device,
                person: self.created.person,
                number: self.created.number,
            }),
            Some(at) => self.others.get(at).copied(),
        }
    }

    /// Where a writer is named.
    fn place(&self, writer: &Writer) -> Option<usize> {
        if (self.created.device, self.created.person) == (writer.device, writer.person) {
            return Some(0);
        }
        let named = |it: &Author| (it.device, it.person) == (writer.device, writer.person);
        Some(1 + self.others.iter().position(named)?)
    }

    /// Names a writer who is not named yet.
    fn name(&mut self, writer: &Writer) {
        if self.place(writer).is_none() {
            self.others.push(Author {
                device: writer.device,
                person: writer.person,
                number: writer.number,
            });
        }
    }

    /// None for a writer who is not named.
    fn shorten(&self, writer: &Writer) -> Option<Short> {
        let place = self.place(writer)?;
        let number = self.author(place)?.number;
        Some(Short(
            writer.seq.map(|it| between(self.seq(), it.0)),
            place,
            between(number, writer.number),
            between(self.created.stamp.0, writer.stamp.0),
        ))
    }

    fn whole(&self, Short(seq, place, number, stamp): Short) -> Result<Writer, NoWriter> {
        let author = self.author(place).ok_or(NoWriter {
            place,
            known: 1 + self.others.len(),
        })?;
        Ok(Writer {
            seq: seq.map(|it| Seq(self.seq().wrapping_add_signed(it))),
            device: author.device,
            number: author.number.wrapping_add_signed(number),
            stamp: Stamp(self.created.stamp.0.wrapping_add_signed(stamp)),
            person: author.person,
        })
    }

    /// From which places in the shop's order count.
    fn seq(&self) -> u64 {
        self.created.seq.unwrap_or_default().0
    }
}

fn between(from: u64, to: u64) -> i64 {
    to.wrapping_sub(from).cast_signed()
}

#[cfg(test)]
pub(super) mod tests;
