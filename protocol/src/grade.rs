//! Grading: a measurement and its rule give a condition.
//!
//! Every comparison is exact (see [`crate::units`]) and respects whether a limit is inclusive.

mod limit;
mod why;

use crate::{
    ids::ChoiceKey,
    template::{Case, Measurement, Rule},
    units::{Quantity, UnitError},
};

pub use crate::condition::{Condition, ConditionError};
pub use why::{Side, Why};

/// What grading a value gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grade {
    /// A condition, and which limit made it.
    Graded {
        /// Green, yellow or red.
        condition: Condition,
        /// The limit that was met, in words by its `Display`.
        why: Why,
    },
    /// Something is missing before the value can be judged.
    Needs(Need),
}

/// What is missing before a value can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// An answer to this question of the inspection.
    Choice(ChoiceKey),
    /// The placard's, stamped or rated value.
    Reference,
    /// The previous visit's value.
    Previous,
    /// No case of the template fits the answers.
    Case,
}

/// A value that its measurement cannot judge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GradeError {
    /// The value's or reference's unit measures something else.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// A percentage of a reference that is nought or less.
    #[error("the reference {0} must be above nought; correct the reference")]
    Reference(Quantity),
}

/// What a value is compared with, besides its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct References<'a> {
    /// The placard's, stamped or rated value, a sidewall's maximum, or the previous visit's value.
    pub value: Option<&'a Quantity>,
    /// A sidewall's minimum, where it names one; only [`Rule::WithinReference`] looks at it.
    pub low: Option<&'a Quantity>,
}

/// Judges a value.
///
/// `reference` is the placard's, stamped or rated value for [`Rule::DeltaToReference`], the previous
/// visit's value for [`Rule::DeltaToPrevious`], and the printed maximum for
/// [`Rule::WithinReference`]. `choice` answers the inspection's questions, defaults included
/// (see [`crate::template::Template::answer`]).
pub fn grade(
    measurement: &Measurement,
    value: &Quantity,
    reference: Option<&Quantity>,
    choice: &dyn Fn(&ChoiceKey) -> Option<String>,
) -> Result<Grade, GradeError> {
    grade_between(
        measurement,
        value,
        References {
            value: reference,
            low: None,
        },
        choice,
    )
}

/// As [`grade`], with both ends of a range that is printed on the part.
pub fn grade_between(
    measurement: &Measurement,
    value: &Quantity,
    references: References<'_>,
    choice: &dyn Fn(&ChoiceKey) -> Option<String>,
) -> Result<Grade, GradeError> {
    // A wrong unit is an error even where no limit would look at it.
    value.to(measurement.unit)?;
    let case = match case(measurement, choice) {
        Ok(case) => case,
        Err(need) => return Ok(Grade::Needs(need)),
    };
    let assumed;
    let mut references = references;
    if let (
        None,
        Rule::DeltaToReference {
            assumed: Some(known),
            ..
        },
    ) = (references.value, &case.rule)
    {
        assumed = Quantity::new(*known, measurement.unit);
        references.value = Some(&assumed);
    }
    match (&case.rule, references.value) {
        (Rule::DeltaToReference { .. } | Rule::WithinReference { .. }, None) => {
            return Ok(Grade::Needs(Need::Reference));
        }
        (Rule::DeltaToPrevious, None) => return Ok(Grade::Needs(Need::Previous)),
        _ => {}
    }
    let levels = [
        (&case.fail, Condition::Red),
        (&case.warn, Condition::Yellow),
    ];
    for (limits, condition) in levels {
        for (side, limit) in [(Side::Low, &limits.low), (Side::High, &limits.high)] {
            let Some(limit) = limit else { continue };
            let unit = limit.unit.unwrap_or(measurement.unit);
            if limit::met(&case.rule, side, limit, unit, value, references)? {
                let why = Why::beyond(case, side, limit, unit);
                return Ok(Grade::Graded { condition, why });
            }
        }
    }
    Ok(Grade::Graded {
        condition: Condition::Green,
        why: Why::Within,
    })
}

/// The first case that fits the answers, or what is missing to tell.
pub fn case<'a>(
    measurement: &'a Measurement,
    choice: &dyn Fn(&ChoiceKey) -> Option<String>,
) -> Result<&'a Case, Need> {
    for case in &measurement.cases {
        let Some(when) = &case.when else {
            return Ok(case);
        };
        let answer = choice(&when.choice).ok_or_else(|| Need::Choice(when.choice.clone()))?;
        if when.is.contains(&answer) {
            return Ok(case);
        }
    }
    Err(Need::Case)
}

#[cfg(test)]
mod tests;
