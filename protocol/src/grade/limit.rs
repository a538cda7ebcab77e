//! Whether a value meets a limit, exactly and without overflow.

use std::cmp::Ordering;

use crate::{
    template::{DeltaIn, Limit, Rule},
    units::{Quantity, Ratio, Unit},
};

use super::{GradeError, References, Side};

/// Whether `value` lies at (where inclusive) or beyond the limit.
///
/// The value is never divided by a reference: the limit is moved by it instead, so that both sides
/// stay within the bounds that [`crate::units`] proves. `references.value` is there wherever the
/// rule needs it; without it the limit is not met.
pub(super) fn met(
    rule: &Rule,
    side: Side,
    limit: &Limit,
    unit: Unit,
    value: &Quantity,
    references: References<'_>,
) -> Result<bool, GradeError> {
    let offset = limit.value.ratio();
    let reference = match (rule, side) {
        (Rule::WithinReference { .. }, Side::Low) => references.low,
        _ => references.value,
    };
    let (value, border) = match (rule, reference) {
        (Rule::Absolute, _) => (value.to(unit)?, offset),
        (_, None) => return Ok(false),
        (
            Rule::DeltaToReference {
                measure: DeltaIn::Unit,
                ..
            }
            | Rule::DeltaToPrevious
            | Rule::WithinReference { .. },
            Some(reference),
        ) => (value.to(unit)?, reference.to(unit)? + offset),
        (Rule::DeltaToReference { measure, .. }, Some(reference)) => {
            if reference.value.ratio() <= Ratio::from_integer(0) {
                return Err(GradeError::Reference(*reference));
            }
            let hundred = Ratio::from_integer(100);
            let percent = match measure {
                DeltaIn::PercentOf => offset,
                _ => offset + hundred,
            };
            // In the reference's own unit: at most 10^12 · 10^12 over 10^6 · 10^8.
            (
                value.to(reference.unit)?,
                reference.value.ratio() * percent / hundred,
            )
        }
    };
    Ok(match value.cmp(&border) {
        Ordering::Equal => limit.inclusive,
        Ordering::Less => side == Side::Low,
        Ordering::Greater => side == Side::High,
    })
}
