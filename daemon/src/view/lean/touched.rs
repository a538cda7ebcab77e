//! Who changed an inspection last. A body has dozens of writers, so they are not parsed with the
//! rest: their places are found in the text, and of each no more is read than tells which is last.

use std::str;

use memchr::memmem;
use redtag_protocol::{
    field::Writer,
    ids::PersonId,
    inspection::{Inspection, PointResult},
    merge::Fields as _,
    stamp::Stamp,
};
use serde::{Deserialize, Serialize};

/// The last change of an inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::view) struct LeanTouch {
    /// Its place in the shop's order; none while it waits in an outbox.
    pub(in crate::view) seq: Option<u64>,
    pub(in crate::view) stamp: Stamp,
    pub(in crate::view) person: PersonId,
}

impl LeanTouch {
    /// What waits comes after all that was accepted.
    fn rank(&self) -> (u64, Stamp) {
        (self.seq.unwrap_or(u64::MAX), self.stamp)
    }

    fn of_writer(it: &Writer) -> Self {
        Self {
            seq: it.seq.map(|it| it.0),
            stamp: it.stamp,
            person: it.person,
        }
    }

    /// Of a whole document.
    pub(super) fn of(it: &Inspection) -> Self {
        let results = |it: &PointResult| -> Vec<Writer> {
            let plain = [
                it.answer.as_ref().map(|it| it.writer),
                it.note.as_ref().map(|it| it.writer),
            ];
            let lines = it.lines.values().map(|it| it.writer);
            plain.into_iter().flatten().chain(lines).collect()
        };
        let past = it.past.iter().flat_map(|it| {
            let of_points = it.results.values().flat_map(results);
            std::iter::once(it.state.writer).chain(of_points)
        });
        let all = it.writers().copied().chain(past);
        let mut last = Self::of_writer(&it.created);
        for writer in all {
            last = last.later(Self::of_writer(&writer));
        }
        last
    }

    fn later(self, other: Self) -> Self {
        if other.rank() > self.rank() {
            other
        } else {
            self
        }
    }

    /// Of a body whose creation and table of writers are read already. A field says `"w":[` and four
    /// numbers, or in the first form five values. No text can hold that: a quote in a text has a
    /// backslash before it.
    pub(super) fn read(body: &str, created: Writer, others: &[PersonId]) -> Self {
        let mut last = Self::of_writer(&created);
        let bytes = body.as_bytes();
        for at in memmem::find_iter(bytes, b"\"w\":[") {
            let rest = bytes.get(at + 5..).unwrap_or_default();
            if let Some(it) = writer(rest, &created, others) {
                last = last.later(it);
            }
        }
        last
    }
}

/// One writer, told from the creation and the table, or in full.
fn writer(text: &[u8], created: &Writer, others: &[PersonId]) -> Option<LeanTouch> {
    let end = memchr::memchr(b']', text)?;
    let text = text.get(..end)?;
    let mut parts = text.split(|byte| *byte == b',');
    let seq = number(parts.next()?);
    let who = parts.next()?;
    let _count = parts.next()?;
    let stamp = number(parts.next()?)?;
    if let Some(person) = parts.next() {
        let person = str::from_utf8(person).ok()?.trim().trim_matches('"');
        return Some(LeanTouch {
            seq: seq.map(i64::cast_unsigned),
            stamp: Stamp(stamp.cast_unsigned()),
            person: person.parse().ok()?,
        });
    }
    let person = match usize::try_from(number(who)?).ok()?.checked_sub(1) {
        None => created.person,
        Some(at) => *others.get(at)?,
    };
    let first = created.seq.map_or(0, |it| it.0);
    Some(LeanTouch {
        seq: seq.map(|it| first.wrapping_add_signed(it)),
        stamp: Stamp(created.stamp.0.wrapping_add_signed(stamp)),
        person,
    })
}

/// A whole number; none for `null` and for anything else.
fn number(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii();
    let (minus, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|it| *it < 10)?;
        value = value.wrapping_mul(10).wrapping_sub(i64::from(digit));
    }
    Some(if minus { value } else { value.wrapping_neg() })
}
