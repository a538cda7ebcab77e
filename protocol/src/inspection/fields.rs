//! The fields of an inspection that several benches may write.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, Inspection, PointResult, Recommendation};
use crate::{
    field::{Conflict, Register, Side, Writer},
    ids::{ChoiceKey, CustomerId, LineId, PersonId, PointKey},
    merge::{self, Fields},
};

/// A value for one field of an inspection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InspectionWrite {
    /// A point's answer.
    Answer {
        /// The point.
        point: PointKey,
        /// None takes the answer back.
        answer: Option<Answer>,
    },
    /// A point's note.
    Note {
        /// The point.
        point: PointKey,
        /// None clears it.
        note: Option<String>,
    },
    /// A line of recommended work.
    Line {
        /// The point that calls for it.
        point: PointKey,
        /// The line, made by the bench.
        line: LineId,
        /// The work; none takes the line back.
        recommendation: Option<Recommendation>,
    },
    /// A question of the template that selects rules.
    Choice {
        /// The question.
        choice: ChoiceKey,
        /// One of its options; none clears it.
        option: Option<String>,
    },
    /// Who does the work.
    Assignee {
        /// A member; none is nobody.
        person: Option<PersonId>,
    },
    /// Where it is done.
    Bay {
        /// None clears it.
        bay: Option<String>,
    },
    /// What the customer complains of.
    Concern {
        /// None clears it.
        concern: Option<String>,
    },
    /// Whom it is for.
    Customer {
        /// None is nobody.
        customer: Option<CustomerId>,
    },
}

impl InspectionWrite {
    /// The point it is about, where it is about one.
    pub fn point(&self) -> Option<&PointKey> {
        match self {
            Self::Answer { point, .. } | Self::Note { point, .. } | Self::Line { point, .. } => {
                Some(point)
            }
            _ => None,
        }
    }
}

impl merge::Write for InspectionWrite {
    fn field(&self) -> String {
        match self {
            Self::Answer { point, .. } => format!("answer:{point}"),
            Self::Note { point, .. } => format!("note:{point}"),
            Self::Line { point, line, .. } => format!("line:{point}/{line}"),
            Self::Choice { choice, .. } => format!("choice:{choice}"),
            Self::Assignee { .. } => "assignee".to_owned(),
            Self::Bay { .. } => "bay".to_owned(),
            Self::Concern { .. } => "concern".to_owned(),
            Self::Customer { .. } => "customer".to_owned(),
        }
    }

    fn emptied(&self) -> Self {
        match self {
            Self::Answer { point, .. } => Self::Answer {
                point: point.clone(),
                answer: None,
            },
            Self::Note { point, .. } => Self::Note {
                point: point.clone(),
                note: None,
            },
            Self::Line { point, line, .. } => Self::Line {
                point: point.clone(),
                line: *line,
                recommendation: None,
            },
            Self::Choice { choice, .. } => Self::Choice {
                choice: choice.clone(),
                option: None,
            },
            Self::Assignee { .. } => Self::Assignee { person: None },
            Self::Bay { .. } => Self::Bay { bay: None },
            Self::Concern { .. } => Self::Concern { concern: None },
            Self::Customer { .. } => Self::Customer { customer: None },
        }
    }
}

fn side<T: Clone>(
    register: Option<&Register<Option<T>>>,
    write: impl FnOnce(Option<T>) -> InspectionWrite,
) -> Option<Side<InspectionWrite>> {
    register.map(|register| Side {
        write: write(register.value.clone()),
        writer: register.writer,
    })
}

impl Inspection {
    fn keyed_side(&self, kind: &str, key: &str) -> Option<Side<InspectionWrite>> {
        use InspectionWrite as W;
        if kind == "choice" {
            let choice: ChoiceKey = key.parse().ok()?;
            let register = self.choices.get(&choice);
            return side(register, |option| W::Choice { choice, option });
        }
        if kind == "line" {
            let (point, line) = key.split_once('/')?;
            let (point, line): (PointKey, LineId) = (point.parse().ok()?, line.parse().ok()?);
            let register = self.results.get(&point)?.lines.get(&line);
            return side(register, |recommendation| W::Line {
                point,
                line,
                recommendation,
            });
        }
        let point: PointKey = key.parse().ok()?;
        let result = self.results.get(&point)?;
        match kind {
            "answer" => side(result.answer.as_ref(), |answer| W::Answer { point, answer }),
            "note" => side(result.note.as_ref(), |note| W::Note { point, note }),
            _ => None,
        }
    }
}

impl Fields for Inspection {
    type Write = InspectionWrite;

    fn side(&self, field: &str) -> Option<Side<InspectionWrite>> {
        use InspectionWrite as W;
        if let Some((kind, key)) = field.split_once(':') {
            return self.keyed_side(kind, key);
        }
        match field {
            "assignee" => side(self.assignee.as_ref(), |person| W::Assignee { person }),
            "bay" => side(self.bay.as_ref(), |bay| W::Bay { bay }),
            "concern" => side(self.concern.as_ref(), |concern| W::Concern { concern }),
            "customer" => side(self.customer.as_ref(), |customer| W::Customer { customer }),
            _ => None,
        }
    }

    fn put(&mut self, side: Side<InspectionWrite>) {
        use InspectionWrite as W;
        let writer = side.writer;
        match side.write {
            W::Answer {
                point,
                answer: value,
            } => {
                self.results.entry(point).or_default().answer = Some(Register { value, writer });
            }
            W::Note { point, note: value } => {
                self.results.entry(point).or_default().note = Some(Register { value, writer });
            }
            W::Line {
                point,
                line,
                recommendation: value,
            } => {
                let lines = &mut self.results.entry(point).or_default().lines;
                lines.insert(line, Register { value, writer });
            }
            W::Choice {
                choice,
                option: value,
            } => {
                self.choices.insert(choice, Register { value, writer });
            }
            W::Assignee { person: value } => self.assignee = Some(Register { value, writer }),
            W::Bay { bay: value } => self.bay = Some(Register { value, writer }),
            W::Concern { concern: value } => self.concern = Some(Register { value, writer }),
            W::Customer { customer: value } => self.customer = Some(Register { value, writer }),
        }
    }

    fn conflicts(&self) -> &BTreeMap<String, Conflict<InspectionWrite>> {
        &self.conflicts
    }

    fn conflicts_mut(&mut self) -> &mut BTreeMap<String, Conflict<InspectionWrite>> {
        &mut self.conflicts
    }

    fn writers(&self) -> impl Iterator<Item = &Writer> {
        let plain = [
            Some(&self.state.writer),
            self.assignee.as_ref().map(|r| &r.writer),
            self.bay.as_ref().map(|r| &r.writer),
            self.concern.as_ref().map(|r| &r.writer),
            self.customer.as_ref().map(|r| &r.writer),
        ];
        plain
            .into_iter()
            .flatten()
            .chain(self.choices.values().map(|r| &r.writer))
            .chain(self.results.values().flat_map(PointResult::writers))
    }
}

impl PointResult {
    /// Who wrote its fields.
    pub(super) fn writers(&self) -> impl Iterator<Item = &Writer> {
        let plain = [
            self.answer.as_ref().map(|r| &r.writer),
            self.note.as_ref().map(|r| &r.writer),
        ];
        plain
            .into_iter()
            .flatten()
            .chain(self.lines.values().map(|r| &r.writer))
    }
}
