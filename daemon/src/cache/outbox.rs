//! The rows of the outbox. Acknowledged ones are kept for thirty days, so that a server that was
//! restored from a backup can be given them again.

use redtag_protocol::{
    customer::CustomerWrite,
    entity::EntityRef,
    event::{Happening, What},
    field::OpRef,
    ids::DeviceId,
    op::{Edit, Operation, Verdict},
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, Row, params};

use super::{
    CacheError,
    documents::int,
    pending::{PendingOp, Stage, UNSURE},
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

/// Reads what is needed in memory: everything that is not covered by the copy that is shown, which
/// holds every change up to `level`.
pub(super) fn load(conn: &Connection, level: Seq) -> Result<Vec<(i64, PendingOp)>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT place, device, bytes, seq, acked_at FROM outbox
         WHERE covered = 0 ORDER BY place",
    )?;
    let mut rows = rows.query([])?;
    let mut ops = Vec::new();
    while let Some(row) = rows.next()? {
        ops.push(pending(row, level)?);
    }
    Ok(ops)
}

fn pending(row: &Row<'_>, level: Seq) -> Result<(i64, PendingOp), CacheError> {
    let device: String = row.get("device")?;
    let bytes: Vec<u8> = row.get("bytes")?;
    let seq: Option<i64> = row.get("seq")?;
    let acked: Option<i64> = row.get("acked_at")?;
    let seq = seq.map(|seq| Seq(seq.unsigned_abs()));
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
            seq,
            unsure: match seq {
                Some(seq) if acked.is_some() && seq <= level => UNSURE,
                _ => 0,
            },
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

/// Notes that the copy which is shown holds the effect of acknowledged operations.
pub(super) fn cover(conn: &Connection, places: &[i64]) -> Result<(), CacheError> {
    let mut cover = conn.prepare_cached("UPDATE outbox SET covered = 1 WHERE place = ?1")?;
    for place in places {
        cover.execute([place])?;
    }
    Ok(())
}

/// Forgets where pulled events stood of operations without an outcome: another copy is shown.
pub(super) fn unsee(conn: &Connection) -> Result<(), CacheError> {
    conn.prepare_cached("UPDATE outbox SET seq = NULL WHERE covered = 0 AND acked_at IS NULL")?
        .execute([])?;
    Ok(())
}

/// Devices but this one with acknowledged operations, in the order of their first, each with the
/// lowest number of one.
pub(super) fn former(
    conn: &Connection,
    device: DeviceId,
) -> Result<Vec<(DeviceId, u64)>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT device, min(number) FROM outbox WHERE acked_at IS NOT NULL AND device <> ?1
         GROUP BY device ORDER BY min(place)",
    )?;
    let mut rows = rows.query([device.to_string()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (text, first): (String, i64) = (row.get(0)?, row.get(1)?);
        found.push((device_id(&text)?, first.unsigned_abs()));
    }
    Ok(found)
}

/// The lowest number of a device's operations that are here, acknowledged or not.
pub(super) fn lowest(conn: &Connection, device: DeviceId) -> Result<Option<u64>, CacheError> {
    let lowest: Option<i64> = conn
        .prepare_cached("SELECT min(number) FROM outbox WHERE device = ?1")?
        .query_row([device.to_string()], |row| row.get(0))?;
    Ok(lowest.map(i64::unsigned_abs))
}

/// Whether any operation here was acknowledged.
pub(super) fn any_acked(conn: &Connection) -> Result<bool, CacheError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM outbox WHERE acked_at IS NOT NULL")?
        .exists([])?)
}

/// An operation beside what the API says of its number.
#[derive(Debug)]
pub(super) struct Numbered {
    pub(super) place: i64,
    pub(super) number: u64,
    pub(super) acked: bool,
    pub(super) bytes: Vec<u8>,
    /// Nothing is left of it but the number: it was about a customer who was erased.
    pub(super) scrubbed: bool,
}

/// Hands every operation of a device to `each`, in order.
pub(super) fn each_of(
    conn: &Connection,
    device: DeviceId,
    mut each: impl FnMut(Numbered),
) -> Result<(), CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT place, number, acked_at IS NOT NULL, bytes, happening FROM outbox
         WHERE device = ?1 ORDER BY place",
    )?;
    let mut rows = rows.query([device.to_string()])?;
    while let Some(row) = rows.next()? {
        let (number, happening): (i64, Vec<u8>) = (row.get(1)?, row.get(4)?);
        let happening: Happening = serde_json::from_slice(&happening)?;
        each(Numbered {
            place: row.get(0)?,
            number: number.unsigned_abs(),
            acked: row.get(2)?,
            bytes: row.get(3)?,
            scrubbed: happening.what == What::Unknown,
        });
    }
    Ok(())
}

/// Makes acknowledged operations from `number` on wait again: the API has lost them.
pub(super) fn reopen(conn: &Connection, device: DeviceId, number: u64) -> Result<(), CacheError> {
    conn.prepare_cached(
        "UPDATE outbox SET seq = NULL, verdict = NULL, acked_at = NULL, covered = 0
         WHERE device = ?1 AND number >= ?2 AND acked_at IS NOT NULL",
    )?
    .execute(params![device.to_string(), int(number)])?;
    Ok(())
}

/// Makes one acknowledged operation wait again: the API has lost it.
pub(super) fn reopen_at(conn: &Connection, place: i64) -> Result<(), CacheError> {
    conn.prepare_cached(
        "UPDATE outbox SET seq = NULL, verdict = NULL, acked_at = NULL, covered = 0
         WHERE place = ?1 AND acked_at IS NOT NULL",
    )?
    .execute([place])?;
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

/// The strokes' numbers and lines of the local timeline of one document, in order.
pub(super) fn strokes(
    conn: &Connection,
    key: &EntityRef,
) -> Result<Vec<(u64, Option<OpRef>, Happening)>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT grp, happening, bytes FROM outbox WHERE kind = ?1 AND id = ?2 ORDER BY place",
    )?;
    let mut rows = rows.query(params![key.kind().as_str(), key.id_text()])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let (group, happening): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let bytes: Vec<u8> = row.get(2)?;
        let expects = match serde_json::from_slice::<Operation>(&bytes)?.edit {
            Edit::UndoInspection { expects, .. } => Some(expects),
            _ => None,
        };
        let happening = serde_json::from_slice(&happening)?;
        lines.push((group.unsigned_abs(), expects, happening));
    }
    Ok(lines)
}

/// Whether exactly this operation is here, in the outbox or refused.
pub(super) fn holds(
    conn: &Connection,
    device: DeviceId,
    operation: &Operation,
) -> Result<bool, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT bytes FROM outbox WHERE device = ?1 AND number = ?2
         UNION ALL SELECT bytes FROM quarantine WHERE device = ?1 AND number = ?2",
    )?;
    let mut rows = rows.query(params![device.to_string(), int(operation.number)])?;
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        let found: Operation = serde_json::from_slice(&bytes)?;
        if found.stamp == operation.stamp {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any operation of a device has this number here, in the outbox or refused.
pub(super) fn numbered(
    conn: &Connection,
    device: DeviceId,
    number: u64,
) -> Result<bool, CacheError> {
    Ok(conn
        .prepare_cached(
            "SELECT 1 FROM outbox WHERE device = ?1 AND number = ?2
             UNION ALL SELECT 1 FROM quarantine WHERE device = ?1 AND number = ?2",
        )?
        .exists(params![device.to_string(), int(number)])?)
}

/// Drops what was acknowledged longer than [`KEEP`] ago and has been pulled.
pub(super) fn forget_old(conn: &Connection, now: Stamp) -> Result<(), CacheError> {
    conn.prepare_cached("DELETE FROM outbox WHERE acked_at < ?1 AND covered = 1")?
        .execute([int(now.0.saturating_sub(KEEP))])?;
    Ok(())
}

/// Takes what is known of a document that was erased out of the operations that the API has taken.
/// Each stays as a number that can be sent again and then does nothing.
pub(super) fn scrub(conn: &Connection, key: &EntityRef) -> Result<(), CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT place, bytes, happening FROM outbox
         WHERE kind = ?1 AND id = ?2 AND acked_at IS NOT NULL",
    )?;
    let mut rows = rows.query([key.kind().as_str(), &key.id_text()])?;
    while let Some(row) = rows.next()? {
        let (bytes, happening): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        let (bytes, happening) = scrubbed(key, &bytes, &happening)?;
        conn.prepare_cached("UPDATE outbox SET bytes = ?2, happening = ?3 WHERE place = ?1")?
            .execute(params![row.get::<_, i64>(0)?, bytes, happening])?;
    }
    Ok(())
}

/// An operation and its line of the timeline without what was written.
pub(super) fn scrubbed(
    key: &EntityRef,
    bytes: &[u8],
    happening: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), CacheError> {
    let mut operation: Operation = serde_json::from_slice(bytes)?;
    let mut happening: Happening = serde_json::from_slice(happening)?;
    if let EntityRef::Customer(id) = key {
        operation.edit = Edit::Customer {
            id: *id,
            write: CustomerWrite::Consent { consent: false },
        };
    }
    happening.what = What::Unknown;
    Ok((
        serde_json::to_vec(&operation)?,
        serde_json::to_vec(&happening)?,
    ))
}
