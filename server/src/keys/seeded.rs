//! Bytes that a seed decides, for a simulation that is to be lived again. Never part of a program:
//! only of test targets, and only in a thread that asked for it.

use std::cell::Cell;

thread_local! {
    static STATE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// From here on this thread's [`super::random`] is what the seed says; or the operating system's
/// again, without a seed.
pub fn seed(seed: Option<u64>) {
    STATE.set(seed);
}

/// Fills the bytes, where the thread has a seed.
pub(super) fn fill(bytes: &mut [u8]) -> bool {
    let Some(mut state) = STATE.get() else {
        return false;
    };
    for chunk in bytes.chunks_mut(8) {
        // splitmix64 (Steele, Lea and Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = state;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^= it >> 31;
        for (byte, drawn) in chunk.iter_mut().zip(it.to_be_bytes()) {
            *byte = drawn;
        }
    }
    STATE.set(Some(state));
    true
}
