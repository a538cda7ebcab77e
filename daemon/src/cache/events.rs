//! The pulled timeline. Payloads are packed; everything comes back byte for byte.

use redtag_protocol::{
    entity::EntityRef,
    event::{Actor, Happening, Link, What},
    field::OpRef,
    packed,
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, OptionalExtension as _, params, types::Value};
use serde::Deserialize;

use super::{
    CacheError,
    chain::Joint,
    documents::{Generation, int, seq},
    key::Key,
};

/// What is needed of a payload to file it: the rest may be of a newer program.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
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
    pub(super) fn of(payload: &str) -> Self {
        serde_json::from_str(payload).unwrap_or_default()
    }

    /// The operation that it tells of, with its stamp: the same number from a cloned home is not
    /// the same operation.
    pub(super) fn op(&self) -> Option<(OpRef, Stamp)> {
        Some((self.actor?.op()?, self.stamp?))
    }
}

/// An event as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) seq: Seq,
    key: Key,
    salt: Value,
    hash: Value,
    payload: Vec<u8>,
    /// Its place in the chain.
    pub(super) joint: Joint,
}

impl Row {
    /// Packs an event. `key` is what it is about.
    pub(super) fn of(link: &Link, key: Option<EntityRef>, joint: Joint) -> Self {
        Self {
            seq: link.seq,
            key: key.map_or_else(|| Key::Other(String::new()), Key::Known),
            salt: bytes(&link.salt).map_or_else(|| Value::Text(link.salt.clone()), Value::Blob),
            hash: bytes(&link.hash).map_or_else(|| Value::Text(link.hash.clone()), Value::Blob),
            payload: packed::pack(link.payload.get()),
            joint,
        }
    }

    /// Writes it, in the place of its former self.
    pub(super) fn put(&self, conn: &Connection, generation: Generation) -> Result<(), CacheError> {
        conn.prepare_cached(
            "INSERT INTO events (generation, key, seq, salt, hash, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (generation, key, seq) DO UPDATE
             SET salt = excluded.salt, hash = excluded.hash, payload = excluded.payload",
        )?
        .execute(params![
            generation,
            self.key,
            int(self.seq.0),
            self.salt,
            self.hash,
            self.payload,
        ])?;
        Ok(())
    }
}

/// The events of one document in order; no happening where this program cannot read it.
pub(super) fn of(
    conn: &Connection,
    generation: Generation,
    key: &EntityRef,
) -> Result<Vec<(Seq, Option<Happening>)>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT seq, payload FROM events WHERE generation = ?1 AND key = ?2 ORDER BY seq",
    )?;
    let mut rows = rows.query(params![generation, Key::from(key)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let payload: Vec<u8> = row.get(1)?;
        events.push((seq(row.get(0)?), happening(&payload)));
    }
    Ok(events)
}

/// An operation, with its stamp, and its event's place in the shop's order.
pub(super) type Told = ((OpRef, Stamp), Seq);

/// The operations that a document's events tell of.
pub(super) fn ops(
    conn: &Connection,
    generation: Generation,
    key: &EntityRef,
) -> Result<Vec<Told>, CacheError> {
    let mut rows =
        conn.prepare_cached("SELECT seq, payload FROM events WHERE generation = ?1 AND key = ?2")?;
    let mut rows = rows.query(params![generation, Key::from(key)])?;
    let mut ops = Vec::new();
    while let Some(row) = rows.next()? {
        let payload: Vec<u8> = row.get(1)?;
        let op = packed::unpack(&payload).and_then(|payload| Brief::of(&payload).op());
        ops.extend(
            op.map(|op| Ok::<_, CacheError>((op, seq(row.get(0)?))))
                .transpose()?,
        );
    }
    Ok(ops)
}

/// Whether the timeline of a document is here from its first event on, or was fetched whole.
pub(super) fn whole(
    conn: &Connection,
    generation: Generation,
    key: &EntityRef,
) -> Result<bool, CacheError> {
    let of = Key::from(key);
    let marked = conn
        .prepare_cached("SELECT 1 FROM timelines WHERE generation = ?1 AND key = ?2")?
        .exists(params![generation, of])?;
    if marked {
        return Ok(true);
    }
    let first: Option<Vec<u8>> = conn
        .prepare_cached(
            "SELECT payload FROM events WHERE generation = ?1 AND key = ?2 ORDER BY seq LIMIT 1",
        )?
        .query_row(params![generation, of], |row| row.get(0))
        .optional()?;
    let created = |it: Happening| it.what == What::Created;
    Ok(first.and_then(|it| happening(&it)).is_some_and(created))
}

/// Notes that a document's timeline was fetched whole.
pub(super) fn mark_whole(
    conn: &Connection,
    generation: Generation,
    key: &EntityRef,
) -> Result<(), CacheError> {
    conn.prepare_cached("INSERT OR IGNORE INTO timelines (generation, key) VALUES (?1, ?2)")?
        .execute(params![generation, Key::from(key)])?;
    Ok(())
}

/// Empties the payloads of a document's events in a copy: it was erased. Who erased it and when stays.
pub(super) fn erase(
    conn: &Connection,
    generation: Generation,
    key: &Key,
) -> Result<(), CacheError> {
    let mut rows = conn
        .prepare_cached("SELECT rowid, payload FROM events WHERE generation = ?1 AND key = ?2")?;
    let told = rows.query_map(params![generation, key], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    let told = told.collect::<Result<Vec<_>, _>>()?;
    let goes = |payload: &[u8]| happening(payload).is_none_or(|it| it.what != What::Erased);
    let mut empty = conn.prepare_cached("UPDATE events SET payload = ?2 WHERE rowid = ?1")?;
    for (row, _) in told.iter().filter(|(_, payload)| goes(payload)) {
        empty.execute(params![row, packed::pack("{}")])?;
    }
    Ok(())
}

fn happening(packed: &[u8]) -> Option<Happening> {
    serde_json::from_str(&packed::unpack(packed)?).ok()
}

/// The bytes of a text in lower-case hex; none where it is anything else.
pub(super) fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = hex.as_bytes().chunks(2).map(|pair| match *pair {
        [high, low] => Some((digit(high)? << 4) | digit(low)?),
        _ => None,
    });
    pairs.collect()
}
