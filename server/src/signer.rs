//! The signing keys of this server: made when they are due, kept wrapped in the database, shared by
//! all processes on it.

use std::sync::{Arc, PoisonError, RwLock};

use redtag_protocol::stamp::Stamp;

use crate::{
    auth::{
        access::{self, Checked, Grant, Refused},
        signing::{Generated, SigningKey, SigningKeys, generate},
    },
    keys::Wrapping,
    storage::{Secret, Storage},
};

/// What the keys are kept for.
pub(crate) const PURPOSE: &str = "access token signing";

/// Signs and checks access tokens.
#[derive(Debug)]
pub struct Signer {
    wrapping: Arc<Wrapping>,
    keys: RwLock<Arc<SigningKeys>>,
}

impl Signer {
    /// Knows no keys yet; the first use reads them.
    pub fn new(wrapping: Arc<Wrapping>) -> Self {
        Self {
            wrapping,
            keys: RwLock::default(),
        }
    }

    /// A token for the grant, good from `now` (seconds since 1970).
    pub async fn sign(
        &self,
        storage: &dyn Storage,
        grant: Grant,
        now: u64,
    ) -> anyhow::Result<String> {
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
        access::sign(&self.keys(), grant, now)
            .ok_or_else(|| anyhow::anyhow!("a new signing key does not sign"))
    }

    /// What a token says, if it is one of ours. The inner error is the caller's, the outer ours.
    pub async fn check(
        &self,
        storage: &dyn Storage,
        token: &str,
        now: u64,
    ) -> anyhow::Result<Result<Checked, Refused>> {
        match access::check(&self.keys(), token, now) {
            Err(Refused::UnknownKey) => {
                self.read(storage).await?;
                Ok(access::check(&self.keys(), token, now))
            }
            known => Ok(known),
        }
    }

    fn keys(&self) -> Arc<SigningKeys> {
        // The set is replaced whole, so a panic elsewhere leaves nothing half done.
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read(&self, storage: &dyn Storage) -> anyhow::Result<()> {
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

    async fn make(&self, storage: &dyn Storage, now: u64) -> anyhow::Result<()> {
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
