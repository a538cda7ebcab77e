//! Inspections, also called tickets: what is known of each point, and where the work stands.

mod answer;
mod fields;
mod progress;
mod wire;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use answer::{Answer, AnswerValue};
pub use fields::InspectionWrite;
pub use progress::{Counts, Missing};
#[cfg(test)]
pub(crate) use wire::tests::inspection as any;

use crate::{
    field::{Conflict, Register, Side, Writer},
    ids::{
        ChoiceKey, CustomerId, InspectionId, LineId, PersonId, PointKey, TemplateId, TemplateKey,
        VehicleId,
    },
    lifecycle::State,
    money::Cents,
    stamp::Stamp,
};

/// The template version that an inspection keeps for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateRef {
    /// The version's own id.
    pub id: TemplateId,
    /// The key over all versions.
    pub key: TemplateKey,
    /// The version.
    pub version: u32,
}

/// An inspection. As JSON it has the fields that it has here, and who wrote them is told from its
/// creation: `{"created": [seq, device, number, stamp, person], "writers": [[device, person,
/// number], …], …: {"v": value, "w": [seq, who, number, stamp]}}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "wire::Body")]
pub struct Inspection {
    /// Its id.
    pub id: InspectionId,
    /// The ticket number, given by the API on acceptance.
    pub number: Option<u64>,
    /// What it was called before it had a number, such as `~K7-3`; findable for ever.
    pub provisional: String,
    /// What is inspected, point by point.
    pub template: TemplateRef,
    /// The vehicle.
    pub vehicle: VehicleId,
    /// When it was created, and by whom.
    pub created: Writer,
    /// The state, and who moved it there.
    pub state: Register<State>,
    /// How often it was reopened.
    pub revision: u32,
    /// Whom the work is for.
    pub customer: Option<Register<Option<CustomerId>>>,
    /// Who does it.
    pub assignee: Option<Register<Option<PersonId>>>,
    /// Where it is done.
    pub bay: Option<Register<Option<String>>>,
    /// What the customer complains of.
    pub concern: Option<Register<Option<String>>>,
    /// Answers to the template's questions that select rules.
    pub choices: BTreeMap<ChoiceKey, Register<Option<String>>>,
    /// What is known of each point; points without anything are absent.
    pub results: BTreeMap<PointKey, PointResult>,
    /// Open conflicts by field.
    pub conflicts: BTreeMap<String, Conflict<InspectionWrite>>,
    /// Edits that came after the work was handed in: kept, not shown as current.
    pub late: Vec<Side<InspectionWrite>>,
    /// Revisions that were closed by reopening, the oldest first.
    pub past: Vec<PastRevision>,
    /// Who wanted it gone, while it stays because of an edit that they had not seen; in a tombstone,
    /// who deleted it.
    pub deletion: Option<Writer>,
    /// Fields that a newer program wrote.
    pub unknown: Map<String, Value>,
}

/// What is known of one point.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PointResult {
    /// The answer: value, reference and condition together, so that a merge never pairs one
    /// person's value with another's condition.
    pub answer: Option<Register<Option<Answer>>>,
    /// The note.
    pub note: Option<Register<Option<String>>>,
    /// Recommended work, a set by line id; none marks a line that was taken back.
    pub lines: BTreeMap<LineId, Register<Option<Recommendation>>>,
    /// Fields that a newer program wrote.
    pub unknown: Map<String, Value>,
}

/// One line of recommended work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recommendation {
    /// What should be done, one line.
    pub text: String,
    /// Labour.
    pub labour: Cents,
    /// Parts.
    pub parts: Cents,
}

/// A revision that reopening ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRevision {
    /// Which.
    pub revision: u32,
    /// The state it had reached.
    pub state: Register<State>,
    /// When it was ended, on the clock of whoever reopened.
    pub ended: Stamp,
    /// What stood, signatures included.
    pub results: BTreeMap<PointKey, PointResult>,
}

fn set<T>(register: Option<&Register<Option<T>>>) -> Option<&T> {
    register.and_then(|register| register.value.as_ref())
}

impl PointResult {
    /// The answer that stands.
    pub fn answer(&self) -> Option<&Answer> {
        set(self.answer.as_ref())
    }

    /// The recommended lines that stand.
    pub fn lines(&self) -> impl Iterator<Item = (LineId, &Recommendation)> {
        self.lines
            .iter()
            .filter_map(|(id, register)| Some((*id, register.value.as_ref()?)))
    }

    /// The note that stands.
    pub fn note(&self) -> Option<&str> {
        set(self.note.as_ref()).map(String::as_str)
    }
}

impl Inspection {
    /// What people call it: `#1042`, or `~K7-3` until the API has numbered it.
    pub fn label(&self) -> String {
        self.number
            .map_or_else(|| self.provisional.clone(), |number| format!("#{number}"))
    }

    /// The answer that stands at a point.
    pub fn answer(&self, point: &PointKey) -> Option<&Answer> {
        self.results.get(point).and_then(PointResult::answer)
    }

    /// The option chosen for a question of the template.
    pub fn choice(&self, choice: &ChoiceKey) -> Option<&str> {
        set(self.choices.get(choice)).map(String::as_str)
    }

    /// Who does the work.
    pub fn assignee(&self) -> Option<PersonId> {
        set(self.assignee.as_ref()).copied()
    }

    /// Whom it is for.
    pub fn customer(&self) -> Option<CustomerId> {
        set(self.customer.as_ref()).copied()
    }

    /// Where it is done.
    pub fn bay(&self) -> Option<&str> {
        set(self.bay.as_ref()).map(String::as_str)
    }

    /// What the customer complains of.
    pub fn concern(&self) -> Option<&str> {
        set(self.concern.as_ref()).map(String::as_str)
    }
}
