//! Documents that the API has deleted while edits of this machine wait on them: kept until the API
//! has decided those, which may bring them back.

use std::sync::Arc;

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    ids::{DeviceId, PersonId},
    packed,
    stamp::Seq,
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use super::{
    CacheError,
    documents::{int, seq},
    key::Key,
};

/// Keeps a document that was deleted at `version`.
pub(super) fn put(
    conn: &Connection,
    key: &EntityRef,
    version: Seq,
    packed: &[u8],
) -> Result<(), CacheError> {
    conn.prepare_cached("INSERT OR REPLACE INTO gone (key, version, body) VALUES (?1, ?2, ?3)")?
        .execute(params![Key::from(key), int(version.0), packed])?;
    Ok(())
}

/// Keeps it no longer.
pub(super) fn forget(conn: &Connection, key: &EntityRef) -> Result<(), CacheError> {
    conn.prepare_cached("DELETE FROM gone WHERE key = ?1")?
        .execute([Key::from(key)])?;
    Ok(())
}

/// One of them, as it is buried in a [`redtag_protocol::entity::World`].
pub(super) fn find(conn: &Connection, key: &EntityRef) -> Result<Option<Arc<Entity>>, CacheError> {
    let found: Option<(i64, Vec<u8>)> = conn
        .prepare_cached("SELECT version, body FROM gone WHERE key = ?1")?
        .query_row([Key::from(key)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.and_then(|(version, packed)| buried(key.kind(), seq(version), &packed)))
}

/// The keys of all of them.
pub(super) fn keys(conn: &Connection) -> Result<Vec<EntityRef>, CacheError> {
    let mut rows = conn.prepare_cached("SELECT key FROM gone")?;
    let keys = rows.query_map([], |row| row.get::<_, Key>(0))?;
    Ok(keys
        .collect::<Result<Vec<_>, _>>()?
        .iter()
        .filter_map(Key::entity)
        .collect())
}

/// The document with its deletion in it, of whose author nothing but the place is known here.
fn buried(kind: Kind, version: Seq, packed: &[u8]) -> Option<Arc<Entity>> {
    let mut value: Value = serde_json::from_str(&packed::unpack(packed)?).ok()?;
    let nobody = (DeviceId::from_bytes([0; 16]), PersonId::from_bytes([0; 16]));
    value["deletion"] = json!([version, nobody.0, 0, 0, nobody.1]);
    let entity = Entity::from_body(kind, &value.to_string()).ok()?;
    Some(Arc::new(entity))
}
