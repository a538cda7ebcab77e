//! The chosen store and the wrapped keys beside it.

use std::{
    fmt::{self, Display},
    fs, io,
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{
    CacheKey, Rung, SecretError, WrappingKey, credential,
    error::{
        file_error, forgotten, later, no_credential, not_for_kiosks, not_handed_over, unconsented,
    },
    kernel, key_file,
    service::{self, Refusal},
    wrapping_key,
};
use crate::paths::{Paths, make_private_dir, replace_file};

/// The store that was chosen, with the wrapping key in memory.
#[derive(Clone)]
pub struct Store {
    rung: Rung,
    key: WrappingKey,
    /// How the rung was chosen, in words; none where an older version chose it.
    how: Option<String>,
    /// Where the wrapped keys lie.
    dir: PathBuf,
}

impl Store {
    /// Opens the store that an earlier sign-in chose; none when none was chosen yet.
    pub fn open(paths: &Paths) -> Result<Option<Self>, SecretError> {
        let Some(Record { rung, how }) = recorded(paths)? else {
            return Ok(None);
        };
        let key = match rung {
            Rung::KeyFile => key_file::read(&key_path(paths))?,
            Rung::SecretService => service::read().map_err(later)?,
            Rung::SystemdCredential => Some(handed_over(paths)?.ok_or_else(not_handed_over)?),
            Rung::KernelKeyring => Some(in_kernel(paths)?.ok_or_else(forgotten)?),
        };
        let key = key.ok_or_else(|| SecretError::Lost {
            words: match rung {
                Rung::KeyFile => format!(
                    "the key file {} is gone; put it back from a backup, for the caches cannot \
                     be read without it",
                    key_path(paths).display()
                ),
                Rung::SecretService | Rung::SystemdCredential | Rung::KernelKeyring => {
                    "the desktop's keyring has lost redtag's key; restore the keyring, for the \
                     caches cannot be read without it"
                        .into()
                }
            },
        })?;
        Ok(Some(Self::new(paths, rung, key, how)))
    }

    /// Opens the store, choosing it if none was chosen: the desktop's keyring, probed by write,
    /// read and delete, or for the system service the credential that systemd handed over; else a
    /// key file if `consent` was given; else, for a person's daemon, the kernel's keyring. Under
    /// `REDTAG_HOME` always a key file. Call before signing in.
    pub fn choose(paths: &Paths, consent: bool) -> Result<Self, SecretError> {
        Self::choose_of(paths, consent, false)
    }

    /// As [`choose`](Self::choose), for what signs in once and never again: nothing that forgets.
    pub fn choose_lasting(paths: &Paths, consent: bool) -> Result<Self, SecretError> {
        Self::choose_of(paths, consent, true)
    }

    fn choose_of(paths: &Paths, consent: bool, lasting: bool) -> Result<Self, SecretError> {
        // A sign-in that came to nothing has chosen for nobody.
        let chosen = match recorded(paths)? {
            Some(it) if it.rung.forgets() && (lasting || consent) => !nothing_wrapped(paths)?,
            _ => true,
        };
        match Self::open(paths) {
            _ if !chosen => {}
            Ok(Some(store)) if lasting && store.rung.forgets() => return Err(not_for_kiosks()),
            Ok(Some(store)) => return Ok(store),
            Ok(None) => {}
            // Whoever signs in begins it anew.
            Err(SecretError::Forgotten { .. }) if !lasting => {
                let how = recorded(paths)?.and_then(|it| it.how);
                let key = generate()?;
                kernel::write(paths, &key).map_err(kernel_refuses)?;
                return Ok(Self::new(paths, Rung::KernelKeyring, key, how));
            }
            Err(SecretError::Forgotten { .. }) => return Err(not_for_kiosks()),
            Err(error) => return Err(error),
        }
        make_private_dir(&keys_dir(paths)).map_err(|error| SecretError::File {
            words: error.to_string(),
        })?;
        let store = Self::climb(paths, consent, lasting)?;
        // The key first, then the record: a record without a key would look like a loss.
        let record = Record {
            rung: store.rung,
            how: store.how.clone(),
        };
        let text = toml::to_string(&record).map_err(|error| SecretError::File {
            words: error.to_string(),
        })?;
        let path = record_path(paths);
        replace_file(&path, text.as_bytes())
            .map_err(|error| file_error("the secret store's record", &path, &error))?;
        tracing::info!(rung = ?store.rung, "a secret store was chosen");
        Ok(store)
    }

    /// Which rung holds the wrapping key.
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// How the rung was chosen, in words; none where an older version chose it.
    pub fn how(&self) -> Option<&str> {
        self.how.as_deref()
    }

    /// Makes a random key for an account's new cache and keeps it, durably, before returning.
    /// Refuses to replace a key that is there: the cache that it opens would be lost.
    pub fn make(&self, account: &str) -> Result<CacheKey, SecretError> {
        let path = self.path(account)?;
        if path.exists() {
            return Err(SecretError::File {
                words: format!("{} is there already and is kept", path.display()),
            });
        }
        let broken = || SecretError::File {
            words: "the system has no randomness to make a key from".into(),
        };
        let key = wrapping_key::random().ok_or_else(broken)?;
        let wrapped = self.key.wrap(account, &key).ok_or_else(broken)?;
        replace_file(&path, &wrapped)
            .map_err(|error| file_error("the wrapped key", &path, &error))?;
        Ok(CacheKey::new(key))
    }

    /// Keeps the key of an account's cache that is there, in the place of what was kept of it.
    pub fn restore(&self, account: &str, key: &CacheKey) -> Result<(), SecretError> {
        let path = self.path(account)?;
        let wrapped = self.key.wrap(account, key.expose());
        let wrapped = wrapped.ok_or_else(|| SecretError::File {
            words: "the system has no randomness to wrap a key with".into(),
        })?;
        replace_file(&path, &wrapped).map_err(|error| file_error("the wrapped key", &path, &error))
    }

    /// Sees to it that what forgets with time does not: to be called every day.
    pub fn remind(&self, paths: &Paths) -> Result<(), SecretError> {
        if !self.rung.forgets()
            || in_kernel(paths)?.is_some_and(|it| it.expose() == self.key.expose())
        {
            return Ok(());
        }
        kernel::write(paths, &self.key).map_err(kernel_refuses)
    }

    /// The key of an account's cache.
    pub fn load(&self, account: &str) -> Result<CacheKey, SecretError> {
        let path = self.path(account)?;
        let lost = |what: &str| SecretError::Lost {
            words: format!(
                "the wrapped key {} {what}; put it back from a backup, for the account's cache \
                 cannot be read without it",
                path.display()
            ),
        };
        let wrapped = match fs::read(&path) {
            Ok(wrapped) => wrapped,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(lost("is gone")),
            Err(error) => return Err(file_error("the wrapped key", &path, &error)),
        };
        let key = self.key.unwrap(account, &wrapped);
        key.map(CacheKey::new).ok_or_else(|| {
            if self.rung.forgets() {
                // Wrapped by the key of another life.
                return forgotten();
            }
            lost("is damaged or belongs to another key")
        })
    }

    /// Destroys an account's key. One that is not there is no error.
    pub fn forget(&self, account: &str) -> Result<(), SecretError> {
        let path = self.path(account)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(file_error("the wrapped key", &path, &error))
            }
            _ => Ok(()),
        }
    }

    /// The highest rung that holds here.
    fn climb(paths: &Paths, consent: bool, lasting: bool) -> Result<Self, SecretError> {
        if paths.home {
            let how = "REDTAG_HOME is set, where no keyring is ever asked";
            return Self::in_file(paths, how.to_owned());
        }
        let refusal = if paths.system {
            match handed_over(paths)? {
                Some(key) => {
                    let how = "systemd handed the key over".to_owned();
                    return Ok(Self::new(paths, Rung::SystemdCredential, key, Some(how)));
                }
                None => no_credential(),
            }
        } else {
            match service::probe() {
                Ok(()) => return Self::in_service(paths),
                Err(Refusal::Absent(why)) if !consent && !lasting => match kernel::probe() {
                    Ok(()) => return Self::of_kernel(paths, &why),
                    Err(kernel) => {
                        let why = format!("{why}, nor does the kernel's: {kernel}");
                        unconsented(Refusal::Absent(why))
                    }
                },
                Err(refusal) => unconsented(refusal),
            }
        };
        if !consent {
            return Err(refusal);
        }
        Self::in_file(paths, "consented to at the sign-in".to_owned())
    }

    fn in_file(paths: &Paths, how: String) -> Result<Self, SecretError> {
        let path = key_path(paths);
        // A key that lies there unrecorded was made by a sign-in that did not finish.
        let key = if let Some(key) = key_file::read(&path)? {
            key
        } else {
            let key = generate()?;
            key_file::write(&path, &key)?;
            key
        };
        Ok(Self::new(paths, Rung::KeyFile, key, Some(how)))
    }

    fn of_kernel(paths: &Paths, why: &str) -> Result<Self, SecretError> {
        // One that lies there unrecorded was made by a sign-in that did not finish.
        let key = if let Some(key) = in_kernel(paths)? {
            key
        } else {
            let key = generate()?;
            kernel::write(paths, &key).map_err(kernel_refuses)?;
            key
        };
        let how = format!(
            "the desktop's keyring cannot keep the key: {why}; the kernel's wrote, read and deleted \
             a trial entry"
        );
        Ok(Self::new(paths, Rung::KernelKeyring, key, Some(how)))
    }

    fn in_service(paths: &Paths) -> Result<Self, SecretError> {
        // Another state directory of this user may have made it; replacing it would lock that out.
        let key = if let Some(key) = service::read().map_err(unconsented)? {
            key
        } else {
            let key = generate()?;
            service::write(&key).map_err(unconsented)?;
            key
        };
        let how = "it wrote, read and deleted a trial entry".to_owned();
        Ok(Self::new(paths, Rung::SecretService, key, Some(how)))
    }

    fn new(paths: &Paths, rung: Rung, key: WrappingKey, how: Option<String>) -> Self {
        Self {
            rung,
            key,
            how,
            dir: keys_dir(paths),
        }
    }

    /// Accounts are named by this program, yet a name becomes a path only after a look.
    fn path(&self, account: &str) -> Result<PathBuf, SecretError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if account.is_empty() || account.len() > 100 || !account.bytes().all(plain) {
            return Err(SecretError::File {
                words: "the account's id cannot name a file".into(),
            });
        }
        Ok(self.dir.join(format!("{account}.wrapped")))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({:?})", self.rung)
    }
}

/// The choice that an earlier sign-in made.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    rung: Rung,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    how: Option<String>,
}

/// Whether no account's key lies here.
fn nothing_wrapped(paths: &Paths) -> Result<bool, SecretError> {
    let dir = keys_dir(paths);
    let failed = |error| file_error("the directory of the keys", &dir, &error);
    for entry in fs::read_dir(&dir).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if name.to_string_lossy().ends_with(".wrapped") {
            return Ok(false);
        }
    }
    Ok(true)
}

fn in_kernel(paths: &Paths) -> Result<Option<WrappingKey>, SecretError> {
    kernel::read(paths).map_err(kernel_refuses)
}

fn kernel_refuses(why: impl Display) -> SecretError {
    SecretError::Locked {
        words: format!(
            "the kernel's keyring, which guards the key, cannot be used: {why}. What was saved here \
             is safe; mend that, or sign in again after a restart"
        ),
    }
}

fn handed_over(paths: &Paths) -> Result<Option<WrappingKey>, SecretError> {
    credential::read(paths.credentials.as_deref())
}

fn recorded(paths: &Paths) -> Result<Option<Record>, SecretError> {
    let path = record_path(paths);
    match fs::read_to_string(&path) {
        Ok(text) => match toml::from_str::<Record>(&text) {
            Ok(record) => Ok(Some(record)),
            Err(error) => Err(SecretError::File {
                words: format!(
                    "{} cannot be read: {}; restore it, it says where the key lies",
                    path.display(),
                    error.message()
                ),
            }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error("the secret store's record", &path, &error)),
    }
}

fn generate() -> Result<WrappingKey, SecretError> {
    WrappingKey::generate().ok_or_else(|| SecretError::File {
        words: "the system has no randomness to make a key from".into(),
    })
}

fn keys_dir(paths: &Paths) -> PathBuf {
    paths.state.join("keys")
}

fn key_path(paths: &Paths) -> PathBuf {
    keys_dir(paths).join("wrapping.key")
}

fn record_path(paths: &Paths) -> PathBuf {
    keys_dir(paths).join("store.toml")
}
