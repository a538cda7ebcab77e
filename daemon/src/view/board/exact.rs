//! Whether something is exactly what was typed or scanned, and not only holds it.

use super::{pool::Pool, rows::Ticket};
use crate::view::fold::fold;

/// A text that may be a whole number, plate, VIN or serial number.
#[derive(Debug)]
pub(super) struct Exact {
    /// Folded, letters and digits alone.
    compact: String,
    number: Option<u64>,
    /// A provisional number as it is written, such as `~K7-3`.
    label: Option<String>,
}

/// A text's letters and digits alone: plates are typed with blanks and dashes and without.
pub(super) fn compact(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// As [`compact`], for likeness: letters that are taken for digits count as these.
pub(super) fn alike(text: &str) -> String {
    let sign = |c: char| match c {
        'o' => '0',
        'i' => '1',
        c => c,
    };
    compact(&fold(text)).chars().map(sign).collect()
}

impl Exact {
    /// None where a text names nothing.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let folded = fold(text);
        let compact = compact(&folded);
        if compact.is_empty() {
            return None;
        }
        let digits = text.strip_prefix('#').unwrap_or(text);
        Some(Self {
            number: digits.parse().ok().filter(|it| *it != u64::MAX),
            label: text.starts_with('~').then_some(folded),
            compact,
        })
    }

    /// Whether few things hold it.
    pub(super) fn is_long(&self) -> bool {
        self.compact.len() > 3
    }

    /// Whether it is a ticket's number.
    pub(super) fn is_ticket(&self, ticket: &Ticket, pool: &Pool) -> bool {
        self.number == Some(ticket.number)
            || self
                .label
                .as_ref()
                .is_some_and(|label| ticket.provisional(pool).eq_ignore_ascii_case(label))
    }

    /// Whether it is one of the marks of a vehicle, folded and a line each.
    pub(super) fn is_marks(&self, marks: &[u8]) -> bool {
        marks.split(|byte| *byte == b'\n').any(|line| {
            line.len() >= self.compact.len() && {
                // Bytes of letters beyond ASCII count as they are.
                let signs = line
                    .iter()
                    .filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
                signs.eq(self.compact.as_bytes())
            }
        })
    }
}
