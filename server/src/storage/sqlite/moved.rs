//! The file `MOVED` in a data directory: what is there was moved to a PostgreSQL database and lives
//! on there. Its being there keeps everybody out; the mark that it says lets one database alone be
//! finished; the rest of it is for people.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{StorageError, named};

const WORDS: &str = "# This data was moved to PostgreSQL, which goes on with it. redtag-server \
                     neither serves nor changes it here.\n";

/// Where a directory's data was moved to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The database, without its password; for people.
    pub to: String,
    /// What that database calls the arrival. Where nothing is said, or nothing that can be read, it
    /// fits no database.
    pub mark: Option<Uuid>,
}

fn path(dir: &Path) -> PathBuf {
    dir.join("MOVED")
}

/// Where a directory's data was moved to, if it was.
pub fn to(dir: &Path) -> Result<Option<Moved>, StorageError> {
    let path = path(dir);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(toml::from_str(&text).unwrap_or_else(|_| Moved {
            to: "another place".to_owned(),
            mark: None,
        }))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed(&path, source)),
    }
}

/// Says so. Durable when it returns, and there whole or not at all.
pub(super) fn mark(dir: &Path, moved: &Moved) -> Result<(), StorageError> {
    let path = path(dir);
    let line = toml::to_string(moved).map_err(|error| StorageError::Engine(error.into()))?;
    let draft = dir.join(".MOVED.draft");
    write(&draft, &format!("{WORDS}{line}"))
        .and_then(|()| fs::rename(&draft, &path))
        .and_then(|()| fs::File::open(dir)?.sync_all())
        .map_err(|source| failed(&path, source))
}

/// Takes it back; durable when it returns.
pub(super) fn unmark(dir: &Path) -> Result<(), StorageError> {
    let path = path(dir);
    fs::remove_file(&path)
        .and_then(|()| fs::File::open(dir)?.sync_all())
        .map_err(|source| failed(&path, source))
}

fn write(draft: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn failed(path: &Path, source: io::Error) -> StorageError {
    StorageError::Io {
        place: named(path),
        source,
    }
}
