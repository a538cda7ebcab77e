//! Between PostgreSQL's rows and ours.

use redtag_protocol::{
    audit::{Sum, Tally},
    entity::{EntityRef, Kind},
    ids::{CustomerId, VehicleId},
    stamp::{Seq, Stamp},
};
use tokio_postgres::{Row, types::FromSql};
use uuid::Uuid;

use super::StorageError;
use crate::storage::{Body, Event, Head, Index, Logged, Stored, Tombstone};

/// One column of a row.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, StorageError> {
    row.try_get(at)
        .map_err(|error| StorageError::garbled("row", error))
}

/// PostgreSQL counts to 2^63; nothing of ours comes near unless somebody made it up.
pub(super) fn number(value: u64) -> Result<i64, StorageError> {
    i64::try_from(value)
        .map_err(|_| StorageError::Constraint(format!("the number {value} is too large")))
}

/// A stored number, which was not negative when it was stored.
pub(super) fn unsigned(row: &Row, at: usize) -> Result<u64, StorageError> {
    let value: i64 = column(row, at)?;
    u64::try_from(value).map_err(|error| StorageError::garbled("number", error))
}

pub(super) fn stamp(row: &Row, at: usize) -> Result<Stamp, StorageError> {
    unsigned(row, at).map(Stamp)
}

pub(super) fn id(row: &Row, at: usize) -> Result<[u8; 16], StorageError> {
    column::<Uuid>(row, at).map(Uuid::into_bytes)
}

/// Bytes of a fixed number.
pub(super) fn bytes<const N: usize>(row: &Row, at: usize) -> Result<[u8; N], StorageError> {
    let found: &[u8] = column(row, at)?;
    found
        .try_into()
        .map_err(|error| StorageError::garbled("digest or key", error))
}

fn body(row: &Row, at: usize) -> Result<Body, StorageError> {
    column::<&str>(row, at).map(Body::from)
}

/// A document's kind and id in two columns.
pub(super) fn entity(row: &Row, kind: usize, id_at: usize) -> Result<EntityRef, StorageError> {
    let name: &str = column(row, kind)?;
    let known: Kind = name
        .parse()
        .map_err(|error| StorageError::garbled("kind", error))?;
    Ok(EntityRef::from_parts(known, id(row, id_at)?))
}

/// A row of `HEAD`.
pub(super) fn head(row: &Row) -> Result<Head, StorageError> {
    Ok(Head {
        seq: Seq(unsigned(row, 0)?),
        hash: bytes(row, 1)?,
        ticket: unsigned(row, 2)?,
        floor: Seq(unsigned(row, 3)?),
    })
}

/// A row of `HEAD`: the tally there, where somebody has counted.
pub(super) fn tally(row: &Row) -> Result<Option<Tally>, StorageError> {
    let summed: Option<i64> = column(row, 4)?;
    if summed.is_none() || summed != column::<Option<i64>>(row, 0)? {
        return Ok(None);
    }
    Ok(Some(Tally {
        documents: unsigned(row, 5)?,
        sum: Sum::from_bytes(bytes(row, 6)?),
    }))
}

/// The three columns beside a document's body, from `first` on.
fn index(row: &Row, first: usize) -> Result<Index, StorageError> {
    let id = |at| {
        let id: Option<Uuid> = column(row, at)?;
        Ok::<_, StorageError>(id.map(Uuid::into_bytes))
    };
    Ok(Index {
        open: column::<i64>(row, first)? != 0,
        vehicle: id(first + 1)?.map(VehicleId::from_bytes),
        customer: id(first + 2)?.map(CustomerId::from_bytes),
    })
}

/// A row of `DOCUMENT`.
pub(super) fn document(key: EntityRef, row: &Row) -> Result<Stored, StorageError> {
    Ok(Stored {
        key,
        version: Seq(unsigned(row, 0)?),
        index: index(row, 1)?,
        body: body(row, 4)?,
    })
}

/// A row of `KIND_BELOW` or `OPEN_BELOW`: the id, and the document where it is wanted.
pub(super) fn looked(kind: Kind, row: &Row) -> Result<([u8; 16], Option<Stored>), StorageError> {
    let id = id(row, 0)?;
    let Some(body) = column::<Option<&str>>(row, 5)? else {
        return Ok((id, None));
    };
    let document = Stored {
        key: EntityRef::from_parts(kind, id),
        version: Seq(unsigned(row, 1)?),
        index: index(row, 2)?,
        body: body.into(),
    };
    Ok((id, Some(document)))
}

/// A row of `DOCUMENTS_OF_KIND`.
pub(super) fn of_kind(kind: Kind, row: &Row) -> Result<Stored, StorageError> {
    Ok(Stored {
        key: EntityRef::from_parts(kind, id(row, 0)?),
        version: Seq(unsigned(row, 1)?),
        index: index(row, 2)?,
        body: body(row, 5)?,
    })
}

/// A row of `DOCUMENTS_BETWEEN`.
pub(super) fn stored(row: &Row) -> Result<Stored, StorageError> {
    Ok(Stored {
        key: entity(row, 1, 2)?,
        version: Seq(unsigned(row, 0)?),
        index: index(row, 3)?,
        body: body(row, 6)?,
    })
}

/// A row of `TOMBSTONES_BETWEEN`.
pub(super) fn tombstone(row: &Row) -> Result<Tombstone, StorageError> {
    Ok(Tombstone {
        key: entity(row, 1, 2)?,
        version: Seq(unsigned(row, 0)?),
        at: stamp(row, 3)?,
        erased: column::<i64>(row, 4)? != 0,
        body: None,
    })
}

/// A row of `TOMBSTONE`.
pub(super) fn buried(key: EntityRef, row: &Row) -> Result<Tombstone, StorageError> {
    Ok(Tombstone {
        key,
        version: Seq(unsigned(row, 0)?),
        at: stamp(row, 1)?,
        erased: column::<i64>(row, 2)? != 0,
        body: column::<Option<&str>>(row, 3)?.map(Body::from),
    })
}

/// A row of `EVENTS_AFTER` or `EVENTS_OF`.
pub(super) fn event(row: &Row) -> Result<Event, StorageError> {
    Ok(Event {
        seq: Seq(unsigned(row, 0)?),
        key: entity(row, 1, 2)?,
        salt: bytes(row, 3)?,
        hash: bytes(row, 4)?,
        payload: body(row, 5)?,
        digest: match column::<Option<&[u8]>>(row, 6)? {
            Some(_) => Some(bytes(row, 6)?),
            None => None,
        },
    })
}

/// A row of `OUTCOMES`.
pub(super) fn logged(row: &Row) -> Result<Logged, StorageError> {
    let refused: Option<Uuid> = column(row, 4)?;
    Ok(Logged {
        number: unsigned(row, 0)?,
        digest: bytes(row, 1)?,
        outcome: body(row, 2)?,
        refused: refused.map(|_| entity(row, 3, 4)).transpose()?,
    })
}
