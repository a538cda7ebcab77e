//! Which operations of other caches were taken over, so that it is done once.

use redtag_protocol::{ids::DeviceId, op::Operation};
use rusqlite::{Connection, params};

use super::{CacheError, documents::int};

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
    Ok(())
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
