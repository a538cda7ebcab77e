//! Which vehicles and customers hold a word, found in one pass in the order in which they lie in
//! memory: looking them up ticket by ticket jumps to and fro, and a large shop's are in no cache.

use super::{Board, NONE, query::Word};

/// A set of rows by their numbers.
#[derive(Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn of(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn set(&mut self, slot: u32) {
        if let Some(block) = self.0.get_mut(slot as usize / 64) {
            *block |= 1 << (slot % 64);
        }
    }

    /// Whether a row is in it; no row never is.
    pub(super) fn has(&self, slot: u32) -> bool {
        let block = self.0.get(slot as usize / 64);
        block.is_some_and(|block| block >> (slot % 64) & 1 == 1)
    }
}

/// The rows that hold a word; one that was merged into another where that one does.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) vehicles: Bits,
    pub(super) customers: Bits,
}

impl Board {
    /// Looks for a word in all vehicles and customers.
    pub(super) fn columns(&self, word: &Word<'_>) -> Columns {
        let mut digits = Vec::with_capacity(8);
        let mut vehicles = Bits::of(self.vehicles.len());
        for (slot, row) in self.vehicles.iter() {
            let holds = if row.merged == NONE {
                self.thing_holds(row, word, &mut digits)
            } else {
                self.vehicle_holds(slot, word, &mut digits)
            };
            if holds {
                vehicles.set(slot);
            }
        }
        let mut customers = Bits::of(self.customers.len());
        for (slot, row) in self.customers.iter() {
            let holds = if row.merged == NONE {
                word.finder.find(self.texts.folded(row.name)).is_some()
            } else {
                self.customer_holds(slot, &word.finder)
            };
            if holds {
                customers.set(slot);
            }
        }
        Columns {
            vehicles,
            customers,
        }
    }
}

#[cfg(test)]
mod tests;
