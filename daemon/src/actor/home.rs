//! The directories of the accounts: `accounts/ID/` with `account.json` and the cache, and
//! `accounts/default`. An account appears whole, by rename, or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use redtag_protocol::{
    ids::{KeyCopyId, PersonId, ShopId},
    role::Role,
};
use serde::{Deserialize, Serialize};

use crate::{
    paths::{Paths, make_private_dir, replace_file},
    remote::{RemoteError, Trust},
};

const FILE: &str = "account.json";

/// The account's own copy of the certificates that its sign-in named.
const CA: &str = "ca.pem";

/// What is known of an account without opening its cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AccountFile {
    /// Random; names the account on this machine.
    pub(super) id: String,
    pub(super) email: String,
    pub(super) url: String,
    /// Where certificates lay, in the files of older versions; see [`Home::trust`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ca: Option<PathBuf>,
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) shop: ShopId,
    pub(super) shop_name: String,
    pub(super) role: Role,
    /// The copy of its key at the API, where this machine forgets its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) copy: Option<KeyCopyId>,
    /// Whether it has a PIN, should the cache that keeps it be lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) pinned: bool,
}

/// The directory of all accounts.
#[derive(Debug, Clone)]
pub(super) struct Home {
    dir: PathBuf,
}

impl Home {
    /// Makes the directory, and removes what a crash left behind of unfinished sign-ins and of
    /// accounts that were signed out.
    pub(super) fn open(paths: &Paths) -> anyhow::Result<Self> {
        let dir = paths.data.join("accounts");
        make_private_dir(&dir)?;
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Self { dir })
    }

    /// The accounts. One that cannot be read is left alone and said in the log.
    pub(super) fn list(&self) -> io::Result<Vec<AccountFile>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                continue;
            }
            let path = entry.path().join(FILE);
            match fs::read(&path).map(|bytes| serde_json::from_slice::<AccountFile>(&bytes)) {
                Ok(Ok(file)) => all.push(file),
                Ok(Err(error)) => {
                    tracing::error!(path = %path.display(), %error, "an account cannot be read");
                }
                Err(error) => {
                    tracing::error!(path = %path.display(), %error, "an account cannot be read");
                }
            }
        }
        all.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(all)
    }

    /// The account that commands use when they name none.
    pub(super) fn default(&self) -> Option<String> {
        fs::read_to_string(self.dir.join("default"))
            .ok()
            .map(|text| text.trim().to_owned())
    }

    /// Makes an account the default.
    pub(super) fn set_default(&self, id: &str) -> io::Result<()> {
        replace_file(&self.dir.join("default"), id.as_bytes())
    }

    /// Where an account lies.
    pub(super) fn at(&self, id: &str) -> PathBuf {
        self.dir.join(id)
    }

    /// An empty directory for an account that is being made; see [`Self::finish`].
    pub(super) fn begin(&self, id: &str) -> anyhow::Result<PathBuf> {
        let dir = self.dir.join(format!(".new-{id}"));
        make_private_dir(&dir)?;
        Ok(dir)
    }

    /// Gives a finished account its name.
    pub(super) fn finish(&self, file: &AccountFile) -> io::Result<PathBuf> {
        let new = self.dir.join(format!(".new-{}", file.id));
        write(&new, file)?;
        let dir = self.at(&file.id);
        fs::rename(new, &dir)?;
        fs::File::open(&self.dir)?.sync_all()?;
        Ok(dir)
    }

    /// The certificates that an account's sign-in named; none where it named none.
    pub(super) fn trust(&self, id: &str) -> Result<Option<Trust>, RemoteError> {
        let path = self.at(id).join(CA);
        if matches!(fs::symlink_metadata(&path), Err(error) if error.kind() == io::ErrorKind::NotFound)
        {
            return Ok(None);
        }
        Trust::read(&path).map(Some)
    }

    /// Keeps these certificates with an account, in place of those that were there.
    pub(super) fn keep_trust(
        &self,
        file: &mut AccountFile,
        trust: Option<&Trust>,
    ) -> io::Result<()> {
        let dir = self.at(&file.id);
        if trust.is_some() {
            put_trust(&dir, trust)?;
        }
        // A path is looked at only where there is no copy, so that a crash at this place is none.
        if file.ca.take().is_some() {
            self.update(file)?;
        }
        if trust.is_none() {
            put_trust(&dir, None)?;
        }
        Ok(())
    }

    /// Writes what changed of an account.
    pub(super) fn update(&self, file: &AccountFile) -> io::Result<()> {
        write(&self.at(&file.id), file)
    }

    /// Whether there are files of a damaged cache beside the account's own.
    pub(super) fn has_damaged(&self, id: &str) -> bool {
        fs::read_dir(self.at(id)).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("damaged-"))
        })
    }

    /// Removes an account with everything in it.
    pub(super) fn remove(&self, id: &str) -> io::Result<()> {
        let gone = self.dir.join(format!(".gone-{id}"));
        fs::rename(self.at(id), &gone)?;
        fs::File::open(&self.dir)?.sync_all()?;
        fs::remove_dir_all(gone)
    }
}

/// Puts certificates into an account's directory, or takes them out.
pub(super) fn put_trust(dir: &Path, trust: Option<&Trust>) -> io::Result<()> {
    let path = dir.join(CA);
    match trust {
        Some(trust) => replace_file(&path, trust.pem()),
        None => match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    }
}

fn write(dir: &Path, file: &AccountFile) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(file)?;
    replace_file(&dir.join(FILE), &bytes)
}
