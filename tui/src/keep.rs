//! A file that a person keeps: readable by nobody else, durable once it is said to be there, and
//! never in the place of another.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
};

use tempfile::NamedTempFile;

/// Why a file could not be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// There is a file of that name.
    #[error("there is a file called {0} already, and it was left alone; name another")]
    Exists(String),
    /// It could not be written.
    #[error("{0} cannot be written: {1}")]
    Failed(String, io::Error),
}

/// Writes a text to a new file (0600), whole or not at all; it lies on the disk when this returns.
pub(crate) fn keep(path: &Path, text: &str) -> Result<(), KeepError> {
    let name = || path.display().to_string();
    let failed = |error| KeepError::Failed(name(), error);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(path).map_err(|error| {
        if error.error.kind() == io::ErrorKind::AlreadyExists {
            KeepError::Exists(name())
        } else {
            KeepError::Failed(name(), error.error)
        }
    })?;
    // The name is durable only with its directory.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)
}

#[cfg(test)]
mod tests;
