//! The timeline of an inspection.

use redtag_protocol::{ids::InspectionId, ipc::TimelineEntry};

use crate::words::Labels;

/// The timeline of an inspection, the newest first.
#[derive(Debug)]
pub(crate) struct TimelineScreen {
    /// Which.
    pub(crate) id: InspectionId,
    /// What people call it.
    pub(crate) label: String,
    /// The names of what events name.
    pub(crate) labels: Labels,
    /// What happened; none before the first answer.
    pub(crate) entries: Option<Vec<TimelineEntry>>,
    /// The marked line.
    pub(crate) selected: usize,
    /// Why there is nothing.
    pub(crate) trouble: Option<String>,
}

impl TimelineScreen {
    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        let last = self.entries.as_ref().map_or(0, Vec::len).saturating_sub(1);
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let at = i64::try_from(self.selected).unwrap_or(i64::MAX);
        let place = at.saturating_add(by).clamp(0, last);
        self.selected = usize::try_from(place).unwrap_or(0);
    }

    /// Takes an answer; the mark stays on what it was on.
    pub(crate) fn take(&mut self, entries: Vec<TimelineEntry>) {
        if let Some(old) = &self.entries
            && self.selected > 0
            && let Some(marked) = old.get(self.selected)
            && let Some(at) = entries
                .iter()
                .position(|it| it.actor == marked.actor && it.seq == marked.seq)
        {
            self.selected = at;
        }
        self.trouble = None;
        self.selected = self.selected.min(entries.len().saturating_sub(1));
        self.entries = Some(entries);
    }
}
