//! What a device that waits shows and keeps (RFC 8628): a code that a person types by hand, and a
//! secret that only the device has. The database holds neither: of the secret a digest, of the code,
//! which could be guessed from one, a tag under a key of the server's.

use aws_lc_rs::{digest, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::keys::{Secret32, random};

/// Letters that make no words and are not taken for one another (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How many a code has: 20^8 codes, for which the limits on guessing leave no chance.
const LENGTH: usize = 8;

/// A code that a person types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code([u8; LENGTH]);

impl Code {
    /// Draws one, each as likely as any other.
    pub fn draw() -> Self {
        let mut code = [0; LENGTH];
        for letter in &mut code {
            *letter = loop {
                let [byte] = random();
                // 240 is the largest multiple of 20 that a byte can be below.
                if byte < 240 {
                    break LETTERS[usize::from(byte) % LETTERS.len()];
                }
            };
        }
        Self(code)
    }

    /// Reads what a person typed, whatever the case and whatever stands between the letters; none for
    /// what is no code.
    pub fn read(text: &str) -> Option<Self> {
        let typed = text.bytes().filter(|byte| !b" -_.\t".contains(byte));
        let letters: Vec<u8> = typed.map(|byte| byte.to_ascii_uppercase()).collect();
        let code: [u8; LENGTH] = letters.try_into().ok()?;
        code.iter()
            .all(|letter| LETTERS.contains(letter))
            .then_some(Self(code))
    }

    /// As it is shown: two groups of four.
    pub fn shown(&self) -> String {
        let letters = self.0.map(char::from);
        let (first, second) = letters.split_at(LENGTH / 2);
        let group = |letters: &[char]| letters.iter().collect::<String>();
        format!("{}-{}", group(first), group(second))
    }

    /// As it is kept.
    pub fn kept(&self, key: &hmac::Key) -> [u8; 32] {
        let tag = hmac::sign(key, &[&b"code\0"[..], &self.0].concat());
        let mut kept = [0; 32];
        kept.copy_from_slice(tag.as_ref());
        kept
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// What the device alone knows, as it is handed out and as it is kept.
pub fn secret() -> (Zeroizing<String>, [u8; 32]) {
    let secret: Secret32 = Zeroizing::new(random());
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.as_slice()));
    let kept = digest_of(secret.as_slice());
    (text, kept)
}

/// What a device presents, as it is kept; none for what cannot be one.
pub fn presented(text: &str) -> Option<[u8; 32]> {
    if text.len() > 100 {
        return None;
    }
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
    (bytes.len() == 32).then(|| digest_of(&bytes))
}

fn digest_of(bytes: &[u8]) -> [u8; 32] {
    let mut kept = [0; 32];
    kept.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    kept
}

#[cfg(test)]
mod tests;
