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
    /// The home that it was made in is purged; what of it was unsent lies sealed.
    pub(crate) purged: bool,
}

/// All promises, in the order they were made.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub(crate) promises: Vec<Promise>,
    /// Number and stamp of what was sealed when memberships ended.
    pub(crate) sealed: Vec<(u64, u64)>,
}

impl Witness {
    /// The promises that a bench can still keep.
    fn of(&mut self, bench: usize) -> impl Iterator<Item = &mut Promise> {
        let of = move |it: &&mut Promise| it.bench == bench && !it.purged;
        self.promises.iter_mut().filter(of)
    }

    /// A home is purged, and this of it was sealed.
    pub(crate) fn purged(&mut self, bench: usize, sealed: &[(u64, u64)]) {
        self.sealed.extend(sealed);
        self.of(bench).for_each(|it| it.purged = true);
    }

    /// The operations of a bench got other numbers.
    pub(crate) fn renumber(&mut self, bench: usize, now: &[(i64, DeviceId, u64)]) {
        for promise in self.of(bench) {
            if let Some((_, device, number)) = now.iter().find(|(at, ..)| *at == promise.place) {
                promise.device = *device;
                promise.number = *number;
            }
        }
    }

    /// An outcome came.
    pub(crate) fn decided(&mut self, bench: usize, device: DeviceId, number: u64) {
        for promise in self.of(bench) {
            if promise.device == device && promise.number == number {
                promise.decided = true;
            }
        }
    }

    /// A person released operations from quarantine.
    pub(crate) fn released(&mut self, bench: usize, which: impl Fn(&Promise) -> bool) {
        for promise in self.of(bench) {
            promise.released |= which(promise);
        }
    }
}
