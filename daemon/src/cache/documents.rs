//! The confirmed documents, byte for byte as the API sent them.

use std::sync::Arc;

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    stamp::Seq,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::CacheError;

/// A document with its version.
pub(crate) type Versioned = (Seq, Arc<Entity>);

/// A number as the database takes it. Sequences, counts and stamps stay far below 2^63.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Writes a document as it came.
pub(super) fn put(
    conn: &Connection,
    kind: &str,
    id: &str,
    version: Seq,
    body: &str,
) -> Result<(), CacheError> {
    conn.prepare_cached(
        "INSERT INTO documents (kind, id, version, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body",
    )?
    .execute(params![kind, id, int(version.0), body.as_bytes()])?;
    Ok(())
}

/// Removes a document that the API has deleted.
pub(super) fn remove(conn: &Connection, kind: &str, id: &str) -> Result<(), CacheError> {
    conn.prepare_cached("DELETE FROM documents WHERE kind = ?1 AND id = ?2")?
        .execute([kind, id])?;
    Ok(())
}

/// A confirmed document; none where it is not here or a newer program wrote it in a way that this
/// one cannot read.
pub(super) fn find(conn: &Connection, key: &EntityRef) -> Result<Option<Versioned>, CacheError> {
    let found: Option<(i64, Vec<u8>)> = conn
        .prepare_cached("SELECT version, body FROM documents WHERE kind = ?1 AND id = ?2")?
        .query_row([key.kind().as_str(), &key.id_text()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(found.and_then(|(version, body)| Some((seq(version), Arc::new(read(key.kind(), &body)?)))))
}

/// Hands every readable document of a kind to `each`.
pub(super) fn each(
    conn: &Connection,
    kind: Kind,
    mut each: impl FnMut(Seq, Entity),
) -> Result<(), CacheError> {
    let mut rows = conn.prepare_cached("SELECT version, body FROM documents WHERE kind = ?1")?;
    let mut rows = rows.query([kind.as_str()])?;
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(1)?;
        if let Some(entity) = read(kind, &body) {
            each(seq(row.get(0)?), entity);
        }
    }
    Ok(())
}

/// How many there are, unknown kinds included.
pub(super) fn count(conn: &Connection) -> Result<u64, CacheError> {
    let count: i64 = conn
        .prepare_cached("SELECT count(*) FROM documents")?
        .query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Reads a body; what cannot be read is kept and said in the log, without its contents.
pub(super) fn read(kind: Kind, body: &[u8]) -> Option<Entity> {
    let text = std::str::from_utf8(body).ok()?;
    Entity::from_body(kind, text)
        .inspect_err(
            |_| tracing::warn!(%kind, "a document cannot be read by this program; it is kept"),
        )
        .ok()
}

/// A stored sequence.
pub(super) fn seq(number: i64) -> Seq {
    Seq(number.unsigned_abs())
}
