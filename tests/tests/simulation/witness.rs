//! What people were told is saved, and under which number it goes now.

use redtag_protocol::{
    ids::DeviceId,
    op::{Edit, Place},
    stamp::Stamp,
};

/// One operation that was called saved.
#[derive(Debug, Clone)]
pub(crate) struct Promise {
    pub(crate) bench: usize,
    /// Its place on that bench, which stays.
    pub(crate) place: i64,
    pub(crate) device: DeviceId,
    pub(crate) number: u64,
    pub(crate) stamp: Stamp,
    /// The version that its author had seen.
    pub(crate) base: u64,
    /// Where its copy stood.
    pub(crate) seen: Option<Place>,
    pub(crate) edit: Edit,
    /// A text that no other edit holds, where the edit holds text.
    pub(crate) token: Option<String>,
    /// Whether an outcome came.
    pub(crate) decided: bool,
    /// A person gave it up, or saved it anew as another operation.
    pub(crate) released: bool,
}

/// All promises, in the order they were made.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub(crate) promises: Vec<Promise>,
}

impl Witness {
    /// The operations of a bench got other numbers.
    pub(crate) fn renumber(&mut self, bench: usize, now: &[(i64, DeviceId, u64)]) {
        for promise in self.promises.iter_mut().filter(|it| it.bench == bench) {
            if let Some((_, device, number)) = now.iter().find(|(at, ..)| *at == promise.place) {
                promise.device = *device;
                promise.number = *number;
            }
        }
    }

    /// An outcome came.
    pub(crate) fn decided(&mut self, bench: usize, device: DeviceId, number: u64) {
        for promise in self.promises.iter_mut().filter(|it| it.bench == bench) {
            if promise.device == device && promise.number == number {
                promise.decided = true;
            }
        }
    }

    /// A person released operations from quarantine.
    pub(crate) fn released(&mut self, bench: usize, which: impl Fn(&Promise) -> bool) {
        for promise in self.promises.iter_mut().filter(|it| it.bench == bench) {
            promise.released |= which(promise);
        }
    }
}
