//! A copy of a whole directory's database, made while others read and write it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use aws_lc_rs::digest;
use redtag_protocol::{ids::ShopId, stamp::Stamp};
use serde::{Deserialize, Serialize};

use super::{SqliteStorage, StorageError, named, open};
use crate::storage::Control as _;

/// The file in a copy that says what it holds. Written last: a copy without it was broken off, or is
/// the operator's own.
pub(super) const MANIFEST: &str = "backup.json";

/// What a copy says of itself. No shop is named in it, for it is not encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// When it was begun.
    pub made: Stamp,
    /// The version of the program that made it.
    pub program: String,
    /// How many shops there are in it.
    pub shops: usize,
    /// Its files, by their path below the copy's directory.
    pub files: BTreeMap<String, Digest>,
}

/// What a file must be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// Its length.
    pub bytes: u64,
    /// Of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// What a copy says of itself; none where it says nothing.
    pub fn read(copy: &Path) -> Result<Option<Self>, StorageError> {
        let path = copy.join(MANIFEST);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| StorageError::garbled("list of a backup's files", error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed(&path, source)),
        }
    }

    /// So many bytes in all files together.
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|it| it.bytes).sum()
    }

    fn write(&self, copy: &Path) -> Result<(), StorageError> {
        let path = copy.join(MANIFEST);
        let text =
            serde_json::to_vec_pretty(self).map_err(|error| StorageError::Engine(error.into()))?;
        let write = || {
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::File::open(copy.join("shops"))?.sync_all()?;
            fs::File::open(copy)?.sync_all()
        };
        write().map_err(|source| failed(&path, source))
    }
}

impl Digest {
    /// Of a file as it is.
    pub(super) fn of(path: &Path) -> Result<Self, StorageError> {
        Self::read(path).map_err(|source| failed(path, source))
    }

    fn read(path: &Path) -> io::Result<Self> {
        let mut file = fs::File::open(path)?;
        let mut sum = digest::Context::new(&digest::SHA256);
        let mut bytes = 0;
        let mut piece = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            sum.update(piece.get(..read).unwrap_or_default());
        }
        let sum = sum.finish();
        let digits = sum.as_ref().iter().map(|byte| format!("{byte:02x}"));
        Ok(Self {
            bytes,
            sha256: digits.collect(),
        })
    }
}

impl SqliteStorage {
    /// Copies the database into a directory that is not there yet. The files are encrypted as those
    /// that they are copies of, and the master key is not among them.
    ///
    /// Each file is as it was at one moment, the one that spans shops last: so whoever is a member in
    /// a shop's copy is known, and the index of memberships may name a shop too many, as always.
    /// What is done meanwhile may be in the copy of one shop and not in that of another.
    ///
    /// Whole and on the disk when it returns.
    pub async fn back_up(&self, to: &Path, now: Stamp) -> Result<Manifest, StorageError> {
        let shops = to.join("shops");
        open::directory(to)?;
        open::directory(&shops)?;
        let mut copied = BTreeSet::new();
        self.copy_shops(&shops, &mut copied).await?;
        self.control.copy(to.join("control.db")).await?;
        // What was made meanwhile is in the list that was just copied.
        self.copy_shops(&shops, &mut copied).await?;
        let names = copied.iter().map(|shop| format!("shops/{shop}.db"));
        let names = names.chain(["control.db".to_owned()]);
        let (dir, names) = (to.to_owned(), names.collect::<Vec<_>>());
        let shops = copied.len();
        let manifest = move || {
            let digested = names.into_iter().map(|name| {
                let digest = Digest::of(&dir.join(&name))?;
                Ok((name, digest))
            });
            let manifest = Manifest {
                made: now,
                program: env!("CARGO_PKG_VERSION").to_owned(),
                shops,
                files: digested.collect::<Result<_, StorageError>>()?,
            };
            manifest.write(&dir)?;
            Ok(manifest)
        };
        let done = tokio::task::spawn_blocking(manifest).await;
        done.map_err(|error| StorageError::Engine(error.into()))?
    }

    async fn copy_shops(
        &self,
        to: &Path,
        copied: &mut BTreeSet<ShopId>,
    ) -> Result<(), StorageError> {
        for shop in self.shops().await? {
            if copied.insert(shop.id) {
                let to = to.join(format!("{}.db", shop.id));
                self.workers(shop.id).await?.copy(to).await?;
            }
        }
        Ok(())
    }
}

fn failed(path: &Path, source: io::Error) -> StorageError {
    StorageError::Io {
        place: named(path),
        source,
    }
}

#[cfg(test)]
mod tests;
