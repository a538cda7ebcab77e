//! What the API refused: kept with its reason, group and bytes, until a person decides.

use redtag_protocol::{
    entity::EntityRef,
    event::Happening,
    ids::DeviceId,
    ipc::Quarantined,
    op::{Operation, Refusal},
    stamp::Stamp,
};
use rusqlite::{Connection, Row, params};

use super::{CacheError, along::Placed, documents::int, listed::Strokes, outbox};

/// Moves an operation out of the outbox into quarantine.
pub(super) fn take(
    conn: &Connection,
    place: i64,
    refusal: &Refusal,
    at: Stamp,
) -> Result<(), CacheError> {
    conn.prepare_cached(
        "INSERT INTO quarantine
                (place, device, number, grp, kind, id, bytes, happening, refusal, at)
         SELECT place, device, number, grp, kind, id, bytes, happening, ?2, ?3
         FROM outbox WHERE place = ?1",
    )?
    .execute(params![place, serde_json::to_vec(refusal)?, int(at.0)])?;
    conn.prepare_cached("DELETE FROM outbox WHERE place = ?1")?
        .execute([place])?;
    Ok(())
}

/// All of it, or that of one document, in order.
pub(super) fn list(
    conn: &Connection,
    of: Option<&EntityRef>,
) -> Result<Vec<Quarantined>, CacheError> {
    let (kind, id) = match of {
        Some(key) => (Some(key.kind().as_str()), Some(key.id_text())),
        None => (None, None),
    };
    let mut rows = conn.prepare_cached(
        "SELECT bytes, refusal FROM quarantine
         WHERE ?1 IS NULL OR (kind = ?1 AND id = ?2) ORDER BY place",
    )?;
    let mut rows = rows.query(params![kind, id])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(quarantined(row)?);
    }
    Ok(all)
}

/// A refused operation with its place.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) place: i64,
    pub(super) device: DeviceId,
    pub(super) operation: Operation,
    pub(super) refusal: Refusal,
}

impl Refused {
    pub(super) fn placed(&self) -> Placed<'_> {
        Placed {
            place: self.place.unsigned_abs(),
            device: self.device,
            operation: &self.operation,
        }
    }
}

/// All of it, in order.
pub(super) fn rows(conn: &Connection) -> Result<Vec<Refused>, CacheError> {
    let mut rows =
        conn.prepare_cached("SELECT place, device, bytes, refusal FROM quarantine ORDER BY place")?;
    let mut rows = rows.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(refused(row)?);
    }
    Ok(all)
}

/// All of it by strokes, in order.
pub(super) fn strokes(conn: &Connection) -> Result<Vec<Vec<Refused>>, CacheError> {
    let (mut begins, mut last) = (Strokes::default(), None);
    let mut all: Vec<Vec<Refused>> = Vec::new();
    for refused in rows(conn)? {
        let begin = Some(begins.begins(refused.place, refused.device, &refused.operation));
        match all.last_mut().filter(|_| begin == last) {
            Some(stroke) => stroke.push(refused),
            None => all.push(vec![refused]),
        }
        last = begin;
    }
    Ok(all)
}

fn refused(row: &Row<'_>) -> Result<Refused, CacheError> {
    let device: String = row.get(1)?;
    let (bytes, refusal): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
    Ok(Refused {
        place: row.get(0)?,
        device: outbox::device_id(&device)?,
        operation: serde_json::from_slice(&bytes)?,
        refusal: serde_json::from_slice(&refusal)?,
    })
}

/// Takes operations out, because they were saved anew or given up.
pub(super) fn release(conn: &Connection, places: &[i64]) -> Result<(), CacheError> {
    let mut delete = conn.prepare_cached("DELETE FROM quarantine WHERE place = ?1")?;
    for place in places {
        delete.execute([place])?;
    }
    Ok(())
}

/// Takes what is known of a document that was erased out of refused operations; that they were
/// refused, and why, stays until a person gives them up.
pub(super) fn scrub(conn: &Connection, key: &EntityRef) -> Result<(), CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT place, bytes, happening FROM quarantine WHERE kind = ?1 AND id = ?2",
    )?;
    let mut rows = rows.query([key.kind().as_str(), &key.id_text()])?;
    while let Some(row) = rows.next()? {
        let (bytes, happening): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
        let (bytes, happening) = outbox::scrubbed(key, &bytes, &happening)?;
        conn.prepare_cached("UPDATE quarantine SET bytes = ?2, happening = ?3 WHERE place = ?1")?
            .execute(params![row.get::<_, i64>(0)?, bytes, happening])?;
    }
    Ok(())
}

/// The documents it is about, each as often as there are operations on it.
pub(super) fn keys(conn: &Connection) -> Result<Vec<EntityRef>, CacheError> {
    Ok(list(conn, None)?
        .into_iter()
        .map(|it| it.edit.target())
        .collect())
}

/// Its lines of one document's timeline.
pub(super) fn timeline(conn: &Connection, key: &EntityRef) -> Result<Vec<Happening>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT happening FROM quarantine WHERE kind = ?1 AND id = ?2 ORDER BY place",
    )?;
    let mut rows = rows.query([key.kind().as_str(), &key.id_text()])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let happening: Vec<u8> = row.get(0)?;
        lines.push(serde_json::from_slice(&happening)?);
    }
    Ok(lines)
}

fn quarantined(row: &Row<'_>) -> Result<Quarantined, CacheError> {
    let bytes: Vec<u8> = row.get(0)?;
    let refusal: Vec<u8> = row.get(1)?;
    let operation: Operation = serde_json::from_slice(&bytes)?;
    Ok(Quarantined {
        number: operation.number,
        group: operation.group,
        edit: operation.edit,
        stamp: operation.stamp,
        refusal: serde_json::from_slice(&refusal)?,
    })
}
