//! The answer of one point.

use serde::{Deserialize, Serialize};

use crate::{
    grade::{self, Condition, Grade, References},
    ids::ChoiceKey,
    stamp::Stamp,
    template::{Kind, Point},
    units::Quantity,
};

/// What a person answered at a point. One field: it is merged whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// The condition a person set: the answer of a condition point, and an override of the graded
    /// one at a measurement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// What was measured, chosen, written or signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<AnswerValue>,
    /// The placard, stamped or rated value, or the previous visit's, that the value is graded
    /// against; kept here so that grading needs nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Quantity>,
    /// The lower end, where a part prints a range (the minimum on a tyre's sidewall).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_low: Option<Quantity>,
    /// Set by “all remaining green” and not by looking at this point.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_default: bool,
}

/// The value in an answer, by the point's kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AnswerValue {
    /// Digits and unit as typed.
    Measured(Quantity),
    /// One of the point's options.
    Chosen(String),
    /// Free text.
    Text(String),
    /// A signature by typed name.
    Signed {
        /// The name as typed.
        name: String,
        /// When.
        at: Stamp,
    },
}

impl Answer {
    /// An answer that is only a condition.
    pub fn condition(condition: Condition) -> Self {
        Self {
            condition: Some(condition),
            ..Self::default()
        }
    }

    /// An answer that is only a value.
    pub fn value(value: AnswerValue) -> Self {
        Self {
            value: Some(value),
            ..Self::default()
        }
    }

    /// The measured quantity, where there is one.
    pub fn measured(&self) -> Option<&Quantity> {
        match &self.value {
            Some(AnswerValue::Measured(quantity)) => Some(quantity),
            _ => None,
        }
    }

    /// Whether the answer says anything at all.
    pub fn is_empty(&self) -> bool {
        self.condition.is_none() && self.value.is_none()
    }

    /// What the point's rule makes of the value, where the point is a measurement with a value.
    ///
    /// None also where the unit does not fit the point; such an answer is refused when it is made.
    pub fn grade(
        &self,
        point: &Point,
        choice: &dyn Fn(&ChoiceKey) -> Option<String>,
    ) -> Option<Grade> {
        let (Kind::Measurement(measurement), Some(quantity)) = (&point.kind, self.measured())
        else {
            return None;
        };
        let references = References {
            value: self.reference.as_ref(),
            low: self.reference_low.as_ref(),
        };
        grade::grade_between(measurement, quantity, references, choice).ok()
    }

    /// The condition that counts: the one a person set, else the graded one, else the chosen
    /// option's.
    pub fn effective(
        &self,
        point: &Point,
        choice: &dyn Fn(&ChoiceKey) -> Option<String>,
    ) -> Option<Condition> {
        if self.condition.is_some() {
            return self.condition;
        }
        match (&point.kind, &self.value) {
            (Kind::Choice { options }, Some(AnswerValue::Chosen(chosen))) => options
                .iter()
                .find(|option| option.value == *chosen)
                .and_then(|o| o.condition),
            _ => match self.grade(point, choice)? {
                Grade::Graded { condition, .. } => Some(condition),
                Grade::Needs(_) => None,
            },
        }
    }
}
