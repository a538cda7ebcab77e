//! Passwords that everybody knows, because they were found in what was stolen elsewhere: whoever
//! guesses begins with them.
//!
//! The list holds no password: of each the first five bytes of its SHA-256, in order. It was made
//! of the two most used lists of common passwords that packages bring along, those of Django 5.2
//! (BSD-3-Clause) and zxcvbn 4.5 (MIT), in lower case and without what is shorter than
//! [`SHORTEST`](super::password::SHORTEST). What is refused by mistake is one password in some
//! seventy million.

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// Bytes kept of each digest.
const LENGTH: usize = 5;

static LIST: &[u8] = include_bytes!("breached/list.bin");

/// Whether a password is on the list, whatever the case of its letters.
pub fn is_known(password: &str) -> bool {
    let lower = Zeroizing::new(password.to_lowercase());
    let (kept, _) = LIST.as_chunks::<LENGTH>();
    digest(&SHA256, lower.as_bytes())
        .as_ref()
        .first_chunk::<LENGTH>()
        .is_some_and(|first| kept.binary_search(first).is_ok())
}

#[cfg(test)]
mod tests;
