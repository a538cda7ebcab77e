//! Encrypted files as the first program left them, made of those of today's: its own schema, and of
//! every table the columns that it knew.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::packed;
use redtag_tests::harness::Ground;
use rusqlite::{Connection, params_from_iter, types::Value};

/// What lies beside a database while it is in use, or after its program was killed.
const BESIDE: [&str; 2] = ["db-wal", "db-shm"];

/// A file of the first schema, which can be put back as often as it is wanted.
pub(super) struct Older {
    path: PathBuf,
    key: [u8; 32],
    bytes: Vec<u8>,
}

/// How far a migration had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// Nothing was written yet.
    Nothing,
    /// Something was, and it was not done.
    Middle,
    /// The newest schema.
    End,
}

impl Older {
    /// Takes a file back to the first schema. Its program must not run. `fill` copies what is more
    /// than rows that stay as they are.
    pub(super) fn of(
        path: PathBuf,
        key: [u8; 32],
        first: &str,
        fill: impl FnOnce(&Connection, &Connection) -> Result<()>,
    ) -> Result<Self> {
        let newer = open(&path, &key)?;
        let application: i32 = newer.pragma_query_value(None, "application_id", |it| it.get(0))?;
        let made = path.with_extension("older");
        let older = open(&made, &key)?;
        older.execute_batch("BEGIN")?;
        older.execute_batch(first)?;
        fill(&newer, &older)?;
        older.pragma_update(None, "application_id", application)?;
        older.pragma_update(None, "user_version", 1)?;
        older.execute_batch("COMMIT")?;
        older.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        drop((newer, older));
        let bytes = fs::read(&made)?;
        fs::remove_file(&made)?;
        let it = Self { path, key, bytes };
        it.put_back()?;
        Ok(it)
    }

    /// The file as it was left, and nothing beside it.
    pub(super) fn put_back(&self) -> Result<()> {
        fs::write(&self.path, &self.bytes)?;
        for beside in BESIDE {
            match fs::remove_file(self.path.with_extension(beside)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// How far whoever was killed had come. Looks at a copy: to open the file would tidy it up.
    pub(super) fn reached(&self, ground: &Ground, newest: i64) -> Result<Reached> {
        let copy = ground.path().join("looked-at.db");
        fs::copy(&self.path, &copy)?;
        let log = self.path.with_extension("db-wal");
        let written = fs::metadata(&log).is_ok_and(|it| it.len() > 0);
        if written {
            fs::copy(&log, copy.with_extension("db-wal"))?;
        }
        let conn = open(&copy, &self.key)?;
        let version: i64 = conn.pragma_query_value(None, "user_version", |it| it.get(0))?;
        drop(conn);
        fs::remove_file(&copy)?;
        ensure!((1..=newest).contains(&version), "schema {version}");
        Ok(match version {
            _ if version == newest => Reached::End,
            1 if !written => Reached::Nothing,
            _ => Reached::Middle,
        })
    }
}

/// Rows of a table, with the columns that the older one has. A packed body is unpacked.
pub(super) fn copy(newer: &Connection, older: &Connection, table: &str) -> Result<()> {
    let mut columns = older.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let columns: Vec<String> = columns
        .query_map([table], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    ensure!(!columns.is_empty(), "there is no table {table}");
    let places = vec!["?"; columns.len()].join(", ");
    let names = columns.join(", ");
    let mut rows = newer.prepare(&format!("SELECT {names} FROM {table}"))?;
    let mut rows = rows.query([])?;
    let mut insert = older.prepare(&format!("INSERT INTO {table} ({names}) VALUES ({places})"))?;
    while let Some(row) = rows.next()? {
        let mut values = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            values.push(match row.get(at)? {
                Value::Blob(body) if table == "document" && column == "body" => {
                    Value::Text(unpacked(&body)?)
                }
                other => other,
            });
        }
        insert.execute(params_from_iter(values))?;
    }
    Ok(())
}

/// A body as the API sent it.
pub(super) fn unpacked(body: &[u8]) -> Result<String> {
    let text = packed::unpack(body).context("a body cannot be unpacked")?;
    Ok(text.into_owned())
}

/// Two digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A database with its raw key.
#[expect(clippy::disallowed_methods, reason = "the key comes in the next line")]
pub(super) fn open(path: &Path, key: &[u8; 32]) -> Result<Connection> {
    let conn = Connection::open(path)?;
    conn.pragma_update(None, "key", format!("x'{}'", hex(key)))?;
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .with_context(|| format!("{} does not open", path.display()))?;
    Ok(conn)
}
