//! From schema 1 to 2: documents and events get their compact form. Row by row, so that memory
//! stays small, and in the migration's own transaction, so that a kill leaves schema 1.

use redtag_protocol::{entity::EntityRef, event::Link, packed};
use rusqlite::Connection;

use crate::cache::{
    CacheError,
    chain::Joint,
    documents::{self, seq},
    events,
    key::Key,
};

/// The generation of the copy that came along; `Meta` begins with the same.
const GENERATION: documents::Generation = 1;

/// Fills the new tables from the old ones, which go.
pub(super) fn fill(conn: &Connection) -> Result<(), CacheError> {
    copy_documents(conn)?;
    copy_events(conn)?;
    // An operation whose outcome came is covered as far as the copy reached.
    let level: Option<i64> = conn
        .prepare(
            "SELECT json_extract(CAST(value AS TEXT), '$.level') FROM meta WHERE name = 'place'",
        )?
        .query_map([], |row| row.get(0))?
        .next()
        .transpose()?;
    conn.execute(
        "UPDATE outbox SET covered = 1 WHERE acked_at IS NOT NULL AND seq <= ?1",
        [level.unwrap_or(0)],
    )?;
    conn.execute_batch("DROP TABLE documents_001; DROP TABLE events_001;")?;
    Ok(())
}

fn copy_documents(conn: &Connection) -> Result<(), CacheError> {
    let mut rows = conn.prepare("SELECT kind, id, version, body FROM documents_001")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
        let bytes: Vec<u8> = row.get(3)?;
        // What is no text was never written by us; it is fetched again.
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let packed = packed::pack(text);
            let version = seq(row.get(2)?);
            let key = Key::of(&kind, &id);
            documents::put(conn, (GENERATION, true), &key, version, &packed)?;
        }
    }
    Ok(())
}

fn copy_events(conn: &Connection) -> Result<(), CacheError> {
    let mut rows =
        conn.prepare("SELECT seq, kind, id, salt, hash, payload FROM events_001 ORDER BY seq")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
        let key: Option<EntityRef> = kind
            .zip(id)
            .and_then(|(kind, id)| Key::of(&kind, &id).entity());
        let payload: Vec<u8> = row.get(5)?;
        let payload = String::from_utf8(payload)
            .ok()
            .and_then(|it| serde_json::value::RawValue::from_string(it).ok());
        if let Some(payload) = payload {
            let link = Link {
                digest: None,
                seq: seq(row.get(0)?),
                salt: row.get(3)?,
                hash: row.get(4)?,
                payload,
            };
            events::Row::of(&link, key, Joint::of(&link)).put(conn, GENERATION)?;
        }
    }
    Ok(())
}
