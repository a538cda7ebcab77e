//! What there is to settle, for scripts.

use redtag_protocol::{
    entity::EntityRef,
    ids::PersonId,
    ipc::{AnyWrite, ConflictSort, ConflictView, SideView},
};
use serde::Serialize;

use super::FORMAT;
use crate::command::output::instant;

/// Everything there is to settle.
#[derive(Debug, Serialize)]
pub(crate) struct ConflictsShape<'a> {
    format: u16,
    conflicts: Vec<ConflictShape<'a>>,
}

#[derive(Debug, Serialize)]
struct ConflictShape<'a> {
    target: &'a EntityRef,
    /// What people call the document.
    label: &'a str,
    subject: &'a str,
    /// Such as `answer:frame.cracks`; empty for the document as a whole.
    field: &'a str,
    /// The field for people.
    title: &'a str,
    /// `field`, `late` or `deletion`.
    sort: ConflictSort,
    /// Whether a choice of this machine's is on its way already.
    pending: bool,
    /// The one that stands first.
    sides: Vec<SideShape<'a>>,
}

#[derive(Debug, Serialize)]
struct SideShape<'a> {
    /// Names it for `conflicts settle --take`.
    side: String,
    /// The value for people.
    value: &'a str,
    /// The value; null is the deletion of the document.
    write: Option<&'a AnyWrite>,
    who: &'a str,
    person: PersonId,
    at: String,
    /// Whether it was written on this machine.
    own: bool,
    /// Whether it is what the document shows.
    stands: bool,
}

impl<'a> ConflictsShape<'a> {
    /// Of these.
    pub(crate) fn new(views: impl IntoIterator<Item = &'a ConflictView>) -> Self {
        let conflict = |view: &'a ConflictView| ConflictShape {
            target: &view.entity,
            label: &view.label,
            subject: &view.subject,
            field: &view.field,
            title: &view.title,
            sort: view.sort,
            pending: view.pending,
            sides: view.sides.iter().map(side).collect(),
        };
        Self {
            format: FORMAT,
            conflicts: views.into_iter().map(conflict).collect(),
        }
    }
}

fn side(side: &SideView) -> SideShape<'_> {
    SideShape {
        side: format!("{}:{}", side.op.device, side.op.number),
        value: &side.words,
        write: side.write.as_ref(),
        who: &side.who,
        person: side.person,
        at: instant(side.at),
        own: side.own,
        stands: side.shown,
    }
}
