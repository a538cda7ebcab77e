//! Rows by number and by id. A row is never taken away: others name it by its number, also before
//! its document has come and after it has gone.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// An id as bytes.
pub(super) type Id = [u8; 16];

/// No row.
pub(super) const NONE: u32 = u32::MAX;

/// A row knows its id.
pub(super) trait Row {
    /// A row of which nothing is known but its id.
    fn unknown(id: Id) -> Self;
    /// Its id.
    fn id(&self) -> &Id;
}

/// The rows of one kind.
#[derive(Debug)]
pub(super) struct Table<R> {
    rows: Vec<R>,
    index: HashTable<u32>,
    hasher: RandomState,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            index: HashTable::new(),
            hasher: RandomState::new(),
        }
    }
}

impl<R: Row> Table<R> {
    /// The number of the row with this id, if there is one.
    pub(super) fn find(&self, id: &Id) -> Option<u32> {
        let same = |slot: &u32| {
            self.rows
                .get(*slot as usize)
                .is_some_and(|row| row.id() == id)
        };
        self.index.find(self.hasher.hash_one(id), same).copied()
    }

    /// The number of the row with this id; an unknown one is made.
    pub(super) fn slot(&mut self, id: &Id) -> u32 {
        if let Some(slot) = self.find(id) {
            return slot;
        }
        let slot = u32::try_from(self.rows.len()).unwrap_or(NONE);
        if slot == NONE {
            // Four thousand million documents do not fit into anyone's memory.
            return NONE;
        }
        self.rows.push(R::unknown(*id));
        let (rows, hasher) = (&self.rows, &self.hasher);
        let hash = |slot: &u32| {
            rows.get(*slot as usize)
                .map_or(0, |row| hasher.hash_one(row.id()))
        };
        self.index.insert_unique(hasher.hash_one(id), slot, hash);
        slot
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row of a number.
    pub(super) fn row(&self, slot: u32) -> Option<&R> {
        self.rows.get(slot as usize)
    }

    /// The row of a number, to be changed; its id stays.
    pub(super) fn row_mut(&mut self, slot: u32) -> Option<&mut R> {
        self.rows.get_mut(slot as usize)
    }

    /// All rows with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &R)> {
        (0..).zip(&self.rows)
    }

    /// All rows, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut R> {
        self.rows.iter_mut()
    }
}
