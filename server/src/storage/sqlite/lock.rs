use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::{StorageError, named, open};

/// Held by the one process that serves a directory; let go when dropped or when the process ends,
/// however it ends.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

/// Another process serves the directory.
#[derive(Debug, thiserror::Error)]
pub enum AlreadyServed {
    /// It does.
    #[error(
        "another redtag-server already serves {0}; stop it first, or give this one another --data"
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
        let path = dir.join("serve.lock");
        let failed = |source| StorageError::Io {
            place: named(&path),
            source,
        };
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(AlreadyServed::By(named(dir))),
            Err(TryLockError::Error(source)) => Err(failed(source).into()),
        }
    }
}
