//! What the timeline tells of customers that are erased: which of it is emptied, and who they were.

use std::collections::HashMap;

use redtag_protocol::{
    entity::EntityRef,
    event::{Happening, What},
};

use crate::storage::{Emptied, Event};

/// By document: the events that its erasure empties.
#[derive(Debug, Default)]
pub(super) struct Told(HashMap<EntityRef, Vec<Emptied>>);

impl Told {
    /// Whether a document's events are known.
    pub(super) fn knows(&self, key: &EntityRef) -> bool {
        self.0.contains_key(key)
    }

    /// Takes in all events of a document.
    pub(super) fn learn(&mut self, key: EntityRef, events: &[Event]) {
        let goes = events.iter().filter(|it| !stays(it));
        self.0.insert(key, goes.filter_map(Emptied::of).collect());
    }

    /// What is to be emptied of a document's events.
    pub(super) fn of(&self, key: &EntityRef) -> &[Emptied] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Whether an erasure leaves an event as it is: that somebody erased what was known, and who and
/// when, is not the customer's.
pub(super) fn stays(event: &Event) -> bool {
    happening(event).is_some_and(|it| it.what == What::Erased)
}

/// The documents that these events say are one with theirs.
pub(super) fn same(events: &[Event]) -> Vec<EntityRef> {
    let each = events.iter().filter_map(happening);
    each.filter_map(|it| match it.what {
        What::Merged { into } => Some(into),
        What::Absorbed { from } => Some(from),
        _ => None,
    })
    .collect()
}

/// None of one that is empty, or that nobody can read any more.
fn happening(event: &Event) -> Option<Happening> {
    serde_json::from_str(&event.payload).ok()
}
