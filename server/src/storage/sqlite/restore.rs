//! Puts a copy of the database in the place of what is there, which is moved aside and not deleted.
//!
//! The copy is made ready in a directory beside, checked, and given a new epoch, by which every
//! bench hears of it. Only then is anything touched, and in an order in which being killed loses
//! nothing: from the first rename to the last, `control.db` is missing while the directory
//! [`DRAFT`] is there, and who opens the data then is told so. The same restore is then run again.

use std::{
    fs, io,
    io::{Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::{
    Alone, AlreadyServed, Digest, Manifest, Options, ServeLock, StorageError, lock::UseLock, moved,
    named, open,
};

/// Where a copy is made ready.
const DRAFT: &str = "restoring";

/// The files of a database, beside which no other's log may lie.
const ENDINGS: [&str; 3] = ["", "-wal", "-shm"];

/// Whether a restore has moved data aside, or is about to.
pub(super) fn is_underway(dir: &Path) -> bool {
    dir.join(DRAFT).exists()
}

/// A data directory, had alone, for a copy to be put into.
#[derive(Debug)]
pub struct Restore {
    dir: PathBuf,
    _served: ServeLock,
    _in_use: UseLock,
}

/// A copy that was found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it says of itself, unless it is the operator's own.
    pub manifest: Option<Manifest>,
    /// How many shops there are in it.
    pub shops: usize,
}

/// Why a copy was not put back. What was there is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is something else.
    #[error("there is no copy of a server's data in {0}: control.db is not there")]
    NoCopy(String),
    /// It is not as it was made.
    #[error(
        "{file} is not as the backup was made: {what}; nothing was changed. Take another backup, or, \
         where somebody has only opened this one since, remove its backup.json, and it is taken as \
         a copy of your own"
    )]
    Damaged {
        /// Which file.
        file: String,
        /// What is wrong.
        what: String,
    },
    /// It was out of use when it was copied, or what is there is.
    #[error(
        "the data in {dir} was moved to {to}, which goes on with it: to restore it here would make \
         two of one. See “redtag-server move --back”"
    )]
    Moved {
        /// The directory.
        dir: String,
        /// The database, without its password.
        to: String,
    },
    /// A server runs.
    #[error(transparent)]
    Served(#[from] AlreadyServed),
    /// The database or the disk.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Restore {
    /// Has a directory alone; it is made where it is not there. Never waits.
    pub fn take(dir: &Path) -> Result<Self, RestoreError> {
        let served = ServeLock::take(dir)?;
        let in_use = UseLock::alone(dir)?;
        in_its_own_right(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            _served: served,
            _in_use: in_use,
        })
    }

    /// Makes a copy ready and checks that it is whole and opens under the keys; `keys` says which,
    /// for the directory that it is given. What is there is not touched.
    pub async fn bring(
        &self,
        from: &Path,
        keys: impl FnOnce(PathBuf) -> Options,
    ) -> Result<Found, RestoreError> {
        let draft = self.draft();
        let done = self.make_ready(from, keys(draft.clone())).await;
        if done.is_err() {
            // Begun anew at the next try in any case.
            let _ = fs::remove_dir_all(&draft);
        }
        done.map_err(|error| of_copy(error, &draft, from))
    }

    async fn make_ready(&self, from: &Path, options: Options) -> Result<Found, RestoreError> {
        if !from.join("control.db").exists() {
            return Err(RestoreError::NoCopy(named(from)));
        }
        in_its_own_right(from)?;
        let manifest = Manifest::read(from)?;
        let (source, draft, expected) = (from.to_owned(), self.draft(), manifest.clone());
        let copy = move || {
            if let Some(manifest) = &expected {
                check(&source, manifest)?;
            }
            Ok::<_, RestoreError>(copy_all(&source, &draft)?)
        };
        let copied = tokio::task::spawn_blocking(copy).await;
        copied.map_err(|error| StorageError::Engine(error.into()))??;
        let copy = Alone::take(options).await?;
        let shops = copy.check().await?;
        // Benches may have seen what this database never did.
        copy.take_back().await?;
        // Closed, each file is whole by itself; a log that is still there would stay behind.
        written_back(&self.draft())?;
        Ok(Found { manifest, shops })
    }

    /// Puts what was made ready in the place of what is there, and says where that is now, if there
    /// was anything. Durable when it returns.
    pub fn put(self, aside: &str) -> Result<Option<PathBuf>, StorageError> {
        let aside = self.dir.join(aside);
        let moved = self.swap(&aside);
        moved.map_err(|source| StorageError::Io {
            place: named(&self.dir),
            source,
        })
    }

    fn swap(&self, aside: &Path) -> io::Result<Option<PathBuf>> {
        let (dir, draft) = (&self.dir, self.draft());
        let sync = |dir: &Path| fs::File::open(dir)?.sync_all();
        let there = ["control.db", "shops"].map(|name| dir.join(name).exists());
        let any = there.contains(&true);
        if any {
            fs::DirBuilder::new().mode(0o700).create(aside)?;
            // A log goes after its database, and before another takes its place.
            let files = ENDINGS.map(|ending| format!("control.db{ending}"));
            for name in files.iter().map(String::as_str).chain(["shops"]) {
                match fs::rename(dir.join(name), aside.join(name)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => sync(dir)?,
                }
            }
            sync(aside)?;
        }
        fs::rename(draft.join("shops"), dir.join("shops"))?;
        sync(dir)?;
        fs::rename(draft.join("control.db"), dir.join("control.db"))?;
        sync(dir)?;
        // Locks are all that is left in it.
        fs::remove_dir_all(&draft)?;
        Ok(any.then(|| aside.to_owned()))
    }

    fn draft(&self) -> PathBuf {
        self.dir.join(DRAFT)
    }
}

/// Refuses a directory whose data lives on elsewhere.
fn in_its_own_right(dir: &Path) -> Result<(), RestoreError> {
    match moved::to(dir)? {
        Some(moved) => Err(RestoreError::Moved {
            dir: named(dir),
            to: moved.to,
        }),
        None => Ok(()),
    }
}

/// Compares a copy's files with what it says of them.
fn check(copy: &Path, manifest: &Manifest) -> Result<(), RestoreError> {
    for (name, expected) in &manifest.files {
        let path = copy.join(name);
        let damaged = |what: String| RestoreError::Damaged {
            file: named(&path),
            what,
        };
        let found = match Digest::of(&path) {
            Err(StorageError::Io { source, .. }) => return Err(damaged(source.to_string())),
            other => other?,
        };
        if found.bytes != expected.bytes {
            let (is, was) = (found.bytes, expected.bytes);
            return Err(damaged(format!("it has {is} bytes, and had {was}")));
        }
        if found != *expected {
            return Err(damaged("its bytes have changed".to_owned()));
        }
    }
    Ok(())
}

/// Copies the databases, with logs that were not written back, where a copy of an operator's own
/// holds such.
fn copy_all(from: &Path, to: &Path) -> Result<(), StorageError> {
    let failed = |place: &Path, source| StorageError::Io {
        place: named(place),
        source,
    };
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(to, error)),
        _ => {}
    }
    let (shops, into) = (from.join("shops"), to.join("shops"));
    open::directory(&into)?;
    let mut files = vec!["control.db".to_owned(), "control.db-wal".to_owned()];
    match fs::read_dir(&shops) {
        Ok(found) => {
            for entry in found {
                let entry = entry.map_err(|source| failed(&shops, source))?;
                let ending = entry.path().extension().map(ToOwned::to_owned);
                if ending.is_some_and(|it| it == "db" || it == "db-wal") {
                    let name = entry.file_name();
                    files.push(format!("shops/{}", name.to_string_lossy()));
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(failed(&shops, source)),
    }
    for name in files {
        let from = from.join(&name);
        match copy(&from, &to.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && name.ends_with("-wal") => {}
            other => other.map_err(|source| failed(&from, source))?,
        }
    }
    Ok(())
}

/// Refuses a draft with a log that was not written back when its file was closed.
fn written_back(draft: &Path) -> Result<(), StorageError> {
    for dir in [draft.to_owned(), draft.join("shops")] {
        let failed = |source| StorageError::Io {
            place: named(&dir),
            source,
        };
        for entry in fs::read_dir(&dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let log = entry.file_name().to_string_lossy().ends_with("-wal");
            if log && entry.metadata().map_err(failed)?.len() > 0 {
                let words = "a database's log could not be written back";
                return Err(failed(io::Error::other(words)));
            }
        }
    }
    Ok(())
}

/// With 0600, whatever the copy has, and on the disk.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mut target = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)?;
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            return target.sync_all();
        }
        target.write_all(piece.get(..read).unwrap_or_default())?;
    }
}

/// Names the operator's copy where the words would name the one that is made ready.
fn of_copy(error: RestoreError, draft: &Path, from: &Path) -> RestoreError {
    let (draft, from) = (named(draft), named(from));
    let there = |file: String| file.replace(&draft, &from);
    match error {
        RestoreError::Storage(StorageError::Unreadable { file }) => {
            RestoreError::Storage(StorageError::Unreadable { file: there(file) })
        }
        RestoreError::Storage(StorageError::Missing { file }) => {
            RestoreError::Storage(StorageError::Missing { file: there(file) })
        }
        RestoreError::Storage(StorageError::Newer { file, found, known }) => {
            RestoreError::Storage(StorageError::Newer {
                file: there(file),
                found,
                known,
            })
        }
        RestoreError::Served(AlreadyServed::Unknown(error)) => of_copy(
            RestoreError::Storage(error),
            Path::new(&draft),
            Path::new(&from),
        ),
        RestoreError::Damaged { file, what } => RestoreError::Damaged {
            file: there(file),
            what,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests;
