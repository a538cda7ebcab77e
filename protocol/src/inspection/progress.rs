//! How far an inspection is, and what stands in the way of handing it in.

use serde::{Deserialize, Serialize};

use super::{AnswerValue, Inspection};
use crate::{
    grade::Condition,
    ids::{ChoiceKey, PointKey},
    template::{Demand, Point, Requirement, Template},
};

/// Points counted by their effective condition. An answered point without one (a text, a value
/// that still needs its reference) counts as answered only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// All points of the template.
    pub total: u32,
    /// Points with an answer.
    pub answered: u32,
    /// Red points.
    pub red: u32,
    /// Yellow points.
    pub yellow: u32,
    /// Green points.
    pub green: u32,
    /// Points that do not apply.
    pub not_applicable: u32,
}

impl Counts {
    /// Points without an answer.
    pub fn unanswered(&self) -> u32 {
        self.total.saturating_sub(self.answered)
    }
}

/// A requirement of the template that is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Missing {
    /// Where.
    pub point: PointKey,
    /// The point's label.
    pub label: String,
    /// What.
    pub demand: Demand,
}

impl Missing {
    /// The missing thing in words, such as “Horn: a note”.
    pub fn words(&self) -> String {
        let what = match &self.demand {
            Demand::Note => "a note".to_owned(),
            Demand::Photo { count: 1 } => "a photo".to_owned(),
            Demand::Photo { count } => format!("{count} photos"),
            Demand::Action => "a recommended action".to_owned(),
            Demand::Signature { role } => format!("the signature of the {role}"),
        };
        format!("{}: {what}", self.label)
    }
}

impl Inspection {
    /// The condition that counts at a point; none while it is unanswered or cannot be graded.
    pub fn effective(&self, point: &Point, template: &Template) -> Option<Condition> {
        self.answer(&point.key)?
            .effective(point, &self.chosen(template))
    }

    /// The options that select rules: what was chosen here, else the template's default.
    pub fn chosen<'a>(
        &'a self,
        template: &'a Template,
    ) -> impl Fn(&ChoiceKey) -> Option<String> + 'a {
        move |key| template.answer(key, self.choice(key))
    }

    /// Counts the points by condition.
    pub fn counts(&self, template: &Template) -> Counts {
        let mut counts = Counts::default();
        for (_, point) in template.points() {
            counts.total += 1;
            if self.answer(&point.key).is_none_or(super::Answer::is_empty) {
                continue;
            }
            counts.answered += 1;
            match self.effective(point, template) {
                Some(Condition::Red) => counts.red += 1,
                Some(Condition::Yellow) => counts.yellow += 1,
                Some(Condition::Green) => counts.green += 1,
                Some(Condition::NotApplicable) => counts.not_applicable += 1,
                None => {}
            }
        }
        counts
    }

    /// The requirements of answered points that are not met, in the template's order. Photos count
    /// only where the shop demands them.
    pub fn missing(&self, template: &Template, demand_photos: bool) -> Vec<Missing> {
        let mut missing = Vec::new();
        for (_, point) in template.points() {
            if self.answer(&point.key).is_none_or(super::Answer::is_empty) {
                continue;
            }
            let condition = self.effective(point, template);
            for requirement in &point.requires {
                if requirement.when.holds(condition)
                    && condition != Some(Condition::NotApplicable)
                    && !self.meets(point, requirement, demand_photos)
                {
                    missing.push(Missing {
                        point: point.key.clone(),
                        label: point.label.clone(),
                        demand: requirement.what.clone(),
                    });
                }
            }
        }
        missing
    }

    fn meets(&self, point: &Point, requirement: &Requirement, demand_photos: bool) -> bool {
        let result = self.results.get(&point.key);
        match &requirement.what {
            Demand::Note => result
                .and_then(super::PointResult::note)
                .is_some_and(|note| !note.trim().is_empty()),
            Demand::Action => result.is_some_and(|result| result.lines().next().is_some()),
            Demand::Signature { .. } => self
                .answer(&point.key)
                .is_some_and(|answer| matches!(answer.value, Some(AnswerValue::Signed { .. }))),
            // Photos cannot be taken yet, so a shop that demands them cannot submit.
            Demand::Photo { .. } => !demand_photos,
        }
    }
}
