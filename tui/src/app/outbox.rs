//! What the API has not taken: a window on the daemon's list.

use redtag_protocol::{
    ipc::{OutboxPage, Outgoing},
    shop::Member,
    template::Template,
};

use crate::words::Labels;

/// How many rows are asked for at a time.
pub(crate) const WINDOW: u32 = 300;

/// What waits, is on its way or was refused.
#[derive(Debug, Default)]
pub(crate) struct OutboxScreen {
    rows: Vec<Outgoing>,
    /// The place of the first row.
    from: u32,
    /// How many there are; none before the first answer.
    pub(crate) total: Option<u32>,
    /// The marked line.
    pub(crate) selected: u32,
    /// The names of what edits name.
    pub(crate) labels: Labels,
    templates: Vec<Template>,
    members: Vec<Member>,
    /// Why there is nothing.
    pub(crate) trouble: Option<String>,
}

impl OutboxScreen {
    /// The row at a place, where it is here.
    pub(crate) fn row(&self, place: u32) -> Option<&Outgoing> {
        let at = place.checked_sub(self.from)?;
        self.rows.get(usize::try_from(at).ok()?)
    }

    /// The marked row.
    pub(crate) fn marked(&self) -> Option<&Outgoing> {
        self.row(self.selected)
    }

    /// The rows of the marked stroke that are here.
    pub(crate) fn stroke(&self) -> Vec<&Outgoing> {
        let Some(marked) = self.marked() else {
            return Vec::new();
        };
        let same = |row: &&Outgoing| row.group == marked.group && row.sync == marked.sync;
        self.rows.iter().filter(same).collect()
    }

    /// The rows that go when the marked one is given up, as far as they are here.
    pub(crate) fn going(&self) -> Vec<&Outgoing> {
        let Some(marked) = self.marked() else {
            return Vec::new();
        };
        let goes =
            |row: &&Outgoing| row.number == marked.number || marked.with.contains(&row.number);
        self.rows.iter().filter(goes).collect()
    }

    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        let last = i64::from(self.total.unwrap_or(0)) - 1;
        let place = i64::from(self.selected).saturating_add(by);
        self.selected = u32::try_from(place.clamp(0, last.max(0))).unwrap_or(0);
    }

    /// The place of the first row to ask for, so that those around the mark are here.
    pub(crate) fn window(&self) -> u32 {
        self.selected.saturating_sub(WINDOW / 2)
    }

    /// Whether rows near the mark are missing.
    pub(crate) fn is_short(&self) -> bool {
        let total = self.total.unwrap_or(0);
        let here = |place: u32| place >= total || self.row(place).is_some();
        !here(self.selected.saturating_sub(60))
            || !here(
                self.selected
                    .saturating_add(60)
                    .min(total.saturating_sub(1)),
            )
    }

    /// Takes an answer; the mark stays on the edit that it was on.
    pub(crate) fn take(&mut self, from: u32, page: OutboxPage) {
        let marked = self.marked().map(|row| row.number);
        let total = u32::try_from(page.total).unwrap_or(u32::MAX);
        self.rows = page.rows;
        self.from = from;
        self.total = Some(total);
        self.trouble = None;
        let found = self.rows.iter().position(|row| Some(row.number) == marked);
        if let Some(at) = found.and_then(|at| u32::try_from(at).ok()) {
            self.selected = from.saturating_add(at);
        }
        self.selected = self.selected.min(total.saturating_sub(1));
    }

    /// Takes the shop's templates, for the names of points.
    pub(crate) fn take_templates(&mut self, templates: Vec<Template>) {
        self.templates = templates;
        self.name();
    }

    /// Takes the shop's members, for their names.
    pub(crate) fn take_members(&mut self, members: Vec<Member>) {
        self.members = members;
        self.name();
    }

    fn name(&mut self) {
        self.labels = Labels::of_shop(self.templates.clone(), self.members.clone());
    }
}
