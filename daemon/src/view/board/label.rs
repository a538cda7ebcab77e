//! Whether a word stands in a ticket's number or in its provisional label. Every ticket is asked that
//! at every key of a search, so a number is not written out where arithmetic tells it.

use memchr::memmem::Finder;

use super::rows::Ticket;

/// How a word could stand in `#1042` or `~K7-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InLabel {
    /// It cannot.
    No,
    /// Digits, as a number and ten to the power of how many they are.
    Digits { value: u64, power: u64 },
    /// One or two letters: in the device's code alone.
    Code([u8; 2], u8),
    /// With a sign, or letters and digits: it is looked for in the label as it is written.
    Written,
}

impl InLabel {
    /// Of a folded word.
    pub(super) fn of(word: &str) -> Self {
        let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
        let sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'#' | b'~' | b'-');
        // A code has a letter and a digit, but another program's may have two letters.
        if letters > 2 || !word.bytes().all(sign) {
            return Self::No;
        }
        if word.bytes().all(|b| b.is_ascii_digit()) {
            let power = u32::try_from(word.len()).ok();
            let power = power.and_then(|length| 10_u64.checked_pow(length));
            return match (word.parse(), power) {
                (Ok(value), Some(power)) => Self::Digits { value, power },
                _ => Self::No,
            };
        }
        match *word.as_bytes() {
            [a] if letters == 1 => Self::Code([a, 0], 1),
            [a, b] if letters == 2 => Self::Code([a, b], 2),
            _ => Self::Written,
        }
    }

    /// Whether it does; `label` is room to write in.
    pub(super) fn holds(self, ticket: &Ticket, word: &Finder<'_>, label: &mut Vec<u8>) -> bool {
        let code = ticket.code.map(|b| b.to_ascii_lowercase());
        let provisional = ticket.code != [0; 2];
        match self {
            Self::No => false,
            Self::Digits { value, power } => {
                (ticket.number != u64::MAX && in_digits(ticket.number, value, power))
                    || (provisional
                        && (in_digits(u64::from(ticket.count), value, power)
                            || (power <= 100 && word.find(&code).is_some())))
            }
            Self::Code([a, _], 1) => provisional && code.contains(&a),
            Self::Code(both, _) => code == both,
            Self::Written => {
                label.clear();
                if ticket.number != u64::MAX {
                    label.push(b'#');
                    write_number(label, ticket.number);
                    label.push(b'\n');
                }
                if provisional {
                    label.push(b'~');
                    label.extend(code);
                    label.push(b'-');
                    write_number(label, u64::from(ticket.count));
                }
                word.find(label).is_some()
            }
        }
    }
}

/// Whether the digits of a value, as many as the power of ten has noughts, stand in a number.
fn in_digits(mut number: u64, value: u64, power: u64) -> bool {
    loop {
        // With fewer digits left than are looked for, a nought would be found that nobody wrote.
        if number < power / 10 && power > 10 {
            return false;
        }
        if number % power == value {
            return true;
        }
        number /= 10;
        if number == 0 {
            return false;
        }
    }
}

/// Writes digits; the formatting of the standard library takes most of a query's time.
pub(super) fn write_number(into: &mut Vec<u8>, mut number: u64) {
    let from = into.len();
    loop {
        into.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = into.get_mut(from..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests;
