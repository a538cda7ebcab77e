//! Between SQLite's values and ours.

use redtag_protocol::{
    entity::{EntityRef, Kind},
    ids::{CustomerId, VehicleId},
    packed,
};
use rusqlite::{
    ErrorCode, Row,
    types::{FromSqlError, ValueRef},
};

use crate::storage::{Body, Index, StorageError};

/// What SQLite said, in the storage's words.
pub(super) fn fault(error: rusqlite::Error) -> StorageError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StorageError::Busy,
        Some(ErrorCode::ConstraintViolation) => StorageError::Constraint(error.to_string()),
        _ => StorageError::Engine(error.into()),
    }
}

/// SQLite counts to 2^63; nothing of ours comes near unless somebody made it up.
pub(super) fn number(value: u64) -> Result<i64, StorageError> {
    i64::try_from(value)
        .map_err(|_| StorageError::Constraint(format!("the number {value} is too large")))
}

/// A stored number, which was not negative when it was stored.
pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// A document's kind and id in two columns.
pub(super) fn entity(row: &Row<'_>, kind: usize, id: usize) -> Result<EntityRef, StorageError> {
    let name = row.get_ref(kind).map_err(fault)?;
    let name = name
        .as_str()
        .map_err(|error| StorageError::garbled("kind", error))?;
    let known: Kind = name
        .parse()
        .map_err(|error| StorageError::garbled("kind", error))?;
    let id: [u8; 16] = row.get(id).map_err(fault)?;
    Ok(EntityRef::from_parts(known, id))
}

/// A stored text, as it is.
pub(super) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Body> {
    Ok(row.get_ref(column)?.as_str()?.into())
}

/// A document's stored body, which may be packed.
pub(super) fn body(row: &Row<'_>, column: usize) -> rusqlite::Result<Body> {
    let stored = row.get_ref(column)?;
    if let ValueRef::Blob(stored) = stored {
        let damaged = || FromSqlError::Other("a packed body cannot be unpacked".into());
        return Ok(packed::unpack(stored).ok_or_else(damaged)?.into());
    }
    Ok(stored.as_str()?.into())
}

/// The three columns beside a document's body, from `first` on.
pub(super) fn index(row: &Row<'_>, first: usize) -> rusqlite::Result<Index> {
    let vehicle: Option<[u8; 16]> = row.get(first + 1)?;
    let customer: Option<[u8; 16]> = row.get(first + 2)?;
    Ok(Index {
        open: row.get(first)?,
        vehicle: vehicle.map(VehicleId::from_bytes),
        customer: customer.map(CustomerId::from_bytes),
    })
}
