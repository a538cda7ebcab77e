//! What more than one module of stories needs.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::mpsc,
    time::Duration,
};

use anyhow::{Context as _, Result};
use redtag_protocol::{
    event::{Happening, What},
    inspection::InspectionWrite,
};
use redtag_tests::random;

/// Random moments. xorshift64*: no more is needed here.
pub(crate) struct Moments(u64);

/// Tells a story whose moments are random. Where it fails it says the seed that brings them back,
/// given as `REDTAG_SEED`.
pub(crate) fn at_random(story: impl FnOnce(Moments) -> Result<()>) -> Result<()> {
    let seed = match std::env::var("REDTAG_SEED") {
        Ok(seed) => seed.parse().context("REDTAG_SEED is no number")?,
        Err(_) => u64::from_le_bytes(random()?) >> 16,
    };
    let words = format!("REDTAG_SEED={seed} brings the moments back");
    match catch_unwind(AssertUnwindSafe(|| story(Moments(seed | 1)))) {
        Ok(told) => told.context(words),
        Err(panic) => {
            #[expect(clippy::print_stderr, reason = "the seed brings a failure back")]
            {
                eprintln!("{words}");
            }
            resume_unwind(panic)
        }
    }
}

/// How many deaths a story tells of that is about deaths alone: `REDTAG_POINTS`, or as many as it
/// has in a usual run.
pub(crate) fn points(usual: u64) -> Result<u64> {
    match std::env::var("REDTAG_POINTS") {
        Ok(text) => text.parse().context("REDTAG_POINTS is no number"),
        Err(_) => Ok(usual),
    }
}

impl Moments {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }
}

/// The notes that a timeline tells of, each with how often.
pub(crate) fn notes<'a>(
    happenings: impl Iterator<Item = &'a Happening>,
) -> BTreeMap<String, usize> {
    let mut notes = BTreeMap::new();
    for happening in happenings {
        if let What::Inspection { after, .. } = &happening.what
            && let InspectionWrite::Note {
                note: Some(note), ..
            } = after
        {
            *notes.entry(note.clone()).or_default() += 1;
        }
    }
    notes
}

/// Waits so long without sleeping through a failure of the others.
pub(crate) fn after(moment: Duration) {
    let (_keep, never) = mpsc::channel::<()>();
    // Only the time can end this.
    let _ = never.recv_timeout(moment);
}
