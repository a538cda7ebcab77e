//! A row as it passes between the engines, and what is compared of many.

use aws_lc_rs::digest;

use super::table::{Kind, Table};
use crate::storage::StorageError;

/// One value.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::storage) enum Cell {
    Null,
    Id([u8; 16]),
    Bytes(Vec<u8>),
    Number(i64),
    Text(String),
}

/// A table's values in the order of its columns.
pub(in crate::storage) type Row = Vec<Cell>;

impl Cell {
    /// About how many bytes it holds.
    pub(in crate::storage) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Number(_) => 8,
            Self::Id(_) => 16,
            Self::Bytes(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
        }
    }

    /// Whether it is of a kind, or nothing.
    pub(super) fn fits(&self, kind: Kind) -> bool {
        match self {
            Self::Null => true,
            Self::Id(_) => kind == Kind::Id,
            Self::Bytes(_) => kind == Kind::Bytes,
            Self::Number(_) => kind == Kind::Number,
            Self::Text(_) => kind == Kind::Text,
        }
    }

    /// The same bytes for the same value and for no other: a mark of the kind, the length where it
    /// varies, the value.
    fn digest(&self, into: &mut digest::Context) {
        let mut long = |mark: u8, bytes: &[u8]| {
            into.update(&[mark]);
            into.update(&(bytes.len() as u64).to_be_bytes());
            into.update(bytes);
        };
        match self {
            Self::Null => into.update(b"0"),
            Self::Id(id) => long(b'i', id),
            Self::Bytes(bytes) => long(b'b', bytes),
            Self::Number(number) => long(b'n', &number.to_be_bytes()),
            Self::Text(text) => long(b't', text.as_bytes()),
        }
    }
}

/// The columns of a row that its order goes by.
pub(in crate::storage) fn key_of(table: &Table, row: &Row) -> Row {
    let places = table.key_places();
    places.filter_map(|it| row.get(it).cloned()).collect()
}

/// A key for people: numbers and ids, never text that may be a secret.
pub(super) fn key_words(table: &Table, key: &Row) -> String {
    let values = table.key.iter().zip(key);
    let words = values.map(|(name, value)| match value {
        Cell::Number(number) => format!("{name} {number}"),
        Cell::Id(id) => format!("{name} {}", uuid::Uuid::from_bytes(*id)),
        Cell::Text(text) => format!("{name} {text}"),
        Cell::Null | Cell::Bytes(_) => (*name).to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// How many rows went by, and the SHA-256 of all their values in order.
pub(in crate::storage) struct Tally {
    rows: u64,
    hash: digest::Context,
}

impl Tally {
    pub(in crate::storage) fn new() -> Self {
        Self {
            rows: 0,
            hash: digest::Context::new(&digest::SHA256),
        }
    }

    pub(in crate::storage) fn add(&mut self, row: &Row) {
        self.rows += 1;
        for cell in row {
            cell.digest(&mut self.hash);
        }
    }

    pub(in crate::storage) fn end(self) -> (u64, [u8; 32]) {
        let mut hash = [0; 32];
        hash.copy_from_slice(self.hash.finish().as_ref());
        (self.rows, hash)
    }
}

/// A value that is not of its column's kind.
pub(in crate::storage) fn misfit(table: &Table, column: usize) -> StorageError {
    let name = table.columns.get(column).map_or("?", |it| it.name);
    let words = format!("{}.{name} holds what it should not", table.name);
    StorageError::garbled("row", words)
}
