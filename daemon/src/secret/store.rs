//! The chosen store and the wrapped keys beside it.

use redtag_protocol::ipc::{Failure, FailureCode};

use super::{CacheKey, Rung};
use crate::paths::Paths;

/// A secret store that cannot do what is asked.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No keyring, and no consent to a key file.
    #[error("{words}")]
    NoStore {
        /// Why the keyring cannot be used, and the remedy.
        words: String,
    },
    /// The keyring is there but does not answer or is locked; it passes. Nothing is lost.
    #[error("{words}")]
    Locked {
        /// Why, and the remedy.
        words: String,
    },
    /// The key is gone or altered: what it protects cannot be read.
    #[error("{words}")]
    Lost {
        /// What, and the remedy.
        words: String,
    },
    /// A file cannot be read or written.
    #[error("{words}")]
    File {
        /// Which and why.
        words: String,
    },
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        let code = match error {
            SecretError::NoStore { .. } | SecretError::Locked { .. } => FailureCode::NoSecretStore,
            SecretError::Lost { .. } | SecretError::File { .. } => FailureCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}

/// The store that was chosen, with the wrapping key in memory.
pub struct Store {
    rung: Rung,
}

impl Store {
    /// Opens the store that an earlier sign-in chose; none when none was chosen yet.
    pub fn open(paths: &Paths) -> Result<Option<Self>, SecretError> {
        todo!()
    }

    /// Opens the store, choosing it if none was chosen: the desktop's keyring, probed by write,
    /// read and delete, else a key file if `consent` was given. Under `REDTAG_HOME` always a key
    /// file. Call before signing in.
    pub fn choose(paths: &Paths, consent: bool) -> Result<Self, SecretError> {
        todo!()
    }

    /// Which rung holds the wrapping key.
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// Makes a random key for an account's new cache and keeps it, durably, before returning.
    pub fn make(&self, account: &str) -> Result<CacheKey, SecretError> {
        todo!()
    }

    /// The key of an account's cache.
    pub fn load(&self, account: &str) -> Result<CacheKey, SecretError> {
        todo!()
    }

    /// Destroys an account's key. One that is not there is no error.
    pub fn forget(&self, account: &str) -> Result<(), SecretError> {
        todo!()
    }
}
