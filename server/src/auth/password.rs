//! Passwords: Argon2id with the parameters of the OWASP Password Storage Cheat Sheet (19 MiB,
//! two passes, one lane), written as PHC strings.

use std::{num::NonZero, sync::Arc, thread};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{sync::Semaphore, task};

use super::{breached, former};
use crate::keys::random;

/// The fewest characters of a new password.
pub const SHORTEST: usize = 8;

/// The most bytes of a new password. Longer ones are refused, never cut.
pub const LONGEST: usize = 4096;

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Too easily guessed.
    #[error("the password is too short: at least {SHORTEST} characters, a short sentence is best")]
    Short,
    /// On everybody's list.
    #[error(
        "the password is one that everybody knows: it stands on the lists of what was stolen \
         elsewhere; take another, a short sentence is best"
    )]
    Known,
    /// Not worth hashing.
    #[error("the password is too long: at most {LONGEST} bytes")]
    Long,
}

/// Hashing broke down; says nothing about the password.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The stored hash is none, or the hasher failed.
    #[error("a password hash cannot be made or read: {0}")]
    Hash(#[from] argon2::password_hash::Error),
    /// The same of a hash that another program made.
    #[error("a password hash of another program cannot be read: {0}")]
    Former(#[from] bcrypt::BcryptError),
    /// The thread that hashed is gone.
    #[error("the hashing thread ended early: {0}")]
    Thread(#[from] task::JoinError),
    /// The program is ending.
    #[error("the program is ending")]
    Ending,
}

/// Hashes and checks passwords, a few at a time: each takes 19 MiB and tens of milliseconds of a
/// whole core, so that a flood of sign-ins must wait instead of eating the machine.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// What an unknown address is checked against, so that the answer takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// As many at once as there are cores.
    pub fn new() -> Result<Self, HashError> {
        let nobody = digest(&random::<32>())?;
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            turns: Arc::new(Semaphore::new(cores)),
            nobody: nobody.into(),
        })
    }

    /// Whether the password belongs to the hash. Without a hash the answer is no, after the same
    /// work.
    pub async fn check(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<bool, HashError> {
        let hash = hash.filter(|it| it != NONE);
        let known = hash.is_some();
        let nobody = Arc::clone(&self.nobody);
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Ending)?;
        let fits = task::spawn_blocking(move || {
            // The turn is held by the work itself: a caller that hangs up frees no core.
            let _turn = turn;
            let hash = hash.as_deref().unwrap_or(&nobody);
            if former::is_former(hash) {
                return Ok(former::fits(password.expose_secret().as_bytes(), hash)?);
            }
            match Argon2::default().verify_password(password.expose_secret().as_bytes(), hash) {
                Ok(()) => Ok(true),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(HashError::Hash(error)),
            }
        })
        .await??;
        Ok(fits && known)
    }

    /// [`hash`], in its turn.
    pub async fn hash(&self, password: SecretString) -> Result<String, HashError> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Ending)?;
        task::spawn_blocking(move || {
            let _turn = turn;
            hash(&password)
        })
        .await?
    }
}

/// What stands in the place of a hash where nobody has a password: a kiosk's. No password fits it.
pub const NONE: &str = "!";

/// The hash of a new password, as a PHC string. Takes tens of milliseconds.
pub fn hash(password: &SecretString) -> Result<String, HashError> {
    digest(password.expose_secret().as_bytes())
}

/// Whether a new password will do.
pub fn fit(password: &SecretString) -> Result<(), Unfit> {
    let password = password.expose_secret();
    if password.chars().count() < SHORTEST {
        return Err(Unfit::Short);
    }
    if password.len() > LONGEST {
        return Err(Unfit::Long);
    }
    if breached::is_known(password) {
        return Err(Unfit::Known);
    }
    Ok(())
}

fn digest(password: &[u8]) -> Result<String, HashError> {
    let salt: [u8; 16] = random();
    let hash = Argon2::default().hash_password_with_salt(password, &salt)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests;
