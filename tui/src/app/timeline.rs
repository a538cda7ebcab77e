//! The timeline of an inspection.

use redtag_protocol::{
    event::What,
    ids::{InspectionId, PointKey},
    ipc::TimelineEntry,
};

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
    /// The point one was at when it was opened.
    pub(crate) at: Option<PointKey>,
    /// Only what touched this point is shown.
    pub(crate) only: Option<PointKey>,
    /// The marked line.
    pub(crate) selected: usize,
    /// Why there is nothing.
    pub(crate) trouble: Option<String>,
}

impl TimelineScreen {
    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        let last = self.shown().len().saturating_sub(1);
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let at = i64::try_from(self.selected).unwrap_or(i64::MAX);
        let place = at.saturating_add(by).clamp(0, last);
        self.selected = usize::try_from(place).unwrap_or(0);
    }

    /// What is shown, the newest first.
    pub(crate) fn shown(&self) -> Vec<&TimelineEntry> {
        let all = self.entries.iter().flatten();
        let wanted = |entry: &&TimelineEntry| match &self.only {
            None => true,
            only => point(entry) == *only,
        };
        all.filter(wanted).collect()
    }

    /// The marked entry.
    pub(crate) fn marked(&self) -> Option<&TimelineEntry> {
        self.shown().get(self.selected).copied()
    }

    /// Shows only what touched a point, or everything; the mark stays where it can.
    pub(crate) fn filter(&mut self, only: Option<PointKey>) {
        let marked = self.marked().map(|it| (it.actor, it.seq));
        self.only = only;
        let shown = self.shown();
        let at = shown
            .iter()
            .position(|it| marked == Some((it.actor, it.seq)));
        self.selected = at.unwrap_or(0);
    }

    /// Takes an answer; the mark stays on what it was on.
    pub(crate) fn take(&mut self, entries: Vec<TimelineEntry>) {
        let marked = self.marked().map(|it| (it.actor, it.seq));
        let follows = self.selected > 0;
        self.trouble = None;
        self.entries = Some(entries);
        let shown = self.shown();
        let at = shown
            .iter()
            .position(|it| marked == Some((it.actor, it.seq)));
        let last = shown.len().saturating_sub(1);
        self.selected = at.filter(|_| follows).unwrap_or(self.selected).min(last);
    }
}

/// The point that an entry touched; none where it touched none.
pub(crate) fn point(entry: &TimelineEntry) -> Option<PointKey> {
    match &entry.happening.as_ref()?.what {
        What::Inspection { after, .. } => after.point().cloned(),
        What::Settled { field, .. } => {
            let (_, key) = field.split_once(':')?;
            key.split('/').next()?.parse().ok()
        }
        _ => None,
    }
}
