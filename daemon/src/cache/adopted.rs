//! Which operations of other caches were taken over, so that it is done once; and which refused ones
//! a person gave up here, so that an export which holds them can bring them back.

use redtag_protocol::{ids::DeviceId, op::Operation, stamp::Stamp};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{CacheError, documents::int, meta};

/// Notes that operations of a device were taken over. The stamp tells apart what a cloned home
/// numbered alike.
pub(super) fn mark(
    conn: &Connection,
    device: DeviceId,
    operations: &[Operation],
) -> Result<(), CacheError> {
    let mut mark = conn.prepare_cached(
        "INSERT OR IGNORE INTO adopted (device, number, stamp) VALUES (?1, ?2, ?3)",
    )?;
    for it in operations {
        mark.execute(params![device.to_string(), int(it.number), int(it.stamp.0)])?;
    }
    let mut left = given_up(conn)?;
    let before = left.len();
    left.retain(|gone| !operations.iter().any(|it| gone.is(device, it)));
    if left.len() < before {
        meta::write(conn, GIVEN_UP, &left)?;
    }
    Ok(())
}

/// The values' name of what was given up.
const GIVEN_UP: &str = "given up";

/// An operation that a person gave up.
#[derive(Serialize, Deserialize)]
pub(super) struct GivenUp {
    device: DeviceId,
    number: u64,
    stamp: Stamp,
}

impl GivenUp {
    /// Whether it is this one.
    pub(super) fn is(&self, device: DeviceId, operation: &Operation) -> bool {
        (self.device, self.number, self.stamp) == (device, operation.number, operation.stamp)
    }
}

/// What a person gave up here: few, for each was looked at.
pub(super) fn given_up(conn: &Connection) -> Result<Vec<GivenUp>, CacheError> {
    Ok(meta::read(conn, GIVEN_UP)?.unwrap_or_default())
}

/// Notes that a person gave an operation up.
pub(super) fn give_up(
    conn: &Connection,
    device: DeviceId,
    operation: &Operation,
) -> Result<(), CacheError> {
    let mut all = given_up(conn)?;
    all.push(GivenUp {
        device,
        number: operation.number,
        stamp: operation.stamp,
    });
    meta::write(conn, GIVEN_UP, &all)
}

/// Whether one was.
pub(super) fn holds(
    conn: &Connection,
    device: DeviceId,
    operation: &Operation,
) -> Result<bool, CacheError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM adopted WHERE device = ?1 AND number = ?2 AND stamp = ?3")?
        .exists(params![
            device.to_string(),
            int(operation.number),
            int(operation.stamp.0)
        ])?)
}
