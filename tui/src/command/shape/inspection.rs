//! One inspection, for scripts.

use std::collections::BTreeMap;

use redtag_protocol::{
    field::Side,
    grade::Condition,
    ids::{
        ChoiceKey, CustomerId, InspectionId, LineId, PersonId, PointKey, TemplateId, TemplateKey,
        VehicleId,
    },
    inspection::{AnswerValue, InspectionWrite, PointResult},
    ipc::{InspectionView, Quarantined, SyncState},
    lifecycle::{State, Verb},
    merge::Write as _,
    money::Cents,
    op::RefusalCode,
    template::Point,
    units::Quantity,
    vehicle::VehicleKind,
};
use serde::Serialize;

use super::{FORMAT, list::CountsShape};
use crate::command::{desk::Saved, output::instant, set::Done};

/// One inspection with this machine's edits applied.
#[derive(Debug, Serialize)]
pub(crate) struct InspectionShape {
    format: u16,
    id: InspectionId,
    /// Null until the API has given one.
    number: Option<u64>,
    /// What it was called before it had a number; finds it for ever.
    provisional: String,
    label: String,
    state: State,
    revision: u32,
    template: TemplateShape,
    vehicle: Option<VehicleShape>,
    customer: Option<CustomerShape>,
    assignee: Option<PersonShape>,
    bay: Option<String>,
    concern: Option<String>,
    created: String,
    counts: CountsShape,
    /// Answers to the template's questions that select rules.
    choices: BTreeMap<ChoiceKey, Option<String>>,
    /// Points of which something is known.
    results: BTreeMap<PointKey, ResultShape>,
    sync: SyncShape,
    conflicts: Vec<ConflictShape>,
    /// Edits that came after the work was handed in: kept, not shown as current.
    late: Vec<SideShape>,
    quarantined: Vec<QuarantinedShape>,
    /// What this account may do next.
    verbs: Vec<Verb>,
    /// What the command that printed this saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<Saved>,
    /// What the command did besides, or what is worth knowing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
    /// Of a move: points without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    unanswered: Option<u32>,
}

#[derive(Debug, Serialize)]
struct TemplateShape {
    key: TemplateKey,
    version: u32,
    name: String,
    id: TemplateId,
}

#[derive(Debug, Serialize)]
struct VehicleShape {
    id: VehicleId,
    kind: VehicleKind,
    title: String,
    vin: Option<String>,
    plate: Option<String>,
    serial: Option<String>,
}

#[derive(Debug, Serialize)]
struct CustomerShape {
    id: CustomerId,
    name: String,
    phones: Vec<String>,
    emails: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PersonShape {
    id: PersonId,
    name: Option<String>,
}

#[derive(Debug, Serialize)]
struct ResultShape {
    label: Option<String>,
    /// The condition that counts: set by a person, graded, or the chosen option's.
    condition: Option<Condition>,
    /// The condition that a person set.
    set_condition: Option<Condition>,
    /// Digits as typed, the chosen option, the text, or the name that signed.
    value: Option<String>,
    /// The unit as typed.
    unit: Option<String>,
    /// The placard, stamped, rated or previous value that it is judged against.
    reference: Option<Quantity>,
    reference_low: Option<Quantity>,
    /// Set by “all remaining green” and not by looking at this point.
    by_default: bool,
    note: Option<String>,
    lines: Vec<LineShape>,
    previous: Option<PreviousShape>,
    /// Whether an edit of it is not acknowledged yet.
    pending: bool,
}

#[derive(Debug, Serialize)]
struct LineShape {
    id: LineId,
    text: String,
    labour_cents: Cents,
    parts_cents: Cents,
}

#[derive(Debug, Serialize)]
struct PreviousShape {
    condition: Option<Condition>,
    value: Option<String>,
    unit: Option<String>,
    at: String,
    inspection: String,
}

#[derive(Debug, Serialize)]
struct SyncShape {
    state: SyncState,
    waiting: u64,
}

#[derive(Debug, Serialize)]
struct ConflictShape {
    field: String,
    sides: Vec<SideShape>,
}

#[derive(Debug, Serialize)]
struct SideShape {
    field: String,
    write: InspectionWrite,
    person: PersonId,
    name: Option<String>,
    at: String,
}

#[derive(Debug, Serialize)]
pub(super) struct QuarantinedShape {
    number: u64,
    code: RefusalCode,
    words: String,
}

/// A value's text and, where it was measured, its unit.
fn value_text(value: &AnswerValue) -> (String, Option<String>) {
    match value {
        AnswerValue::Measured(quantity) => (
            quantity.value.to_string(),
            Some(quantity.unit.token().to_owned()),
        ),
        AnswerValue::Chosen(text) | AnswerValue::Text(text) => (text.clone(), None),
        AnswerValue::Signed { name, .. } => (name.clone(), None),
    }
}

impl InspectionShape {
    /// With what the command saved.
    #[must_use]
    pub(crate) fn saved(mut self, saved: Saved, done: &Done) -> Self {
        self.saved = Some(saved);
        self.remarks.clone_from(&done.remarks);
        self.unanswered = done.unanswered;
        self
    }
}

impl From<&InspectionView> for InspectionShape {
    fn from(view: &InspectionView) -> Self {
        let it = &view.inspection;
        let name = |person: PersonId| {
            let member = view.members.iter().find(|member| member.id == person);
            member.map(|member| member.name.clone())
        };
        let side = |side: &Side<InspectionWrite>| SideShape {
            field: side.write.field(),
            write: side.write.clone(),
            person: side.writer.person,
            name: name(side.writer.person),
            at: instant(side.writer.stamp),
        };
        let results = it
            .results
            .iter()
            .map(|(key, result)| (key.clone(), result_shape(view, key, result)))
            .collect();
        let choices = view.template.choices.iter().map(|choice| {
            let answer = view.template.answer(&choice.key, it.choice(&choice.key));
            (choice.key.clone(), answer)
        });
        Self {
            format: FORMAT,
            id: it.id,
            number: it.number,
            provisional: it.provisional.clone(),
            label: it.label(),
            state: it.state.value,
            revision: it.revision,
            template: TemplateShape {
                key: it.template.key.clone(),
                version: it.template.version,
                name: view.template.name.clone(),
                id: it.template.id,
            },
            vehicle: view.vehicle.as_ref().map(|vehicle| VehicleShape {
                id: vehicle.id,
                kind: vehicle.kind,
                title: vehicle.title(),
                vin: vehicle.vin().map(ToString::to_string),
                plate: vehicle.plate().map(str::to_owned),
                serial: vehicle.serial().map(str::to_owned),
            }),
            customer: view.customer.as_ref().map(|customer| CustomerShape {
                id: customer.id,
                name: customer.name.value.clone(),
                phones: customer.phones.value.clone(),
                emails: customer.emails.value.clone(),
            }),
            assignee: it.assignee().map(|id| PersonShape { id, name: name(id) }),
            bay: it.bay().map(str::to_owned),
            concern: it.concern().map(str::to_owned),
            created: instant(it.created.stamp),
            counts: (&view.counts).into(),
            choices: choices.collect(),
            results,
            sync: SyncShape {
                state: view.sync,
                waiting: view.waiting,
            },
            conflicts: it
                .conflicts
                .iter()
                .map(|(field, conflict)| ConflictShape {
                    field: field.clone(),
                    sides: conflict.sides.iter().map(side).collect(),
                })
                .collect(),
            late: it.late.iter().map(side).collect(),
            quarantined: view.quarantined.iter().map(Into::into).collect(),
            verbs: view.verbs.clone(),
            saved: None,
            remarks: Vec::new(),
            unanswered: None,
        }
    }
}

fn result_shape(view: &InspectionView, key: &PointKey, result: &PointResult) -> ResultShape {
    let point: Option<&Point> = view.template.point(key);
    let answer = result.answer();
    let value = answer.and_then(|answer| answer.value.as_ref());
    let (value, unit) = value.map(value_text).unzip();
    let previous = view.previous.get(key).map(|previous| {
        let chosen = view.inspection.chosen(&view.template);
        let value = previous.answer.value.as_ref().map(value_text);
        let (value, unit) = value.unzip();
        PreviousShape {
            condition: point.and_then(|point| previous.answer.effective(point, &chosen)),
            value,
            unit: unit.flatten(),
            at: instant(previous.at),
            inspection: previous.label.clone(),
        }
    });
    let pending = [
        InspectionWrite::Answer {
            point: key.clone(),
            answer: None,
        },
        InspectionWrite::Note {
            point: key.clone(),
            note: None,
        },
    ];
    ResultShape {
        label: point.map(|point| point.label.clone()),
        condition: point.and_then(|point| view.inspection.effective(point, &view.template)),
        set_condition: answer.and_then(|answer| answer.condition),
        value,
        unit: unit.flatten(),
        reference: answer.and_then(|it| it.reference),
        reference_low: answer.and_then(|it| it.reference_low),
        by_default: answer.is_some_and(|answer| answer.by_default),
        note: result.note().map(str::to_owned),
        lines: result
            .lines()
            .map(|(id, line)| LineShape {
                id,
                text: line.text.clone(),
                labour_cents: line.labour,
                parts_cents: line.parts,
            })
            .collect(),
        previous,
        pending: pending
            .iter()
            .any(|write| view.pending.contains(&write.field())),
    }
}

impl From<&Quarantined> for QuarantinedShape {
    fn from(item: &Quarantined) -> Self {
        Self {
            number: item.number,
            code: item.refusal.code,
            words: item.refusal.words.clone(),
        }
    }
}
