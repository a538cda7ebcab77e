//! How long to wait after a failure: full jitter under a ceiling that doubles from 1 to 60 s.

/// The ceiling after the first failure, in milliseconds.
const FIRST: u64 = 1_000;
/// The highest ceiling.
const MOST: u64 = 60_000;
/// Never less, so that a failure at once is not a busy loop.
const LEAST: u64 = 50;

/// Milliseconds to wait after so many failures in a row.
pub(super) fn delay(failures: u32, random: [u8; 16]) -> u64 {
    let doublings = failures.saturating_sub(1).min(6);
    let ceiling = (FIRST << doublings).min(MOST);
    let [a, b, c, d, ..] = random;
    let random = u64::from(u32::from_be_bytes([a, b, c, d]));
    LEAST + random % (ceiling - LEAST)
}
