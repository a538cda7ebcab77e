//! How a document is named in the database: compact where its kind is known, in words where only a
//! newer program knows it.

use redtag_protocol::{
    audit::Tally,
    entity::{EntityRef, Kind},
    stamp::Seq,
};
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

/// A document's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    /// Of a kind that this program knows.
    Known(EntityRef),
    /// Kind and id in words, with a zero between them.
    Other(String),
}

/// The number of a kind in a key. Never changed: it is stored.
pub(super) fn number(kind: Kind) -> u8 {
    match kind {
        Kind::Shop => 1,
        Kind::Member => 2,
        Kind::Template => 3,
        Kind::Customer => 4,
        Kind::Vehicle => 5,
        Kind::Inspection => 6,
    }
}

impl Key {
    /// The key of a document on the wire.
    pub(super) fn of(kind: &str, id: &str) -> Self {
        known(kind, id).map_or_else(|| Self::Other(format!("{kind}\0{id}")), Self::Known)
    }

    /// The document, where this program knows its kind.
    pub(super) fn entity(&self) -> Option<EntityRef> {
        match self {
            Self::Known(entity) => Some(*entity),
            Self::Other(_) => None,
        }
    }

    /// Takes a version of the document out of a tally.
    pub(super) fn take_out(&self, tally: &mut Tally, version: Seq) {
        let (kind, id) = self.words();
        tally.take_out(&kind, &id, version);
    }

    /// Counts a version of the document into a tally.
    pub(super) fn add(&self, tally: &mut Tally, version: Seq) {
        let (kind, id) = self.words();
        tally.add(&kind, &id, version);
    }

    /// Kind and id as on the wire.
    pub(super) fn words(&self) -> (String, String) {
        match self {
            Self::Known(entity) => (entity.kind().to_string(), entity.id_text()),
            Self::Other(words) => {
                let (kind, id) = words.split_once('\0').unwrap_or((words, ""));
                (kind.to_owned(), id.to_owned())
            }
        }
    }

    /// The kind, where this program knows it.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.entity().map(|entity| entity.kind())
    }
}

/// The reference to a document on the wire, where its kind is known and its id is one.
fn known(kind: &str, id: &str) -> Option<EntityRef> {
    let kind: Kind = kind.parse().ok()?;
    // Every id is read alike; one that is written in another way stays in words.
    let parsed: redtag_protocol::ids::ShopId = id.parse().ok()?;
    (parsed.to_string() == id).then(|| EntityRef::from_parts(kind, *parsed.as_bytes()))
}

/// The stored form of a known key.
fn stored(entity: &EntityRef) -> [u8; 17] {
    let mut bytes = [0; 17];
    bytes[0] = number(entity.kind());
    bytes[1..].copy_from_slice(entity.id());
    bytes
}

/// The keys of a kind: from the first to before the second.
pub(super) fn range(kind: Kind) -> ([u8; 1], [u8; 1]) {
    let number = number(kind);
    ([number], [number + 1])
}

impl From<&EntityRef> for Key {
    fn from(entity: &EntityRef) -> Self {
        Self::Known(*entity)
    }
}

impl ToSql for Key {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Known(entity) => ToSqlOutput::from(stored(entity).to_vec()),
            Self::Other(words) => ToSqlOutput::from(words.as_str()),
        })
    }
}

impl FromSql for Key {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(&[number, ref id @ ..]) => {
                let kind = Kind::ALL
                    .into_iter()
                    .find(|kind| self::number(*kind) == number);
                let id: [u8; 16] = id.try_into().map_err(|_| FromSqlError::InvalidType)?;
                let kind = kind.ok_or(FromSqlError::InvalidType)?;
                Ok(Self::Known(EntityRef::from_parts(kind, id)))
            }
            ValueRef::Text(words) => Ok(Self::Other(String::from_utf8_lossy(words).into_owned())),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

#[cfg(test)]
mod tests;
