//! The PIN of an account. It derives no key: it keeps a colleague from the screen, not a thief from
//! the disk.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use redtag_protocol::ipc::{Failure, FailureCode, Pin};
use serde::{Deserialize, Serialize};

use super::{CacheError, Store};

/// After so many wrong PINs only a full sign-in opens the account.
pub const MOST: u32 = 10;

/// A PIN as it is kept, and how often another one was typed since it was last right.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Argon2id, as a PHC string; empty: none opens it, such as after the cache was lost.
    hash: String,
    /// How many tries were not right.
    pub failures: u32,
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It is the PIN.
    Right,
    /// It is not; so many tries were wrong by now.
    Wrong(u32),
    /// There is no PIN any more.
    None,
}

impl Lock {
    /// One that only a full sign-in opens.
    pub fn spent() -> Self {
        Self {
            hash: String::new(),
            failures: MOST,
        }
    }
}

impl Store {
    /// Gives the account this PIN, durably, or takes it away.
    pub fn set_pin(&mut self, pin: Option<&Pin>) -> Result<(), Failure> {
        let lock = pin.map(new).transpose()?;
        self.change_meta(|meta| meta.lock = lock)?;
        Ok(())
    }

    /// Tries a PIN. It counts as wrong, durably, before it is looked at: whoever ends this program
    /// meanwhile has no try more.
    pub fn try_pin(&mut self, pin: &Pin) -> Result<Tried, CacheError> {
        let Some(lock) = self.meta.lock.clone() else {
            return Ok(Tried::None);
        };
        if lock.failures >= MOST {
            return Ok(Tried::Wrong(lock.failures));
        }
        let failures = lock.failures + 1;
        self.count(failures)?;
        if Argon2::default()
            .verify_password(pin.0.as_bytes(), lock.hash.as_str())
            .is_err()
        {
            return Ok(Tried::Wrong(failures));
        }
        self.count(0)?;
        Ok(Tried::Right)
    }

    /// Who signed in with everything that is asked for has tries anew, and no PIN any more where it
    /// is forgotten or was spent.
    pub fn signed_in(&mut self, forget: bool) -> Result<(), CacheError> {
        let Some(lock) = &self.meta.lock else {
            return Ok(());
        };
        if forget || lock.failures >= MOST {
            return self.change_meta(|meta| meta.lock = None);
        }
        self.count(0)
    }

    fn count(&mut self, failures: u32) -> Result<(), CacheError> {
        self.change_meta(|meta| {
            if let Some(lock) = &mut meta.lock {
                lock.failures = failures;
            }
        })
    }
}

fn new(pin: &Pin) -> Result<Lock, Failure> {
    if let Some(why) = pin.unfit() {
        return Err(Failure::new(FailureCode::Invalid, why));
    }
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            FailureCode::Internal,
            format!("the PIN cannot be kept: {error}"),
        )
    };
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| failed(&error))?;
    let hash = Argon2::default()
        .hash_password_with_salt(pin.0.as_bytes(), &salt)
        .map_err(|error| failed(&error))?;
    Ok(Lock {
        hash: hash.to_string(),
        failures: 0,
    })
}
