//! The revisions that reopening ended, for reading.

use redtag_protocol::{inspection::PastRevision, ipc::InspectionView};

/// One of the revisions that reopening ended.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PastScreen {
    /// Which, counted from the newest.
    pub(crate) revision: usize,
    /// The marked point, counted over all sections.
    pub(crate) at: usize,
}

impl PastScreen {
    /// The revision that is shown.
    pub(crate) fn shown<'a>(&self, view: &'a InspectionView) -> Option<&'a PastRevision> {
        view.inspection.past.iter().rev().nth(self.revision)
    }

    /// Moves the mark by so many of this many points.
    pub(crate) fn step(&mut self, by: i64, points: usize) {
        let last = i64::try_from(points.saturating_sub(1)).unwrap_or(i64::MAX);
        let at = i64::try_from(self.at).unwrap_or(i64::MAX);
        let place = at.saturating_add(by).clamp(0, last);
        self.at = usize::try_from(place).unwrap_or(0);
    }
}
