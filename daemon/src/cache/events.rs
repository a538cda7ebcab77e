//! The pulled timeline, byte for byte.

use redtag_protocol::{
    entity::EntityRef,
    event::{Actor, Happening, Link},
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, params};
use serde::Deserialize;

use super::{
    CacheError,
    documents::{int, seq},
};

/// What is needed of a payload to file it: the rest may be of a newer program.
#[derive(Default, Deserialize)]
pub(super) struct Brief {
    #[serde(default)]
    pub(super) entity: Option<EntityRef>,
    #[serde(default)]
    pub(super) actor: Option<Actor>,
    #[serde(default)]
    pub(super) stamp: Option<Stamp>,
}

impl Brief {
    /// Reads as much as this program understands.
    pub(super) fn of(link: &Link) -> Self {
        serde_json::from_str(link.payload.get()).unwrap_or_default()
    }
}

/// Writes an event as it came.
pub(super) fn put(conn: &Connection, link: &Link, brief: &Brief) -> Result<(), CacheError> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO events (seq, kind, id, salt, hash, payload)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        int(link.seq.0),
        brief.entity.map(|key| key.kind().as_str()),
        brief.entity.map(|key| key.id_text()),
        link.salt,
        link.hash,
        link.payload.get().as_bytes(),
    ])?;
    Ok(())
}

/// The events of one document in order; no happening where this program cannot read it.
pub(super) fn of(
    conn: &Connection,
    key: &EntityRef,
) -> Result<Vec<(Seq, Option<Happening>)>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT seq, payload FROM events WHERE kind = ?1 AND id = ?2 ORDER BY seq",
    )?;
    let mut rows = rows.query([key.kind().as_str(), &key.id_text()])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let payload: Vec<u8> = row.get(1)?;
        events.push((seq(row.get(0)?), serde_json::from_slice(&payload).ok()));
    }
    Ok(events)
}
