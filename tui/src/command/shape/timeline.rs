//! A timeline, for scripts.

use redtag_protocol::{
    event::{Actor, Happening},
    ids::InspectionId,
    ipc::{SyncState, TimelineEntry},
};
use serde::Serialize;

use super::FORMAT;
use crate::command::output::instant;

/// The timeline of one inspection, the newest first.
#[derive(Debug, Serialize)]
pub(crate) struct TimelineShape<'a> {
    format: u16,
    id: InspectionId,
    label: String,
    entries: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    /// The place in the shop's order; null while it waits here.
    seq: Option<u64>,
    who: &'a str,
    actor: &'a Actor,
    /// When, on the author's clock.
    at: Option<String>,
    /// When the API accepted it.
    accepted: Option<String>,
    /// In words.
    words: String,
    /// What, with before and after; null where a newer program wrote it.
    happening: Option<&'a Happening>,
    sync: SyncState,
}

impl<'a> TimelineShape<'a> {
    /// The shape of these entries, with the words for each.
    pub(crate) fn new(
        id: InspectionId,
        label: String,
        entries: &'a [TimelineEntry],
        words: impl Fn(&TimelineEntry) -> String,
    ) -> Self {
        let entry = |entry: &'a TimelineEntry| {
            let happening = entry.happening.as_ref();
            Entry {
                seq: entry.seq.map(|seq| seq.0),
                who: &entry.who,
                actor: &entry.actor,
                at: happening.map(|it| instant(it.stamp)),
                accepted: happening.and_then(|it| it.accepted).map(instant),
                words: words(entry),
                happening,
                sync: entry.sync,
            }
        };
        Self {
            format: FORMAT,
            id,
            label,
            entries: entries.iter().map(entry).collect(),
        }
    }
}
