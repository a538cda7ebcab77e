//! How long to wait after a failure: full jitter under a ceiling that doubles from 1 s up.

/// The ceiling after the first failure, in milliseconds.
const FIRST: u64 = 1_000;
/// Never less, so that a failure at once is not a busy loop.
const LEAST: u64 = 50;

/// Milliseconds to wait after so many failures in a row; the ceiling grows up to `most`.
pub(super) fn delay(failures: u32, most: u64, random: [u8; 16]) -> u64 {
    let doublings = failures.saturating_sub(1).min(20);
    let ceiling = (FIRST << doublings).min(most.max(FIRST));
    let [a, b, c, d, ..] = random;
    let random = u64::from(u32::from_be_bytes([a, b, c, d]));
    LEAST + random % (ceiling - LEAST)
}
