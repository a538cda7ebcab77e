//! The shops that are measured: inspections as people fill them in, the same in every run.
//!
//! An inspection has sixty answered points, some of them with a note whose words come as often as
//! in nature, and the moves of its state. Two vehicles in five are new, the others were there before.
//! The newest inspections are still open.

mod book;
mod dice;
mod seed;
mod words;

use anyhow::{Context as _, Result};
use redtag_protocol::{
    grade::Condition,
    ids::{CustomerId, InspectionId, VehicleId},
    inspection::{Answer, AnswerValue, InspectionWrite},
    lifecycle::{State, Verb},
    op::Edit,
    template::{Kind, Point, Template},
    units::Quantity,
    vehicle::VehicleKind,
};

use self::words::Words;
pub(super) use self::{
    dice::Dice,
    seed::{Seeded, Text, seed},
};

/// So many points of an inspection are answered.
const POINTS: usize = 60;

/// One point in so many has a note.
const NOTED: u64 = 5;

/// One inspection in so many is open in an ordinary shop.
pub(super) const OPEN: usize = 100;

/// The first visit, in milliseconds since 1970, and the time between two.
const BEGAN: u64 = 1_700_000_000_000;
const APART: u64 = 240_000;

/// Who does a step of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever fills in.
    Technician,
    /// Whoever takes orders and hands out reports.
    Desk,
}

/// What one person did, and when.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) who: Who,
    pub(super) at: u64,
    pub(super) edit: Edit,
}

/// Visits one after the other.
pub(super) struct Corpus {
    template: Template,
    words: Words,
    dice: Dice,
    vehicles: Vec<(VehicleId, CustomerId)>,
    visits: usize,
    total: usize,
    /// From this one on they are open.
    open: usize,
}

impl Corpus {
    /// A shop with so many inspections by this template, of which one in so many is open.
    pub(super) fn new(template: Template, total: usize, open: usize) -> Self {
        Self {
            template,
            words: Words::new(),
            dice: Dice::new(4),
            vehicles: Vec::new(),
            visits: 0,
            total,
            open: total - (total / open).max(1),
        }
    }

    /// The next visit; none once the shop is whole.
    pub(super) fn visit(&mut self) -> Result<Option<Vec<Step>>> {
        if self.visits == self.total {
            return Ok(None);
        }
        let place = self.visits;
        self.visits += 1;
        let mut visit = Visit {
            at: BEGAN + u64::try_from(place)? * APART,
            steps: Vec::new(),
        };
        let (vehicle, customer) = if place % 5 < 2 {
            self.arrive(&mut visit)
        } else {
            let known = self.dice.of(&self.vehicles).copied();
            known.context("no vehicle was here before")?
        };
        let id = InspectionId::from_parts(visit.at, self.dice.bytes());
        let concern = (self.dice.below(3) == 0).then(|| self.words.text(&mut self.dice, 9));
        visit.desk(Edit::CreateInspection {
            id,
            template: self.template.id,
            vehicle,
            customer: Some(customer),
            assignee: None,
            bay: None,
            concern,
            provisional: format!("~A2-{}", place + 1),
        });
        visit.technician(moved(id, Verb::Start, State::Draft));
        self.fill_in(&mut visit, id)?;
        if place < self.open {
            visit.technician(moved(id, Verb::Submit, State::InProgress));
            visit.desk(moved(id, Verb::Approve, State::Submitted));
            visit.desk(moved(id, Verb::Publish, State::Approved));
            visit.desk(moved(id, Verb::Decide, State::Published));
            visit.desk(moved(id, Verb::Close, State::Decided));
        }
        Ok(Some(visit.steps))
    }

    fn arrive(&mut self, visit: &mut Visit) -> (VehicleId, CustomerId) {
        const FIRST: [&str; 8] = ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hal"];
        const LAST: [&str; 8] = [
            "Archer", "Baker", "Carter", "Dyer", "Eaton", "Fisher", "Grant", "Hill",
        ];
        const MODELS: [(&str, &str); 4] = [
            ("Example", "Estate"),
            ("Example", "Hatch"),
            ("Sample", "Van"),
            ("Sample", "Pickup"),
        ];
        let dice = &mut self.dice;
        let customer = CustomerId::from_parts(visit.at, dice.bytes());
        let vehicle = VehicleId::from_parts(visit.at, dice.bytes());
        let first = dice.of(&FIRST).copied().unwrap_or_default();
        let last = dice.of(&LAST).copied().unwrap_or_default();
        visit.desk(Edit::CreateCustomer {
            id: customer,
            name: format!("{first} {last}"),
            phones: vec![format!("+1 555 {:07}", dice.below(10_000_000))],
            emails: vec![format!("{first}.{last}@example.com").to_lowercase()],
            consent: dice.below(2) == 0,
        });
        let (make, model) = dice.of(&MODELS).copied().unwrap_or_default();
        visit.desk(Edit::CreateVehicle {
            id: vehicle,
            kind: VehicleKind::Car,
            vin: None,
            plate: Some(dice.code()),
            serial: None,
            year: u16::try_from(2005 + dice.below(20)).ok(),
            make: Some(make.to_owned()),
            model: Some(model.to_owned()),
            customer: Some(customer),
        });
        self.vehicles.push((vehicle, customer));
        (vehicle, customer)
    }

    fn fill_in(&mut self, visit: &mut Visit, id: InspectionId) -> Result<()> {
        let points = self.template.points().map(|(_, point)| point);
        let mut answered = 0;
        for point in points {
            let Some(answer) = answer(point, &mut self.dice)? else {
                continue;
            };
            visit.technician(Edit::Inspection {
                id,
                write: InspectionWrite::Answer {
                    point: point.key.clone(),
                    answer: Some(answer),
                },
            });
            if self.dice.below(NOTED) == 0 {
                let count = 4 + self.dice.below(16);
                let note = self.words.text(&mut self.dice, count);
                visit.technician(Edit::Inspection {
                    id,
                    write: InspectionWrite::Note {
                        point: point.key.clone(),
                        note: Some(note),
                    },
                });
            }
            answered += 1;
            if answered == POINTS {
                break;
            }
        }
        Ok(())
    }
}

/// The steps of one visit, some seconds apart.
struct Visit {
    at: u64,
    steps: Vec<Step>,
}

impl Visit {
    fn desk(&mut self, edit: Edit) {
        self.step(Who::Desk, edit);
    }

    fn technician(&mut self, edit: Edit) {
        self.step(Who::Technician, edit);
    }

    fn step(&mut self, who: Who, edit: Edit) {
        self.at += 2_000;
        let at = self.at;
        self.steps.push(Step { who, at, edit });
    }
}

fn moved(id: InspectionId, verb: Verb, from: State) -> Edit {
    Edit::Move {
        id,
        verb,
        from,
        reason: verb
            .rule()
            .reason
            .then(|| "agreed on the telephone".to_owned()),
    }
}

/// Mostly good, as most vehicles are.
fn answer(point: &Point, dice: &mut Dice) -> Result<Option<Answer>> {
    Ok(match &point.kind {
        Kind::Condition => Some(Answer::condition(match dice.below(20) {
            0 => Condition::Red,
            1 | 2 => Condition::Yellow,
            _ => Condition::Green,
        })),
        Kind::Measurement(measurement) => {
            let value = format!("{}.{}", dice.below(12), dice.below(10));
            Some(Answer::value(AnswerValue::Measured(Quantity {
                value: value.parse()?,
                unit: measurement.unit,
            })))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
