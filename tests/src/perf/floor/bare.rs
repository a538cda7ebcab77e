//! The least that must happen for bytes to be durable and secret: a bare SQLCipher file with the
//! settings that every one of our databases has.

use std::{fmt::Write as _, path::Path};

use anyhow::{Result, ensure};
use rusqlite::{Connection, OpenFlags};

use crate::random;

/// Opens a file with a raw key, or makes it: write-ahead log, durable at every commit.
pub(in crate::perf) fn open(path: &Path, key: &[u8; 32]) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let key = key.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    connection.pragma_update(None, "key", format!("x'{key}'"))?;
    let cipher: String = connection.pragma_query_value(None, "cipher_version", |row| row.get(0))?;
    ensure!(!cipher.is_empty(), "SQLite was built without encryption");
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// A bare encrypted file with one table of bytes.
pub(in crate::perf) struct Bare {
    connection: Connection,
}

impl Bare {
    /// A new file, keyed with 32 random bytes.
    pub(in crate::perf) fn make(path: &Path) -> Result<Self> {
        let connection = open(path, &random()?)?;
        connection.execute_batch(
            "CREATE TABLE log (seq INTEGER NOT NULL PRIMARY KEY, body BLOB NOT NULL)",
        )?;
        Ok(Self { connection })
    }

    /// One durable commit of one row at the end of the log.
    pub(in crate::perf) fn append(&self, body: &[u8]) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO log (body) VALUES (?1)")?
            .execute([body])?;
        Ok(())
    }
}
