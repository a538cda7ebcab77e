//! Files that were set aside, and whether what they held unsent stands in the cache again.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use redtag_protocol::stamp::Stamp;

use super::{CacheError, DATABASE};

/// Renames the database and its journal; gives the database's new place.
pub(super) fn set(dir: &Path, now: Stamp) -> Result<Option<PathBuf>, CacheError> {
    let mut stem = format!("damaged-{}", now.0);
    // A name that is taken belongs to something that must not be overwritten.
    for again in 1.. {
        if !dir.join(format!("{stem}.db")).exists() {
            break;
        }
        stem = format!("damaged-{}-{again}", now.0);
    }
    let mut moved = None;
    for suffix in ["", "-wal", "-shm"] {
        let from = dir.join(format!("{DATABASE}{suffix}"));
        let to = dir.join(format!("{stem}.db{suffix}"));
        if from.exists() {
            fs::rename(&from, &to).map_err(CacheError::file(&from))?;
            if suffix.is_empty() {
                moved = Some(to);
            }
        }
    }
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(CacheError::file(dir))?;
    Ok(moved)
}

/// The databases that were set aside and not taken over yet, the newest first.
pub(super) fn not_taken(dir: &Path) -> Result<Vec<PathBuf>, CacheError> {
    let mut files = all(dir)?;
    files.retain(|file| !file.with_extension("taken").exists());
    files.sort_by(|one, other| other.cmp(one));
    Ok(files)
}

/// Notes that a cache that is whole holds whatever could be read of those before it, so that it is
/// not taken over twice. Where that fails it is noted at the next start.
pub(super) fn note_taken(dir: &Path) {
    let noted = not_taken(dir).and_then(|files| {
        for file in files {
            let note = file.with_extension("taken");
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&note)
                .map_err(CacheError::file(note))?;
        }
        Ok(())
    });
    if let Err(error) = noted {
        tracing::warn!(%error, "a damaged cache that was taken over could not be marked so");
    }
}

fn all(dir: &Path) -> Result<Vec<PathBuf>, CacheError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(CacheError::file(dir))? {
        let path = entry.map_err(CacheError::file(dir))?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(b"damaged-") && path.extension().is_some_and(|it| it == "db") {
            files.push(path);
        }
    }
    Ok(files)
}
