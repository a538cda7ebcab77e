//! The signing keys of this server: made when they are due, kept wrapped in the database, shared by
//! all processes on it.

mod known;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use redtag_protocol::stamp::Stamp;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use self::known::Known;
use crate::{
    auth::{
        access::{self, Checked, Grant, Refused},
        signing::{Generated, SigningKey, SigningKeyError, SigningKeys, generate},
    },
    keys::{UnwrapError, Wrapping},
    storage::{Secret, Storage, StorageError},
};

/// What the keys are kept for.
pub(crate) const PURPOSE: &str = "access token signing";

/// Anybody can name a key that is not there, without having signed in: for their sake the database
/// is read and all keys are unwrapped only so often.
const PAUSE: Duration = Duration::from_secs(1);

/// Signs and checks access tokens.
#[derive(Debug)]
pub struct Signer {
    wrapping: Arc<Wrapping>,
    keys: RwLock<Arc<SigningKeys>>,
    known: Known,
    /// The last look for a key that a token named.
    looked: Mutex<Option<Look>>,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    begun: Instant,
    done: bool,
}

/// Why there is no token, or no word about one. None of it is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A key that this master key did not wrap.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// A key that cannot be made or read.
    #[error(transparent)]
    Key(#[from] SigningKeyError),
    /// A key that was just made.
    #[error("a new signing key does not sign")]
    Mute,
}

impl Signer {
    /// Knows no keys yet; the first use reads them.
    pub fn new(wrapping: Arc<Wrapping>) -> Self {
        Self {
            wrapping,
            keys: RwLock::default(),
            known: Known::default(),
            looked: Mutex::default(),
        }
    }

    /// A token for the grant, good from `now` (seconds since 1970).
    pub async fn sign(
        &self,
        storage: &dyn Storage,
        grant: Grant,
        now: u64,
    ) -> Result<String, SignerError> {
        if let Some(token) = access::sign(&self.keys(), grant, now) {
            return Ok(token);
        }
        // Another process may have made the new key already.
        self.read(storage).await?;
        if let Some(token) = access::sign(&self.keys(), grant, now) {
            return Ok(token);
        }
        self.make(storage, now).await?;
        self.read(storage).await?;
        access::sign(&self.keys(), grant, now).ok_or(SignerError::Mute)
    }

    /// What a token says, if it is one of ours. The inner error is the caller's, the outer ours. A
    /// token that names an unknown key may wait up to a second for the answer.
    pub async fn check(
        &self,
        storage: &dyn Storage,
        token: &str,
        now: u64,
    ) -> Result<Result<Checked, Refused>, SignerError> {
        match self.known.check(&self.keys(), token, now) {
            Err(Refused::UnknownKey) => {
                self.look(storage).await?;
                Ok(self.known.check(&self.keys(), token, now))
            }
            known => Ok(known),
        }
    }

    fn keys(&self) -> Arc<SigningKeys> {
        // The set is replaced whole, so a panic elsewhere leaves nothing half done.
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys once for all who wait for it, and not again before [`PAUSE`] is over.
    async fn look(&self, storage: &dyn Storage) -> Result<(), SignerError> {
        let asked = Instant::now();
        let mut looked = self.looked.lock().await;
        match *looked {
            // Somebody else has looked while we waited.
            Some(look) if look.begun > asked && look.done => return Ok(()),
            Some(look) if look.begun > asked => return Err(StorageError::Busy.into()),
            Some(look) => sleep_until(look.begun + PAUSE).await,
            None => {}
        }
        let begun = Instant::now();
        // Before the look: one that fails, or whose caller goes away, counts as well.
        *looked = Some(Look { begun, done: false });
        self.read(storage).await?;
        *looked = Some(Look { begun, done: true });
        Ok(())
    }

    async fn read(&self, storage: &dyn Storage) -> Result<(), SignerError> {
        let mut keys = Vec::new();
        for secret in storage.secrets(PURPOSE.to_owned()).await? {
            let pkcs8 = self
                .wrapping
                .unwrap(&context(&secret.name), &secret.wrapped)?;
            keys.push(SigningKey::new(&Generated {
                kid: secret.name,
                created: secret.created.0 / 1000,
                pkcs8,
            })?);
        }
        let keys = Arc::new(SigningKeys::new(keys));
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    async fn make(&self, storage: &dyn Storage, now: u64) -> Result<(), SignerError> {
        let made = generate(now)?;
        tracing::info!(kid = made.kid, "a new key signs access tokens");
        let wrapped = self.wrapping.wrap(&context(&made.kid), &made.pkcs8);
        storage
            .secret_keep(Secret {
                name: made.kid,
                purpose: PURPOSE.to_owned(),
                wrapped,
                created: Stamp(now * 1000),
            })
            .await?;
        Ok(())
    }
}

/// What a key is wrapped for.
pub(crate) fn context(kid: &str) -> String {
    format!("signing key {kid}")
}

#[cfg(test)]
mod tests;
