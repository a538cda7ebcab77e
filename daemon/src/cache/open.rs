//! Opening a cache: the key goes in raw, the file proves itself by its application id and its
//! sentinel row, and a fingerprint beside it tells a wrong key from a damaged file. A file that
//! cannot be used is set aside by rename and never deleted.

mod aside;

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use redtag_protocol::stamp::Stamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{CacheError, Meta, Store, salvage::Salvaged, schema};
use crate::secret::CacheKey;

/// The database's name in the account's directory.
const DATABASE: &str = "cache.db";
/// The fingerprint's name beside it.
const FINGERPRINT: &str = "cache.key-id";

/// Says that the cache was found damaged while it was in use, perhaps on a page that opening it does
/// not read.
const DAMAGED: &str = "cache.damaged";

/// What was found when a cache was opened.
#[derive(Debug)]
pub enum Origin {
    /// It is whole.
    Whole,
    /// It was damaged or emptied: what stood there was set aside, and an empty one begun.
    SetAside {
        /// Where the old file lies now; none where there was no file left.
        file: Option<PathBuf>,
        /// What was wrong, in words.
        why: &'static str,
        /// What could be read of the old file.
        salvaged: Box<Salvaged>,
    },
}

/// An opened cache, which has no values of its own yet where it had to be begun anew.
#[derive(Debug)]
pub struct Opened {
    /// What was found.
    pub origin: Origin,
    content: Content,
    dir: PathBuf,
}

#[derive(Debug)]
enum Content {
    Loaded(Box<Store>),
    Begun(Connection),
}

impl Opened {
    /// The values of the cache; none where it was begun anew.
    pub fn meta(&self) -> Option<&Meta> {
        match &self.content {
            Content::Loaded(store) => Some(store.meta()),
            Content::Begun(_) => None,
        }
    }

    /// The store over the cache, with `fresh` as the values of one that was begun anew and what
    /// could be salvaged put back into the outbox.
    pub fn store(self, fresh: impl FnOnce() -> Meta) -> Result<Store, CacheError> {
        match (self.content, self.origin) {
            (Content::Loaded(store), _) => Ok(*store),
            (Content::Begun(conn), Origin::SetAside { salvaged, .. }) => {
                let store = Store::load(conn, fresh(), *salvaged)?;
                aside::note_taken(&self.dir);
                Ok(store)
            }
            (Content::Begun(conn), Origin::Whole) => {
                Store::load(conn, fresh(), Salvaged::default())
            }
        }
    }
}

/// Makes a new cache in an empty directory.
pub fn create(dir: &Path, key: &CacheKey, meta: Meta) -> Result<Store, CacheError> {
    let conn = begin(dir, key)?;
    Store::load(conn, meta, Salvaged::default())
}

/// Notes that the cache of a directory is damaged, so that the next opening sets it aside and takes
/// over what is unsent.
pub fn note_damage(dir: &Path) -> Result<(), CacheError> {
    let path = dir.join(DAMAGED);
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .and_then(|_| File::open(dir)?.sync_all())
        .map_err(CacheError::file(path))
}

fn forget_damage(dir: &Path) -> Result<(), CacheError> {
    let path = dir.join(DAMAGED);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CacheError::file(path)(error)),
        _ => Ok(()),
    }
}

/// Opens the cache of a directory in which one was made before. `now` names what is set aside.
///
/// # Errors
///
/// With the wrong key, or a newer schema, the file is left as it is.
pub fn open(dir: &Path, key: &CacheKey, now: Stamp) -> Result<Opened, CacheError> {
    let path = dir.join(DATABASE);
    let known = fs::read_to_string(dir.join(FINGERPRINT)).ok();
    if known
        .as_deref()
        .is_some_and(|known| known.trim() != fingerprint(key))
    {
        return Err(CacheError::WrongKey { path });
    }
    let emptied = fs::metadata(&path).map_or(true, |found| found.len() == 0);
    let mut begun = None;
    let why = if emptied {
        "it was emptied"
    } else {
        match whole(&path, key) {
            Ok(Content::Begun(conn)) => {
                begun = Some(conn);
                "the one before it was damaged"
            }
            Ok(_) if dir.join(DAMAGED).exists() => "it was found damaged while in use",
            Ok(content) => {
                if known.is_none() {
                    // A crash between making the database and noting its key; the key fits.
                    note_fingerprint(dir, key)?;
                }
                aside::note_taken(dir);
                return Ok(Opened {
                    origin: Origin::Whole,
                    content,
                    dir: dir.to_owned(),
                });
            }
            Err(CacheError::Sql(error)) if damaged(&error) => {
                // Without a fingerprint a wrong key looks the same; then nothing is moved.
                if known.is_none() {
                    return Err(CacheError::WrongKey { path });
                }
                "it is damaged"
            }
            Err(CacheError::Row(_)) => "its own values cannot be read",
            Err(other) => return Err(other),
        }
    };
    let moved = match begun {
        Some(_) => None,
        None => aside::set(dir, now)?,
    };
    forget_damage(dir)?;
    // Also what an attempt before this one set aside and, interrupted or on a full disk, did not
    // come to take over.
    let files = aside::not_taken(dir)?;
    let salvaged = files
        .iter()
        .map(|file| Salvaged::read(&|| connect_aside(file, key)))
        .reduce(Salvaged::and);
    let conn = match begun {
        Some(conn) => conn,
        None => begin(dir, key)?,
    };
    Ok(Opened {
        origin: Origin::SetAside {
            file: moved.or_else(|| files.into_iter().next()),
            why,
            salvaged: Box::new(salvaged.unwrap_or_default()),
        },
        content: Content::Begun(conn),
        dir: dir.to_owned(),
    })
}

/// Opens a file that must be a cache of ours, and reads all that is kept in memory, which finds
/// most damage further on in the file.
///
/// One that was begun and never filled has no values of its own and nothing else either.
fn whole(path: &Path, key: &CacheKey) -> Result<Content, CacheError> {
    let mut conn = connect(path, key, false)?;
    let application: i64 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let sentinel: Vec<u8> = conn.query_row(
        "SELECT value FROM meta WHERE name = 'sentinel'",
        [],
        |row| row.get(0),
    )?;
    schema::migrate(&mut conn)?;
    let meta = Meta::load(&conn)?;
    match meta {
        Some(meta) if application == schema::APPLICATION && sentinel == b"redtag cache" => {
            let store = Store::load(conn, meta, Salvaged::default())?;
            Ok(Content::Loaded(Box::new(store)))
        }
        None if application == schema::APPLICATION && holds_nothing(&conn)? => {
            Ok(Content::Begun(conn))
        }
        _ => Err(CacheError::Sql(rusqlite::Error::QueryReturnedNoRows)),
    }
}

/// Reads every page of a cache, each of which carries a proof of its own, and looks whether what is
/// in them holds together. On a snapshot of its own, so nobody who works waits for it; takes about a
/// second for every hundred megabytes. The words name the cipher and, where not all is well, what.
pub fn check(dir: &Path, key: &CacheKey) -> Result<Checked, CacheError> {
    let conn = connect(&dir.join(DATABASE), key, false)?;
    let cipher = conn.pragma_query_value(None, "cipher_version", |row| row.get(0))?;
    let said: Result<String, _> = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    let damage = match said {
        Ok(said) if said == "ok" => None,
        Ok(said) => Some(said),
        Err(error) if damaged(&error) => Some(error.to_string()),
        Err(error) => return Err(error.into()),
    };
    Ok(Checked { cipher, damage })
}

/// What [`check`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The version of SQLCipher.
    pub cipher: String,
    /// The first damage; none where all is well.
    pub damage: Option<String>,
}

fn holds_nothing(conn: &Connection) -> Result<bool, CacheError> {
    let rows: i64 = conn.query_row(
        "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM quarantine)
              + (SELECT count(*) FROM documents)",
        [],
        |row| row.get(0),
    )?;
    Ok(rows == 0)
}

/// Whether the error says that the file is not what was written: not a database (26, which a
/// flipped bit in the first page gives as well), corrupt pages, missing tables or rows.
pub(super) fn damaged(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(code, words) => {
            matches!(
                code.code,
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt
            ) || words
                .as_deref()
                .is_some_and(|words| words.starts_with("no such table"))
        }
        rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::InvalidColumnType(..) => true,
        _ => false,
    }
}

fn begin(dir: &Path, key: &CacheKey) -> Result<Connection, CacheError> {
    note_fingerprint(dir, key)?;
    let mut conn = connect(&dir.join(DATABASE), key, true)?;
    schema::migrate(&mut conn)?;
    Ok(conn)
}

/// A file that was set aside, to be read as far as it goes. One that was cut off says that it is longer
/// than it is, for which SQLite refuses all of it unless the schema may be written.
fn connect_aside(path: &Path, key: &CacheKey) -> Result<Connection, CacheError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = keyed(path, key, flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    Ok(conn)
}

/// A database to work with.
fn connect(path: &Path, key: &CacheKey, make: bool) -> Result<Connection, CacheError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if make {
        // Made by us, for SQLite would make it with the umask's mode.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(CacheError::file(path))?;
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = keyed(path, key, flags)?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", -2_000)?;
    // Sixteen mebibytes: while a copy comes, pages that many commits touch are moved into the file
    // once and not with every megabyte; and moving that much holds nobody up for long.
    conn.pragma_update_and_check(None, "wal_autocheckpoint", 4_000, |_| Ok(()))?;
    conn.pragma_update_and_check(None, "journal_size_limit", 32 << 20, |_| Ok(()))?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// The one place that opens a database: keyed before anything else, and never in plaintext.
fn keyed(path: &Path, key: &CacheKey, flags: OpenFlags) -> Result<Connection, CacheError> {
    let conn = Connection::open_with_flags(path, flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Its own words would go to standard error; what they say comes back as an error as well.
    conn.pragma_update_and_check(None, "cipher_log_level", "NONE", |_| Ok(()))?;
    let literal = literal(key);
    conn.pragma_update(None, "key", literal.as_str())?;
    let cipher: Option<String> = conn
        .pragma_query_value(None, "cipher_version", |row| row.get(0))
        .ok();
    if cipher.is_none_or(|version| version.is_empty()) {
        return Err(CacheError::NoCipher);
    }
    Ok(conn)
}

/// The database of a directory, keyed as the tests' are, with whatever schema it has.
#[cfg(test)]
pub(super) fn connect_for_tests(dir: &Path) -> Connection {
    connect(&dir.join(DATABASE), &super::tests::key(), false).unwrap()
}

/// The key as SQLCipher takes it: a blob literal in a text, which skips key derivation.
fn literal(key: &CacheKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(67));
    text.push_str("x'");
    hex(&mut text, key.expose());
    text.push('\'');
    text
}

/// Tells keys apart and says nothing of them: a key is random, so its digest cannot be guessed
/// back.
fn fingerprint(key: &CacheKey) -> String {
    let digest = Sha256::new()
        .chain_update(b"redtag cache key\0")
        .chain_update(key.expose())
        .finalize();
    let mut text = String::new();
    hex(&mut text, &digest[..16]);
    text
}

fn hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
}

fn note_fingerprint(dir: &Path, key: &CacheKey) -> Result<(), CacheError> {
    let path = dir.join(FINGERPRINT);
    let new = dir.join("cache.key-id.new");
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut file| {
            file.write_all(fingerprint(key).as_bytes())?;
            file.sync_all()
        });
    written
        .and_then(|()| fs::rename(&new, &path))
        .and_then(|()| File::open(dir)?.sync_all())
        .map_err(CacheError::file(path))
}
