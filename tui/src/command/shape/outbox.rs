//! What is unsent or was refused, for scripts.

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{Adopted, Outgoing, Status, SyncState},
    op::{Edit, Refusal},
};
use serde::Serialize;

use super::FORMAT;
use crate::{
    command::{desk::Saved, output::instant},
    words::{self, Labels},
};

/// The outbox.
#[derive(Debug, Serialize)]
pub(crate) struct OutboxShape<'a> {
    format: u16,
    /// Saved here and not yet sent.
    waiting: u64,
    /// When the oldest of them was saved.
    waiting_since: Option<String>,
    /// Why the queue does not move, in words.
    held: Option<&'a str>,
    next_try: Option<String>,
    /// Sent and not yet acknowledged.
    sent: u64,
    /// Everything that the API has not taken, in order.
    edits: Vec<EditShape<'a>>,
    /// Inspections with an edit that is not acknowledged.
    inspections: Vec<WaitingShape<'a>>,
    quarantined: Vec<RefusedShape<'a>>,
}

/// One edit that the API has not taken.
#[derive(Debug, Serialize)]
pub(crate) struct EditShape<'a> {
    number: u64,
    /// The first number of the same stroke.
    group: u64,
    state: SyncState,
    /// When it was saved.
    at: String,
    target: &'a EntityRef,
    /// What people call the document.
    label: &'a str,
    /// What is written, such as `answer:frame.cracks`; null where it is no field.
    field: Option<String>,
    /// What was done, for people.
    what: String,
    edit: &'a Edit,
    refusal: Option<&'a Refusal>,
}

#[derive(Debug, Serialize)]
struct WaitingShape<'a> {
    id: InspectionId,
    label: &'a str,
    sync: SyncState,
    waiting: u64,
    /// What the edits write, such as `answer:frame.cracks`.
    fields: BTreeSet<String>,
}

#[derive(Debug, Serialize)]
struct RefusedShape<'a> {
    number: u64,
    group: u64,
    at: String,
    code: &'static str,
    words: &'a str,
    because: Option<u64>,
    parent: Option<u64>,
    edit: &'a Edit,
}

/// One stroke.
#[derive(Debug, Serialize)]
pub(crate) struct StrokeShape<'a> {
    format: u16,
    edits: Vec<EditShape<'a>>,
}

/// What a command saved.
#[derive(Debug, Serialize)]
pub(crate) struct SavedShape {
    format: u16,
    saved: Saved,
}

/// What a command gave up.
#[derive(Debug, Serialize)]
pub(crate) struct DiscardedShape {
    format: u16,
    discarded: Vec<u64>,
}

/// What became of an export that was taken over.
#[derive(Debug, Serialize)]
pub(crate) struct AdoptedShape {
    format: u16,
    saved: u64,
    known: u64,
    refused: u64,
}

impl<'a> OutboxShape<'a> {
    /// Of these rows.
    pub(crate) fn new(status: &'a Status, rows: &'a [Outgoing], labels: &Labels) -> Self {
        Self {
            format: FORMAT,
            waiting: status.waiting,
            waiting_since: status.waiting_since.map(instant),
            held: status.held.as_deref(),
            next_try: status.next_try.map(instant),
            sent: status.sent,
            edits: rows.iter().map(|row| EditShape::new(row, labels)).collect(),
            inspections: inspections(rows),
            quarantined: rows.iter().filter_map(refused).collect(),
        }
    }
}

impl<'a> EditShape<'a> {
    /// Of this row.
    pub(crate) fn new(row: &'a Outgoing, labels: &Labels) -> Self {
        Self {
            number: row.number,
            group: row.group,
            state: row.sync,
            at: instant(row.stamp),
            target: &row.entity,
            label: &row.label,
            field: words::field(&row.edit),
            what: words::edit(&row.edit, labels),
            edit: &row.edit,
            refusal: row.refusal.as_ref(),
        }
    }
}

fn inspections(rows: &[Outgoing]) -> Vec<WaitingShape<'_>> {
    let mut found: BTreeMap<InspectionId, WaitingShape<'_>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.sync != SyncState::Refused) {
        let EntityRef::Inspection(id) = row.entity else {
            continue;
        };
        let shape = found.entry(id).or_insert_with(|| WaitingShape {
            id,
            label: &row.label,
            sync: SyncState::Sent,
            waiting: 0,
            fields: BTreeSet::new(),
        });
        shape.waiting += 1;
        if row.sync == SyncState::Waiting {
            shape.sync = SyncState::Waiting;
        }
        shape.fields.extend(words::field(&row.edit));
    }
    found.into_values().collect()
}

fn refused(row: &Outgoing) -> Option<RefusedShape<'_>> {
    let refusal = row.refusal.as_ref()?;
    Some(RefusedShape {
        number: row.number,
        group: row.group,
        at: instant(row.stamp),
        code: refusal.code.as_str(),
        words: &refusal.words,
        because: refusal.because,
        parent: refusal.parent,
        edit: &row.edit,
    })
}

impl<'a> StrokeShape<'a> {
    /// Of these edits.
    pub(crate) fn new(edits: Vec<EditShape<'a>>) -> Self {
        Self {
            format: FORMAT,
            edits,
        }
    }
}

impl SavedShape {
    /// What was saved.
    pub(crate) fn new(saved: Saved) -> Self {
        Self {
            format: FORMAT,
            saved,
        }
    }
}

impl DiscardedShape {
    /// The numbers that were given up.
    pub(crate) fn new(discarded: Vec<u64>) -> Self {
        Self {
            format: FORMAT,
            discarded,
        }
    }
}

impl From<&Adopted> for AdoptedShape {
    fn from(adopted: &Adopted) -> Self {
        Self {
            format: FORMAT,
            saved: adopted.saved,
            known: adopted.known,
            refused: adopted.refused,
        }
    }
}
