//! The rows of the outbox. Acknowledged ones are kept for thirty days, so that a server that was
//! restored from a backup can be given them again.

use redtag_protocol::{
    entity::EntityRef,
    event::Happening,
    ids::DeviceId,
    op::{Operation, Verdict},
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, Row, params};

use super::{
    CacheError,
    documents::int,
    pending::{PendingOp, Stage},
};

/// How long acknowledged operations are kept, in milliseconds.
pub(super) const KEEP: u64 = 30 * 24 * 60 * 60 * 1000;

/// Writes a new operation and its line of the timeline; gives its place.
pub(super) fn insert(
    conn: &Connection,
    device: DeviceId,
    operation: &Operation,
    happening: &Happening,
) -> Result<i64, CacheError> {
    let key = operation.edit.target();
    conn.prepare_cached(
        "INSERT INTO outbox (device, number, grp, kind, id, bytes, happening)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        device.to_string(),
        int(operation.number),
        int(operation.group),
        key.kind().as_str(),
        key.id_text(),
        serde_json::to_vec(operation)?,
        serde_json::to_vec(happening)?,
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Reads what is needed in memory: everything without an outcome, and what was acknowledged after
/// `level`.
pub(super) fn load(conn: &Connection, level: Seq) -> Result<Vec<(i64, PendingOp)>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT place, device, bytes, seq, acked_at FROM outbox
         WHERE acked_at IS NULL OR seq > ?1 ORDER BY place",
    )?;
    let mut rows = rows.query([int(level.0)])?;
    let mut ops = Vec::new();
    while let Some(row) = rows.next()? {
        ops.push(pending(row)?);
    }
    Ok(ops)
}

fn pending(row: &Row<'_>) -> Result<(i64, PendingOp), CacheError> {
    let device: String = row.get("device")?;
    let bytes: Vec<u8> = row.get("bytes")?;
    let seq: Option<i64> = row.get("seq")?;
    let acked: Option<i64> = row.get("acked_at")?;
    Ok((
        row.get("place")?,
        PendingOp {
            device: device_id(&device)?,
            operation: serde_json::from_slice(&bytes)?,
            stage: if acked.is_some() {
                Stage::Acked
            } else {
                Stage::Waiting
            },
            seq: seq.map(|seq| Seq(seq.unsigned_abs())),
        },
    ))
}

/// A stored device id.
pub(super) fn device_id(text: &str) -> Result<DeviceId, CacheError> {
    text.parse()
        .map_err(|error| CacheError::Row(serde::de::Error::custom(error)))
}

/// The bytes of one operation, exactly as they are sent.
pub(super) fn bytes(conn: &Connection, place: i64) -> Result<Vec<u8>, CacheError> {
    Ok(conn
        .prepare_cached("SELECT bytes FROM outbox WHERE place = ?1")?
        .query_row([place], |row| row.get(0))?)
}

/// Notes the outcome of an accepted operation.
pub(super) fn acked(
    conn: &Connection,
    place: i64,
    seq: Seq,
    verdict: Verdict,
    at: Stamp,
) -> Result<(), CacheError> {
    let verdict = serde_json::to_string(&verdict)?;
    conn.prepare_cached(
        "UPDATE outbox SET seq = ?2, verdict = ?3, acked_at = ?4 WHERE place = ?1",
    )?
    .execute(params![place, int(seq.0), verdict, int(at.0)])?;
    Ok(())
}

/// Notes that the API's own event of an operation was pulled, which may be faster than its outcome.
pub(super) fn seen(conn: &Connection, place: i64, seq: Seq) -> Result<(), CacheError> {
    conn.prepare_cached("UPDATE outbox SET seq = ?2 WHERE place = ?1")?
        .execute([place, int(seq.0)])?;
    Ok(())
}

/// How many operations of a device with a higher number were acknowledged.
pub(super) fn acked_above(
    conn: &Connection,
    device: DeviceId,
    number: u64,
) -> Result<u64, CacheError> {
    let count: i64 = conn
        .prepare_cached(
            "SELECT count(*) FROM outbox
             WHERE device = ?1 AND number > ?2 AND acked_at IS NOT NULL",
        )?
        .query_row(params![device.to_string(), int(number)], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Makes acknowledged operations from `number` on wait again: the API has lost them.
pub(super) fn reopen(conn: &Connection, device: DeviceId, number: u64) -> Result<(), CacheError> {
    conn.prepare_cached(
        "UPDATE outbox SET seq = NULL, verdict = NULL, acked_at = NULL
         WHERE device = ?1 AND number >= ?2",
    )?
    .execute(params![device.to_string(), int(number)])?;
    Ok(())
}

/// Writes an operation that got another number, and the device that numbers it now.
pub(super) fn renumber(
    conn: &Connection,
    place: i64,
    device: DeviceId,
    operation: &Operation,
) -> Result<(), CacheError> {
    let mut happening: Happening = serde_json::from_slice(&self::happening(conn, place)?)?;
    if let redtag_protocol::event::Actor::Person {
        device: d, number, ..
    } = &mut happening.actor
    {
        *d = device;
        *number = operation.number;
    }
    conn.prepare_cached(
        "UPDATE outbox SET device = ?2, number = ?3, grp = ?4, bytes = ?5, happening = ?6,
                seq = NULL
         WHERE place = ?1",
    )?
    .execute(params![
        place,
        device.to_string(),
        int(operation.number),
        int(operation.group),
        serde_json::to_vec(operation)?,
        serde_json::to_vec(&happening)?,
    ])?;
    Ok(())
}

fn happening(conn: &Connection, place: i64) -> Result<Vec<u8>, CacheError> {
    Ok(conn
        .prepare_cached("SELECT happening FROM outbox WHERE place = ?1")?
        .query_row([place], |row| row.get(0))?)
}

/// Lines of the local timeline of one document: place, happening, and whether an outcome came.
pub(super) fn timeline(
    conn: &Connection,
    key: &EntityRef,
) -> Result<Vec<(i64, Happening, bool)>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT place, happening, acked_at FROM outbox WHERE kind = ?1 AND id = ?2 ORDER BY place",
    )?;
    let mut rows = rows.query(params![key.kind().as_str(), key.id_text()])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let happening: Vec<u8> = row.get(1)?;
        let acked: Option<i64> = row.get(2)?;
        lines.push((
            row.get(0)?,
            serde_json::from_slice(&happening)?,
            acked.is_some(),
        ));
    }
    Ok(lines)
}

/// Drops what was acknowledged longer than [`KEEP`] ago and has been pulled.
pub(super) fn forget_old(conn: &Connection, now: Stamp, level: Seq) -> Result<(), CacheError> {
    conn.prepare_cached("DELETE FROM outbox WHERE acked_at < ?1 AND seq <= ?2")?
        .execute(params![int(now.0.saturating_sub(KEEP)), int(level.0)])?;
    Ok(())
}
