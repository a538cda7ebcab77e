//! The board, for scripts.

use redtag_protocol::{
    ids::InspectionId,
    ipc::{BoardRow, SyncState},
    lifecycle::State,
};
use serde::Serialize;

use super::FORMAT;
use crate::command::output::instant;

/// Inspections that match.
#[derive(Debug, Serialize)]
pub(crate) struct ListShape<'a> {
    format: u16,
    inspections: Vec<Row<'a>>,
    /// How many match, also beyond the limit.
    matched: u64,
    /// How many there are.
    total: u64,
}

/// An inspection.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    id: InspectionId,
    /// Null until the API has given one.
    number: Option<u64>,
    /// `#1042` or `~K7-3`.
    label: &'a str,
    state: State,
    revision: u32,
    template: &'a str,
    vehicle: &'a str,
    /// Plate, VIN or serial number.
    mark: &'a str,
    customer: &'a str,
    assignee: &'a str,
    bay: &'a str,
    created: String,
    counts: CountsShape,
    conflicts: u32,
    late: u32,
    sync: SyncState,
}

/// Points by condition.
#[derive(Debug, Serialize)]
pub(super) struct CountsShape {
    total: u32,
    answered: u32,
    unanswered: u32,
    red: u32,
    yellow: u32,
    green: u32,
    not_applicable: u32,
}

impl From<&redtag_protocol::inspection::Counts> for CountsShape {
    fn from(counts: &redtag_protocol::inspection::Counts) -> Self {
        Self {
            total: counts.total,
            answered: counts.answered,
            unanswered: counts.unanswered(),
            red: counts.red,
            yellow: counts.yellow,
            green: counts.green,
            not_applicable: counts.not_applicable,
        }
    }
}

impl<'a> ListShape<'a> {
    /// The shape of these rows.
    pub(crate) fn new(rows: &'a [BoardRow], matched: u64, total: u64) -> Self {
        Self {
            format: FORMAT,
            inspections: rows.iter().map(Row::from).collect(),
            matched,
            total,
        }
    }
}

impl<'a> From<&'a BoardRow> for Row<'a> {
    fn from(row: &'a BoardRow) -> Self {
        Self {
            id: row.id,
            number: row.label.strip_prefix('#').and_then(|it| it.parse().ok()),
            label: &row.label,
            state: row.state,
            revision: row.revision,
            template: &row.template,
            vehicle: &row.vehicle,
            mark: &row.mark,
            customer: &row.customer,
            assignee: &row.assignee,
            bay: &row.bay,
            created: instant(row.created),
            counts: (&row.counts).into(),
            conflicts: row.conflicts,
            late: row.late,
            sync: row.sync,
        }
    }
}
