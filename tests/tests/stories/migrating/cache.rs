//! A bench's cache as the first program left it.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_tests::harness::Device;
use redtagd::{paths::Paths, secret};
use rusqlite::{
    Connection, params,
    types::{Value, ValueRef},
};
use uuid::Uuid;

use super::older::{Older, copy, hex, unpacked};

const FIRST: &str = include_str!("../../../../daemon/src/cache/schema/001.sql");

/// The newest schema; the story fails where there is a newer one, and then says so here.
pub(super) const NEWEST: i64 = 6;

/// Takes the only cache of a bench back. Its daemon must not run.
pub(super) fn taken_back(bench: &Device) -> Result<Older> {
    let home = bench.home();
    let env = |name: &str| (name == "REDTAG_HOME").then(|| home.clone().into_os_string());
    let paths = Paths::find(false, &env)?;
    let (account, dir) = account(&paths)?;
    let secrets = secret::Store::open(&paths)?.context("no secret store was chosen")?;
    let key = *secrets.load(&account)?.expose();
    Older::of(dir.join("cache.db"), key, FIRST, fill)
}

fn account(paths: &Paths) -> Result<(String, PathBuf)> {
    for entry in fs::read_dir(paths.data.join("accounts"))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let id = entry.file_name().into_string();
            return Ok((id.ok().context("that is no account")?, entry.path()));
        }
    }
    bail!("the bench has no account")
}

fn fill(newer: &Connection, older: &Connection) -> Result<()> {
    let copies: i64 = newer.query_row(
        "SELECT count(DISTINCT generation) FROM documents",
        [],
        |row| row.get(0),
    )?;
    ensure!(copies == 1, "{copies} copies");
    let mut rows = newer.prepare("SELECT key, version, body FROM documents")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id) = named(row.get_ref(0)?)?.context("a document without a name")?;
        let (version, body): (i64, Vec<u8>) = (row.get(1)?, row.get(2)?);
        older.execute(
            "INSERT INTO documents VALUES (?1, ?2, ?3, ?4)",
            params![kind, id, version, unpacked(&body)?.into_bytes()],
        )?;
    }
    let mut rows = newer.prepare("SELECT seq, key, salt, hash, payload FROM events")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, id) = named(row.get_ref(1)?)?.unzip();
        let payload: Vec<u8> = row.get(4)?;
        older.execute(
            "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                row.get::<_, i64>(0)?,
                kind,
                id,
                in_hex(row.get(2)?)?,
                in_hex(row.get(3)?)?,
                unpacked(&payload)?.into_bytes()
            ],
        )?;
    }
    copy(newer, older, "outbox")?;
    copy(newer, older, "quarantine")?;
    // The place said nothing of copies, nor of what the API takes.
    let meta = "INSERT INTO meta SELECT ?1, ?2";
    for name in ["identity", "counters", "place"] {
        let value: Vec<u8> =
            newer.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
                row.get(0)
            })?;
        let mut value: serde_json::Value = serde_json::from_slice(&value)?;
        let fields = value.as_object_mut().context("that is no object")?;
        for later in ["copies", "schema", "seal_to", "lock"] {
            fields.remove(later);
        }
        older.execute(meta, params![name, serde_json::to_vec(&value)?])?;
    }
    Ok(())
}

/// Kind and id in words, of a key; none of an empty one. The numbers are stored, and so never change.
fn named(key: ValueRef<'_>) -> Result<Option<(&'static str, String)>> {
    const KINDS: [&str; 6] = [
        "shop",
        "member",
        "template",
        "customer",
        "vehicle",
        "inspection",
    ];
    let ValueRef::Blob([number, id @ ..]) = key else {
        return Ok(None);
    };
    let kind = KINDS.get(usize::from(*number).wrapping_sub(1));
    let kind = kind.context("a kind that nobody knows")?;
    Ok(Some((kind, Uuid::from_slice(id)?.to_string())))
}

fn in_hex(value: Value) -> Result<String> {
    match value {
        Value::Blob(bytes) => Ok(hex(&bytes)),
        Value::Text(text) => Ok(text),
        other => bail!("neither bytes nor a text: {other:?}"),
    }
}
