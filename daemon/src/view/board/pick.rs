//! Lists of vehicles and customers by text.

use memchr::memmem::Finder;
use redtag_protocol::ids::{CustomerId, VehicleId};

use super::{Board, NONE, query::MOST, rows::Thing};
use crate::view::fold::words;

impl Board {
    /// The vehicles whose texts hold all words, by title. One that was merged into another is not
    /// listed.
    pub fn vehicles(&self, text: &str, limit: u32) -> Vec<VehicleId> {
        let words = words(text);
        let words: Vec<_> = words
            .iter()
            .map(|word| Finder::new(word.as_bytes()))
            .collect();
        let held: Vec<_> = words.iter().map(|word| self.pool.holding(word)).collect();
        let holds = |row: &Thing, at: usize, word: &Finder<'_>| {
            held[at].get(row.name as usize).copied().unwrap_or(false)
                || word.find(self.texts.folded(row.marks)).is_some()
                || row
                    .year
                    .is_some_and(|year| word.find(year.to_string().as_bytes()).is_some())
        };
        let mut found: Vec<u32> = self
            .vehicles
            .iter()
            .filter(|(_, row)| row.known && row.merged == NONE)
            .filter(|(_, row)| {
                words
                    .iter()
                    .enumerate()
                    .all(|(at, word)| holds(row, at, word))
            })
            .map(|(slot, _)| slot)
            .collect();
        first(&mut found, limit, |slot| {
            let row = self.vehicles.row(slot)?;
            Some((row.year, self.pool.folded(row.name), &row.id))
        });
        let id = |slot| Some(VehicleId::from_bytes(self.vehicles.row(slot)?.id));
        found.into_iter().filter_map(id).collect()
    }

    /// The customers whose texts hold all words, by name. One that was merged into another is not
    /// listed.
    pub fn customers(&self, text: &str, limit: u32) -> Vec<CustomerId> {
        let words = words(text);
        let words: Vec<_> = words
            .iter()
            .map(|word| Finder::new(word.as_bytes()))
            .collect();
        let mut found: Vec<u32> = self
            .customers
            .iter()
            .filter(|(_, row)| row.known && row.merged == NONE)
            .filter(|(_, row)| {
                words.iter().all(|word| {
                    word.find(self.texts.folded(row.name)).is_some()
                        || word.find(self.texts.folded(row.contact)).is_some()
                })
            })
            .map(|(slot, _)| slot)
            .collect();
        first(&mut found, limit, |slot| {
            let row = self.customers.row(slot)?;
            Some((self.texts.folded(row.name), &row.id))
        });
        let id = |slot| Some(CustomerId::from_bytes(self.customers.row(slot)?.id));
        found.into_iter().filter_map(id).collect()
    }

    /// Year, maker and model of a vehicle, as far as they are known.
    pub(super) fn title(&self, row: &Thing) -> String {
        let name = self.pool.text(row.name);
        match row.year {
            Some(year) if name.is_empty() => year.to_string(),
            Some(year) => format!("{year} {name}"),
            None => name.to_owned(),
        }
    }

    /// Plate, else VIN, else serial number.
    pub(super) fn mark(&self, row: &Thing) -> String {
        let marks = self.texts.text(row.marks);
        let mark = marks.split('\n').find(|mark| !mark.is_empty());
        mark.unwrap_or_default().to_owned()
    }
}

/// Keeps the first of them in an order.
fn first<K: Ord>(found: &mut Vec<u32>, limit: u32, key: impl Fn(u32) -> K) {
    let limit = limit.min(MOST) as usize;
    if found.len() > limit && limit > 0 {
        found.select_nth_unstable_by_key(limit - 1, |slot| key(*slot));
    }
    found.truncate(limit);
    found.sort_unstable_by_key(|slot| key(*slot));
}
