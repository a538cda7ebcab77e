//! The confirmed documents, as the API sent them. There may be several copies, each a generation:
//! the one that is shown, one that is being built beside it, and what is left of older ones.

use std::sync::Arc;

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    packed,
    stamp::Seq,
};
use rusqlite::{Connection, OptionalExtension as _, params, types::Type};

use super::{
    CacheError,
    key::{self, Key},
};

/// A document with its version.
pub(crate) type Versioned = (Seq, Arc<Entity>);

/// A copy of the shop; a later one has a higher number.
pub(super) type Generation = i64;

/// A number as the database takes it. Sequences, counts and stamps stay far below 2^63.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Writes a packed document and gives the version that stood there before. `building` says that it
/// is most likely new, which costs a search less then.
pub(super) fn put(
    conn: &Connection,
    (generation, building): (Generation, bool),
    key: &Key,
    version: Seq,
    packed: &[u8],
) -> Result<Option<Seq>, CacheError> {
    let change = |(place, former): (i64, i64)| {
        conn.prepare_cached("UPDATE documents SET version = ?2, body = ?3 WHERE place = ?1")?
            .execute(params![place, int(version.0), packed])?;
        Ok(Some(seq(former)))
    };
    // Most are new while a copy is built, and are there already later on.
    if !building && let Some(found) = stands(conn, generation, key)? {
        return change(found);
    }
    let new = conn
        .prepare_cached(
            "INSERT INTO documents (generation, key, version, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (generation, key) DO NOTHING",
        )?
        .execute(params![generation, key, int(version.0), packed])?;
    match new {
        1 => Ok(None),
        _ => stands(conn, generation, key)?.map_or(Ok(None), change),
    }
}

/// The place and version of a document.
fn stands(
    conn: &Connection,
    generation: Generation,
    key: &Key,
) -> Result<Option<(i64, i64)>, CacheError> {
    Ok(conn
        .prepare_cached("SELECT place, version FROM documents WHERE generation = ?1 AND key = ?2")?
        .query_row(params![generation, key], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

/// Removes a document that the API has deleted, and gives its version and packed body.
pub(super) fn remove(
    conn: &Connection,
    generation: Generation,
    key: &Key,
) -> Result<Option<(Seq, Vec<u8>)>, CacheError> {
    Ok(conn
        .prepare_cached(
            "DELETE FROM documents WHERE generation = ?1 AND key = ?2 RETURNING version, body",
        )?
        .query_row(params![generation, key], |row| {
            Ok((seq(row.get(0)?), row.get(1)?))
        })
        .optional()?)
}

/// A confirmed document; none where it is not here or a newer program wrote it in a way that this
/// one cannot read.
pub(super) fn find(
    conn: &Connection,
    generation: Generation,
    key: &EntityRef,
) -> Result<Option<Versioned>, CacheError> {
    let found = packed(conn, generation, key)?;
    Ok(found.and_then(|(version, body)| Some((version, Arc::new(read(key.kind(), &body)?)))))
}

/// A confirmed document as it is stored.
pub(super) fn packed(
    conn: &Connection,
    generation: Generation,
    key: &EntityRef,
) -> Result<Option<(Seq, Vec<u8>)>, CacheError> {
    Ok(conn
        .prepare_cached("SELECT version, body FROM documents WHERE generation = ?1 AND key = ?2")?
        .query_row(params![generation, Key::from(key)], |row| {
            Ok((seq(row.get(0)?), row.get(1)?))
        })
        .optional()?)
}

/// The version of a confirmed document; nought where it is not here.
pub(super) fn version(
    conn: &Connection,
    generation: Generation,
    key: &EntityRef,
) -> Result<Seq, CacheError> {
    let found = stands(conn, generation, &Key::from(key))?;
    Ok(found.map_or(Seq(0), |(_, version)| seq(version)))
}

/// Hands the body of every document of a kind to `each`.
pub(super) fn each(
    conn: &Connection,
    generation: Generation,
    kind: Kind,
    mut each: impl FnMut(Seq, &str),
) -> Result<(), CacheError> {
    let (from, before) = key::range(kind);
    let mut rows = conn.prepare_cached(
        "SELECT version, body FROM documents
         WHERE generation = ?1 AND key >= ?2 AND key < ?3",
    )?;
    let mut rows = rows.query(params![generation, from, before])?;
    while let Some(row) = rows.next()? {
        let packed = row.get_ref(1)?.as_blob().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, Box::new(error))
        })?;
        if let Some(text) = packed::unpack(packed) {
            each(seq(row.get(0)?), &text);
        } else {
            tracing::warn!(%kind, "a document's stored bytes cannot be unpacked");
        }
    }
    Ok(())
}

/// How many there are, unknown kinds included.
pub(super) fn count(conn: &Connection, generation: Generation) -> Result<u64, CacheError> {
    let count: i64 = conn
        .prepare_cached("SELECT count(*) FROM documents WHERE generation = ?1")?
        .query_row([generation], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Whether a copy holds anything.
pub(super) fn any(conn: &Connection, generation: Generation) -> Result<bool, CacheError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM documents WHERE generation = ?1 LIMIT 1")?
        .exists([generation])?)
}

/// Hands the key and version of every document of a copy to `each`.
pub(super) fn versions(
    conn: &Connection,
    generation: Generation,
    mut each: impl FnMut(&Key, Seq),
) -> Result<(), CacheError> {
    let mut rows =
        conn.prepare_cached("SELECT key, version FROM documents WHERE generation = ?1")?;
    let mut rows = rows.query([generation])?;
    while let Some(row) = rows.next()? {
        each(&row.get(0)?, seq(row.get(1)?));
    }
    Ok(())
}

/// Drops at most `most` documents and as many events of other generations than these two; whether
/// any may be left. In small bites, for a long transaction would hold up an edit.
pub(super) fn drop_old(
    conn: &Connection,
    kept: [Generation; 2],
    most: u32,
) -> Result<bool, CacheError> {
    let kept = [kept[0].min(kept[1]), kept[0].max(kept[1])];
    let mut dropped = 0;
    for table in ["documents", "events"] {
        dropped += conn
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE place IN (
                     SELECT place FROM {table} WHERE generation < ?1
                     UNION ALL SELECT place FROM {table}
                               WHERE generation > ?1 AND generation < ?2
                     UNION ALL SELECT place FROM {table} WHERE generation > ?2
                     LIMIT ?3)"
            ))?
            .execute(params![kept[0], kept[1], most])?;
    }
    conn.prepare_cached("DELETE FROM timelines WHERE generation NOT IN (?1, ?2)")?
        .execute(kept)?;
    Ok(dropped > 0)
}

/// Reads a packed body; what cannot be read is kept and said in the log, without its contents.
pub(super) fn read(kind: Kind, packed: &[u8]) -> Option<Entity> {
    parse(kind, &packed::unpack(packed)?)
}

/// Reads a body; what cannot be read is kept and said in the log, without its contents.
pub(super) fn parse(kind: Kind, body: &str) -> Option<Entity> {
    Entity::from_body(kind, body)
        .inspect_err(
            |_| tracing::warn!(%kind, "a document cannot be read by this program; it is kept"),
        )
        .ok()
}

/// A stored sequence.
pub(super) fn seq(number: i64) -> Seq {
    Seq(number.unsigned_abs())
}
