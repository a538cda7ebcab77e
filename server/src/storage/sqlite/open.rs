//! The one place that opens database files.

use std::{fs, os::unix::fs::DirBuilderExt as _, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use zeroize::Zeroizing;

use super::{StorageError, convert::fault, named};
use crate::storage::ShopKey;

/// How long a writer waits for another process before it answers `Busy`.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Creates the file where it is not there.
    Write,
    /// Refuses to write.
    Read,
}

/// Makes a directory that only its owner can look into.
pub(super) fn directory(path: &Path) -> Result<(), StorageError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| StorageError::Io {
            place: named(path),
            source,
        })
}

/// Whether a directory holds databases.
pub(super) fn any_database(dir: &Path) -> Result<bool, StorageError> {
    let mut files = fs::read_dir(dir).map_err(|source| StorageError::Io {
        place: named(dir),
        source,
    })?;
    Ok(files.any(|it| it.is_ok_and(|it| it.path().extension().is_some_and(|it| it == "db"))))
}

/// Refuses a file that is not there or has lost everything: opened, it would be a new database.
pub(super) fn must_be_there(path: &Path) -> Result<(), StorageError> {
    let missing = || StorageError::Missing { file: named(path) };
    match fs::metadata(path) {
        Ok(found) if found.len() > 0 => Ok(()),
        Ok(_) => Err(missing()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing()),
        Err(source) => Err(StorageError::Io {
            place: named(path),
            source,
        }),
    }
}

/// Opens a file with its raw key and checks that it is encrypted and readable.
pub(super) fn open(
    path: &Path,
    key: &ShopKey,
    purpose: Purpose,
) -> Result<Connection, StorageError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if purpose == Purpose::Write {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
        private(path)?;
    }
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    // What goes wrong is said by whoever meets it, not by the library on standard error.
    set(&connection, "cipher_log_level", "NONE")?;
    set(&connection, "key", &raw(key))?;
    // On a library without encryption the pragma above succeeds and data would lie open.
    let cipher: String = connection
        .query_row("PRAGMA cipher_version", [], |row| row.get(0))
        .map_err(|error| {
            StorageError::Engine(format!("SQLite was built without encryption: {error}").into())
        })?;
    if cipher.is_empty() {
        return Err(StorageError::Engine(
            "SQLite was built without encryption".into(),
        ));
    }
    connection.busy_timeout(PATIENCE).map_err(fault)?;
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => StorageError::Unreadable { file: named(path) },
            _ => fault(error),
        })?;
    let pragmas = [
        ("journal_mode", "WAL"),
        ("synchronous", "FULL"),
        ("foreign_keys", "ON"),
        ("temp_store", "MEMORY"),
        // The writing thread writes the log back between its jobs; this is for when it never gets
        // to it.
        ("wal_autocheckpoint", "8000"),
    ];
    for (name, value) in pragmas {
        set(&connection, name, value)?;
    }
    match purpose {
        Purpose::Read => set(&connection, "query_only", "ON")?,
        // What one transaction touches: pages that do not fit are encrypted and written several
        // times before it ends.
        Purpose::Write => set(&connection, "cache_size", "-8000")?,
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Copies what a connection reads into a file that is not there yet, with the same key. On the disk
/// when it returns.
pub(super) fn copy(connection: &Connection, to: &Path) -> Result<(), StorageError> {
    let failed = |source| StorageError::Io {
        place: named(to),
        source,
    };
    let name = to.to_str();
    let name = name.ok_or_else(|| failed(std::io::ErrorKind::InvalidFilename.into()))?;
    // An empty file is taken for none.
    private(to)?;
    // A connection that refuses to write refuses to write a copy, too.
    set(connection, "query_only", "OFF")?;
    let done = connection.execute("VACUUM INTO ?1", [name]).map_err(fault);
    set(connection, "query_only", "ON")?;
    done?;
    fs::File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(failed)
}

/// Sets a pragma. Some answer with a row and some do not; the row is of no interest.
fn set(connection: &Connection, name: &str, value: &str) -> Result<(), StorageError> {
    match connection.pragma_update_and_check(None, name, value, |_| Ok(())) {
        Ok(()) | Err(rusqlite::Error::QueryReturnedNoRows) => Ok(()),
        Err(error) => Err(fault(error)),
    }
}

/// Makes a file that is not there with 0600, whatever the umask says.
fn private(path: &Path) -> Result<(), StorageError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|source| StorageError::Io {
            place: named(path),
            source,
        })
}

/// The key as SQLCipher takes a raw one, which spares a key derivation at every opening.
fn raw(key: &ShopKey) -> Zeroizing<String> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = Zeroizing::new(String::with_capacity(67));
    text.push_str("x'");
    for byte in key.iter() {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    text.push('\'');
    text
}
