//! Values that are far from what is usual at their point.

use redtag_protocol::{
    grade,
    ipc::InspectionView,
    template::{Measurement, Point, Rule},
    units::{Dimension, Quantity, Ratio},
};

/// Whether a value is more than ten times what this point had at the last visit, or the largest of
/// its limits: a unit or a decimal mark gone wrong, more likely than a measurement.
pub(super) fn is_far(
    view: &InspectionView,
    point: &Point,
    measurement: &Measurement,
    value: &Quantity,
) -> bool {
    // A temperature has no ten times.
    if measurement.unit.dimension() == Dimension::Temperature {
        return false;
    }
    let previous = view.previous.get(&point.key);
    let previous = previous.and_then(|it| it.answer.measured()).copied();
    let case = grade::case(measurement, &view.inspection.chosen(&view.template)).ok();
    // Limits on a difference say nothing of the value itself.
    let case = case.filter(|case| case.rule == Rule::Absolute);
    let limits = case.into_iter().flat_map(|case| {
        let all = [
            &case.warn.low,
            &case.warn.high,
            &case.fail.low,
            &case.fail.high,
        ];
        all.into_iter()
            .flatten()
            .map(|limit| Quantity::new(limit.value, limit.unit.unwrap_or(measurement.unit)))
    });
    let usual = [previous, limits.max_by_key(Quantity::canonical)];
    let ten = Ratio::from_integer(10);
    let nought = Ratio::from_integer(0);
    usual
        .into_iter()
        .flatten()
        .filter(|usual| usual.unit.dimension() == value.unit.dimension())
        .map(|usual| usual.canonical())
        .any(|usual| usual > nought && value.canonical() > usual * ten)
}
