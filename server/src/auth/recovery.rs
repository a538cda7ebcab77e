//! Recovery codes, for whoever has lost what makes the second factor's codes: ten, shown once, good
//! once each. What lies in the database is a digest under a key of the server's, so that a stolen
//! database cannot be searched for them.

use aws_lc_rs::hmac;
use redtag_protocol::ids::PersonId;
use zeroize::Zeroizing;

use crate::keys::random;

/// How many there are at first.
pub const COUNT: usize = 10;

/// Letters and digits of one: 50 bits, which nobody guesses at a few tries a minute.
const LENGTH: usize = 10;

/// Without `i`, `l`, `o` and the nought, which are taken for each other; and typed in either case.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";

/// A new set.
pub fn generate() -> Vec<Zeroizing<String>> {
    (0..COUNT).map(|_| one()).collect()
}

/// What is kept of a code.
pub fn digest(key: &hmac::Key, person: PersonId, code: &str) -> [u8; 32] {
    let mut text = Zeroizing::new(person.as_bytes().to_vec());
    let typed = code.bytes().filter(|it| !matches!(it, b'-' | b' '));
    text.extend(typed.map(|it| it.to_ascii_lowercase()));
    let mut digest = [0; 32];
    digest.copy_from_slice(hmac::sign(key, &text).as_ref());
    digest
}

/// What is left of a set when this code is used; none where it is not in it.
pub fn spend(codes: &[[u8; 32]], digest: &[u8; 32]) -> Option<Vec<[u8; 32]>> {
    // Digests under a secret key: how long a comparison takes tells nothing of a code.
    let at = codes.iter().position(|it| it == digest)?;
    let mut left = codes.to_vec();
    left.remove(at);
    Some(left)
}

fn one() -> Zeroizing<String> {
    let mut code = Zeroizing::new(String::with_capacity(LENGTH + 1));
    let drawn = Zeroizing::new(random::<LENGTH>());
    for (place, byte) in drawn.iter().enumerate() {
        if place == LENGTH / 2 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    code
}

#[cfg(test)]
mod tests;
