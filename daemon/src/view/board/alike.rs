//! Vehicles and customers that may be the same one.

use redtag_protocol::{
    entity::EntityRef,
    ids::{CustomerId, VehicleId},
    ipc::Likeness,
};

use super::{Board, NONE, exact::alike};
use crate::view::fold::fold;

/// The most that are told of.
const MOST: usize = 20;
/// A mark of fewer signs is no likeness.
const SHORT: usize = 3;
/// How many digits at the end of a telephone number tell it from others: what stands before them is
/// written with and without a country's code.
const DIGITS: usize = 9;
/// Fewer digits are no telephone number.
const FEW: usize = 6;

impl Board {
    /// Vehicles one of whose marks is as one of these, and customers of this name, telephone number
    /// or e-mail address.
    pub fn alike(&self, to: &Likeness) -> (Vec<VehicleId>, Vec<CustomerId>) {
        let mut vehicles = self.vehicles_alike(&to.marks);
        let mut customers = self.customers_alike(to.name.as_deref(), &to.contacts);
        match to.but {
            Some(EntityRef::Vehicle(id)) => vehicles.retain(|it| *it != id),
            Some(EntityRef::Customer(id)) => customers.retain(|it| *it != id),
            _ => {}
        }
        (vehicles, customers)
    }

    fn vehicles_alike(&self, marks: &[String]) -> Vec<VehicleId> {
        let wanted: Vec<String> = marks
            .iter()
            .map(|mark| alike(mark))
            .filter(|it| it.len() >= SHORT)
            .collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let same = |line: &[u8]| {
            wanted.iter().any(|wanted| {
                let signs = line
                    .iter()
                    .filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
                    .map(|byte| match byte {
                        b'o' => b'0',
                        b'i' => b'1',
                        byte => *byte,
                    });
                signs.eq(wanted.bytes())
            })
        };
        self.vehicles
            .iter()
            .filter(|(_, row)| row.known && row.merged == NONE)
            .filter(|(_, row)| {
                self.texts
                    .folded(row.marks)
                    .split(|b| *b == b'\n')
                    .any(same)
            })
            .map(|(_, row)| VehicleId::from_bytes(row.id))
            .take(MOST)
            .collect()
    }

    fn customers_alike(&self, name: Option<&str>, contacts: &[String]) -> Vec<CustomerId> {
        let name = name.map(|it| fold(it.trim())).filter(|it| !it.is_empty());
        let (mails, phones): (Vec<&String>, Vec<&String>) =
            contacts.iter().partition(|it| it.contains('@'));
        let mails: Vec<String> = mails.iter().map(|it| fold(it.trim())).collect();
        let phones: Vec<Vec<u8>> = phones.iter().map(|it| last_digits(it.as_bytes())).collect();
        if name.is_none() && mails.is_empty() && phones.is_empty() {
            return Vec::new();
        }
        let same = |contact: &[u8]| {
            mails.iter().any(|it| it.as_bytes() == contact)
                || (!contact.contains(&b'@') && {
                    let digits = last_digits(contact);
                    digits.len() >= FEW && phones.contains(&digits)
                })
        };
        self.customers
            .iter()
            .filter(|(_, row)| row.known && row.merged == NONE)
            .filter(|(_, row)| {
                let called = self.texts.folded(row.name);
                name.as_ref().is_some_and(|name| name.as_bytes() == called)
                    || ((!mails.is_empty() || !phones.is_empty())
                        && self
                            .texts
                            .folded(row.contact)
                            .split(|byte| *byte == b'\n')
                            .any(same))
            })
            .map(|(_, row)| CustomerId::from_bytes(row.id))
            .take(MOST)
            .collect()
    }
}

/// The digits at the end.
fn last_digits(text: &[u8]) -> Vec<u8> {
    let digits = text.iter().rev().filter(|byte| byte.is_ascii_digit());
    digits.take(DIGITS).copied().collect()
}
