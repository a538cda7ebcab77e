//! What people did during one visit, as the edits they made.

use std::collections::BTreeMap;

use redtag_protocol::{
    grade::Condition,
    ids::{InspectionId, LineId, PointKey, VehicleId},
    inspection::{Answer, AnswerValue, InspectionWrite, Recommendation},
    lifecycle::{State, Verb},
    op::Edit,
    stamp::Stamp,
    template::{Kind, Measurement, Point, Rule, Template},
    units::{Decimal, Dimension, Quantity},
    vehicle::VehicleWrite,
};

use super::{SeedError, file};
use crate::keys;

/// Who makes an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever the visit is assigned to.
    Technician,
    /// The desk.
    Dispatcher,
    /// The owner, who alone may void.
    Owner,
}

/// An edit, who made it, and after how many steps of the visit's own clock.
pub(super) struct Deed {
    pub(super) who: Who,
    pub(super) edit: Edit,
    pub(super) step: u32,
}

/// One visit in the course of being told.
pub(super) struct Teller<'a> {
    pub(super) visit: &'a file::Visit,
    pub(super) template: &'a Template,
    pub(super) inspection: InspectionId,
    pub(super) vehicle: VehicleId,
    /// Of the vehicle.
    pub(super) references: &'a BTreeMap<PointKey, Quantity>,
    /// What was measured at the visit before, by point.
    pub(super) previous: &'a BTreeMap<PointKey, Quantity>,
    /// When signatures are given.
    pub(super) signed_at: Stamp,
}

impl Teller<'_> {
    /// Everything after the creation, in order, and what was measured.
    pub(super) fn tell(&self) -> Result<(Vec<Deed>, BTreeMap<PointKey, Quantity>), SeedError> {
        let mut deeds = Vec::new();
        let mut measured = BTreeMap::new();
        if self.visit.state == State::Draft {
            return Ok((deeds, measured));
        }
        Self::act(&mut deeds, Who::Technician, self.moved(Verb::Start));
        for (choice, option) in &self.visit.choices {
            let write = InspectionWrite::Choice {
                choice: choice.clone(),
                option: Some(option.clone()),
            };
            Self::act(&mut deeds, Who::Technician, self.written(write));
        }
        for (_, point) in self.template.points() {
            if self.visit.unanswered_from.as_ref() == Some(&point.key) {
                break;
            }
            self.point(point, &mut deeds, &mut measured)?;
        }
        for (who, verb) in route(self.visit.state) {
            Self::act(&mut deeds, *who, self.moved(*verb));
        }
        Ok((deeds, measured))
    }

    fn act(deeds: &mut Vec<Deed>, who: Who, edit: Edit) {
        let step = deeds.last().map_or(0, |deed| deed.step);
        // A hand-over takes a while; an answer, a moment.
        let pause = if matches!(edit, Edit::Move { .. }) {
            20
        } else {
            1
        };
        deeds.push(Deed {
            who,
            edit,
            step: step + pause,
        });
    }

    fn moved(&self, verb: Verb) -> Edit {
        let rule = verb.rule();
        let from = match rule.from {
            // Withdrawn while at work, sent back or reopened right after being handed in.
            states if states.contains(&State::InProgress) => State::InProgress,
            states => states.first().copied().unwrap_or(State::Draft),
        };
        Edit::Move {
            id: self.inspection,
            verb,
            from,
            reason: rule.reason.then(|| {
                let usual = "The customer agreed on the telephone.";
                self.visit.reason.as_deref().unwrap_or(usual).to_owned()
            }),
        }
    }

    fn written(&self, write: InspectionWrite) -> Edit {
        Edit::Inspection {
            id: self.inspection,
            write,
        }
    }

    fn point(
        &self,
        point: &Point,
        deeds: &mut Vec<Deed>,
        measured: &mut BTreeMap<PointKey, Quantity>,
    ) -> Result<(), SeedError> {
        if let Some(answer) = self.answer(point)? {
            if let Some(quantity) = answer.measured() {
                measured.insert(point.key.clone(), *quantity);
                if point.key.as_str().ends_with("odometer")
                    && quantity.unit.dimension() == Dimension::Length
                {
                    let edit = Edit::Vehicle {
                        id: self.vehicle,
                        write: VehicleWrite::Odometer {
                            odometer: Some(*quantity),
                        },
                    };
                    Self::act(deeds, Who::Technician, edit);
                }
            }
            let write = InspectionWrite::Answer {
                point: point.key.clone(),
                answer: Some(answer),
            };
            Self::act(deeds, Who::Technician, self.written(write));
        }
        if let Some(note) = self.visit.notes.get(&point.key) {
            let write = InspectionWrite::Note {
                point: point.key.clone(),
                note: Some(note.clone()),
            };
            Self::act(deeds, Who::Technician, self.written(write));
        }
        for line in self.visit.lines.iter().filter(|it| it.point == point.key) {
            let write = InspectionWrite::Line {
                point: point.key.clone(),
                line: LineId::from_parts(self.signed_at.0, keys::random()),
                recommendation: Some(Recommendation {
                    text: line.text.clone(),
                    labour: line.labour,
                    parts: line.parts,
                }),
            };
            Self::act(deeds, Who::Technician, self.written(write));
        }
        Ok(())
    }

    fn answer(&self, point: &Point) -> Result<Option<Answer>, SeedError> {
        let key = &point.key;
        Ok(match &point.kind {
            Kind::Condition => Some(Answer::condition(self.condition(key))),
            Kind::Measurement(measurement) => match self.visit.values.get(key) {
                Some(text) => Some(self.measured(point, measurement, text)?),
                None => None,
            },
            Kind::Choice { .. } => {
                let pick = self.visit.picks.get(key);
                pick.map(|pick| Answer::value(AnswerValue::Chosen(pick.clone())))
            }
            Kind::Signature { graded, .. } => self.visit.signed.get(key).map(|name| Answer {
                condition: graded.then_some(Condition::Green),
                ..Answer::value(AnswerValue::Signed {
                    name: name.clone(),
                    at: self.signed_at,
                })
            }),
            Kind::Text => None,
        })
    }

    fn condition(&self, key: &PointKey) -> Condition {
        if self.visit.red.contains(key) {
            Condition::Red
        } else if self.visit.yellow.contains(key) {
            Condition::Yellow
        } else if self.visit.na.contains(key) {
            Condition::NotApplicable
        } else {
            Condition::Green
        }
    }

    fn measured(
        &self,
        point: &Point,
        measurement: &Measurement,
        text: &str,
    ) -> Result<Answer, SeedError> {
        let value = match text.parse::<Quantity>() {
            Ok(quantity) => quantity,
            Err(_) => Quantity::new(
                text.parse::<Decimal>()
                    .map_err(|error| SeedError::Value(point.key.clone(), error.to_string()))?,
                measurement.unit,
            ),
        };
        let mut cases = measurement.cases.iter();
        let looks_back = cases.any(|case| case.rule == Rule::DeltaToPrevious);
        let known = if looks_back {
            self.previous
        } else {
            self.references
        };
        let low = point.minimum_key();
        Ok(Answer {
            reference: known.get(&point.key).copied(),
            reference_low: low.and_then(|key| self.references.get(&key).copied()),
            ..Answer::value(AnswerValue::Measured(value))
        })
    }
}

/// The moves from `in_progress` to a state, and who makes them.
fn route(state: State) -> &'static [(Who, Verb)] {
    const ROUTE: [(Who, Verb); 5] = [
        (Who::Technician, Verb::Submit),
        (Who::Dispatcher, Verb::Approve),
        (Who::Dispatcher, Verb::Publish),
        (Who::Dispatcher, Verb::Decide),
        (Who::Dispatcher, Verb::Close),
    ];
    const RETURNED: [(Who, Verb); 2] = [
        (Who::Technician, Verb::Submit),
        (Who::Dispatcher, Verb::Return),
    ];
    match state {
        State::Draft | State::InProgress => &[],
        State::Submitted => &ROUTE[..1],
        State::Approved => &ROUTE[..2],
        State::Published => &ROUTE[..3],
        State::Decided => &ROUTE[..4],
        State::Closed => &ROUTE,
        State::Returned => &RETURNED,
        State::Void => &[(Who::Owner, Verb::Void)],
    }
}
