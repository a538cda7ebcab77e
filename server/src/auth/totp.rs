//! Codes by time as a second factor: TOTP (RFC 6238) as every authenticator knows it, that is with
//! HMAC-SHA-1, six digits and steps of thirty seconds.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::keys::random;

/// Seconds that a code is shown.
pub const STEP: u64 = 30;

/// Digits of a code.
pub const DIGITS: usize = 6;

/// Bytes of a secret: as long as the hash (RFC 4226, section 4, R6).
const LENGTH: usize = 20;

/// The alphabet of RFC 4648, section 6, in which authenticators take a secret.
pub(crate) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What may stand in the label of an `otpauth` address as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@');

/// A new secret.
pub fn generate() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(random::<LENGTH>().to_vec())
}

/// The step of a code that is good at this time, in seconds since 1970: the present one, the one
/// before or the one after it, for clocks differ. A step that was used, or one before it, is good no
/// more: who looked over the shoulder has nothing.
pub fn check(secret: &[u8], code: &str, now: u64, used: u64) -> Option<u64> {
    let present = now / STEP;
    let mut good = None;
    for step in present.saturating_sub(1)..=present + 1 {
        // All three are computed, so that the time that it takes tells nothing.
        let fits = verify_slices_are_equal(digits(secret, step).as_bytes(), code.as_bytes());
        if fits.is_ok() && step > used {
            good = Some(step);
        }
    }
    good
}

/// The secret as a person types it into an authenticator.
pub fn spelt(secret: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(secret.len().div_ceil(5) * 8));
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in secret {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(letter(bits >> held));
        }
    }
    if held > 0 {
        text.push(letter(bits << (5 - held)));
    }
    text
}

/// The secret as an authenticator reads it from a picture.
pub fn address(secret: &[u8], email: &str) -> Zeroizing<String> {
    let name = utf8_percent_encode(email, PLAIN);
    let spelt = spelt(secret);
    Zeroizing::new(format!(
        "otpauth://totp/Redtag:{name}?secret={}&issuer=Redtag",
        &*spelt
    ))
}

/// The code of a step (RFC 4226, section 5.3).
pub(crate) fn digits(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = tag.last().map_or(0, |it| usize::from(it & 15));
    let picked = tag.iter().skip(at).take(4);
    let number = picked.fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % 1_000_000)
}

fn letter(bits: u32) -> char {
    char::from(BASE32[(bits & 31) as usize])
}

#[cfg(test)]
mod tests;
