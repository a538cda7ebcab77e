use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::{StorageError, named, open};

/// Held by the one process that serves a directory; let go when dropped or when the process ends,
/// however it ends.
#[derive(Debug)]
pub struct ServeLock {
    _file: Held,
}

/// Another process serves the directory.
#[derive(Debug, thiserror::Error)]
pub enum AlreadyServed {
    /// It does.
    #[error(
        "another redtag-server already serves {0}, or is moving it to PostgreSQL; stop it first, or \
         give this one another --data"
    )]
    By(String),
    /// Nobody can say.
    #[error(transparent)]
    Unknown(#[from] StorageError),
}

impl ServeLock {
    /// Takes the lock of a directory, or says that another has it. Never waits.
    pub fn take(dir: &Path) -> Result<Self, AlreadyServed> {
        open::directory(dir)?;
        let (file, path) = file(dir, "serve.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Held(file) }),
            Err(TryLockError::WouldBlock) => Err(AlreadyServed::By(named(dir))),
            Err(TryLockError::Error(source)) => Err(failed(&path, source).into()),
        }
    }
}

/// Held by whoever has the directory's database open, a command beside a running server too: shared
/// by all of them, or by one alone while it moves the data elsewhere. So nothing is written behind
/// a move's back. Never waits.
#[derive(Debug)]
pub(super) struct UseLock {
    _file: Held,
}

impl UseLock {
    /// With others, unless the data is being moved.
    pub(super) fn shared(dir: &Path) -> Result<Self, StorageError> {
        let (file, path) = file(dir, "use.lock")?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: Held(file) }),
            Err(TryLockError::WouldBlock) => Err(StorageError::Moving { dir: named(dir) }),
            Err(TryLockError::Error(source)) => Err(failed(&path, source)),
        }
    }

    /// Without any other.
    pub(super) fn alone(dir: &Path) -> Result<Self, StorageError> {
        let (file, path) = file(dir, "use.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Held(file) }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse { dir: named(dir) }),
            Err(TryLockError::Error(source)) => Err(failed(&path, source)),
        }
    }
}

/// A file with its lock, let go of by word and not by closing: a child process that another thread
/// is just starting has the file open too until it runs its own program, and the lock with it.
#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "a lock is let go of only when its file is closed everywhere");
        }
    }
}

/// The file that a lock hangs on; it is never removed.
fn file(dir: &Path, name: &str) -> Result<(File, PathBuf), StorageError> {
    let path = dir.join(name);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|source| failed(&path, source))?;
    Ok((file, path))
}

fn failed(path: &Path, source: std::io::Error) -> StorageError {
    StorageError::Io {
        place: named(path),
        source,
    }
}
