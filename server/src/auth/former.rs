//! Hashes of another program, taken over so that nobody needs a new password: bcrypt. They are
//! replaced by one of ours at the next sign-in.
//!
//! bcrypt looks at 72 bytes and no further. A password that is longer fits none: what it would be
//! cut to is not what its person chose.

use std::fmt;

/// The fewest rounds, as a power of two, that make a hash worth keeping.
pub const LEAST: u32 = 10;

/// The most: each one more doubles what a sign-in costs.
pub const MOST: u32 = 14;

/// The bytes that bcrypt looks at.
const LONGEST: usize = 72;

/// Why a hash is not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is none that can be read.
    Foreign,
    /// Its cost is outside the bounds.
    Cost(u32),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => {
                f.write_str("this is no hash of bcrypt: it should begin with $2b$, $2y$ or $2a$")
            }
            Self::Cost(cost) => write!(
                f,
                "a hash of bcrypt with cost {cost} is not taken: from {LEAST} to {MOST} are; give the \
                 person a new password instead"
            ),
        }
    }
}

impl std::error::Error for Unfit {}

/// Whether a stored hash is one of another program.
pub fn is_former(hash: &str) -> bool {
    hash.starts_with("$2")
}

/// A hash that may be taken over, as it is stored.
pub fn take(hash: &str) -> Result<String, Unfit> {
    let hash = hash.trim();
    let parts: bcrypt::HashParts = hash.parse().map_err(|_| Unfit::Foreign)?;
    let cost = parts.get_cost();
    if !(LEAST..=MOST).contains(&cost) {
        return Err(Unfit::Cost(cost));
    }
    // Written in the one form that is read again; `$2x$`, of a program with a fault, is not.
    if hash.starts_with("$2x$") || hash.len() != 60 {
        return Err(Unfit::Foreign);
    }
    Ok(hash.to_owned())
}

/// Whether a password belongs to a hash that was [taken over](take). Takes as long as its cost says.
pub fn fits(password: &[u8], hash: &str) -> Result<bool, bcrypt::BcryptError> {
    // The same work for one that is too long, so that the time tells nothing of it.
    let seen = password.get(..LONGEST).unwrap_or(password);
    Ok(bcrypt::verify(seen, hash)? && password.len() <= LONGEST)
}

#[cfg(test)]
mod tests;
