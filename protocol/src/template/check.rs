//! What must hold of a point beyond its form.

use std::cmp::Ordering;

use crate::{
    grade::Side,
    units::{Dimension, Quantity, Unit},
};

use super::{
    Case, Choice, DeltaIn, Kind, Limit, Limits, Measurement, Point, PointOption, Rule, Section,
};

/// Checks a point that is to be the next of `section`.
pub(super) fn point(point: &Point, section: &Section, choices: &[Choice]) -> Result<(), String> {
    let inside = point.key.as_str().strip_prefix(section.key.as_str());
    if !inside.is_some_and(|rest| rest.starts_with('.')) {
        return Err(format!(
            "the key “{}” must begin with “{}.”",
            point.key, section.key
        ));
    }
    match &point.kind {
        Kind::Measurement(measurement) => cases(measurement, choices),
        Kind::Choice { options } => answers(options),
        Kind::Condition | Kind::Text | Kind::Signature { .. } => Ok(()),
    }
}

fn answers(options: &[PointOption]) -> Result<(), String> {
    if options.len() < 2 {
        return Err("a choice needs at least two options".to_owned());
    }
    for (at, option) in options.iter().enumerate() {
        if options[..at]
            .iter()
            .any(|known| known.value == option.value)
        {
            return Err(format!("the answer “{}” is there twice", option.value));
        }
    }
    Ok(())
}

fn cases(measurement: &Measurement, choices: &[Choice]) -> Result<(), String> {
    for (at, unit) in measurement.units.iter().enumerate() {
        if unit.dimension() != measurement.unit.dimension() {
            return Err(format!(
                "{unit} does not measure what {} does",
                measurement.unit
            ));
        }
        if *unit == measurement.unit || measurement.units[..at].contains(unit) {
            return Err(format!("the unit {unit} is there twice"));
        }
    }
    let Some((last, before)) = measurement.cases.split_last() else {
        return Err("a measurement needs at least one case".to_owned());
    };
    if before.iter().any(|case| case.when.is_none()) {
        return Err("a case without “when” must be the last, as it always holds".to_owned());
    }
    for case in &measurement.cases {
        known_answers(case, choices)?;
        levels(case, measurement.unit)?;
    }
    if last.when.is_some() {
        all_covered(&measurement.cases, choices)
    } else {
        Ok(())
    }
}

fn known_answers(case: &Case, choices: &[Choice]) -> Result<(), String> {
    let Some(when) = &case.when else {
        return Ok(());
    };
    let Some(choice) = choices.iter().find(|choice| choice.key == when.choice) else {
        return Err(format!("the choice “{}” is not defined", when.choice));
    };
    if when.is.is_empty() {
        return Err("“is” names no answer".to_owned());
    }
    match when.is.iter().find(|answer| !choice.takes(answer)) {
        Some(answer) => Err(format!(
            "“{answer}” is no answer of the choice “{}”",
            when.choice
        )),
        None => Ok(()),
    }
}

/// Without a last case that always holds, every answer of one question must have its case.
fn all_covered(cases: &[Case], choices: &[Choice]) -> Result<(), String> {
    let whens: Vec<_> = cases.iter().filter_map(|case| case.when.as_ref()).collect();
    let covered = |choice: &Choice| {
        let here = || whens.iter().filter(|when| when.choice == choice.key);
        here().count() == whens.len()
            && choice
                .options
                .iter()
                .all(|option| here().any(|when| when.is.contains(&option.value)))
    };
    if choices.iter().any(covered) {
        return Ok(());
    }
    Err("some answers have no case; add a last one without “when”".to_owned())
}

fn levels(case: &Case, unit: Unit) -> Result<(), String> {
    let percent = matches!(
        case.rule,
        Rule::DeltaToReference {
            measure: DeltaIn::Percent | DeltaIn::PercentOf,
            ..
        }
    );
    if percent && unit.dimension() == Dimension::Temperature {
        return Err("a temperature has no percentages; limit the difference in degrees".to_owned());
    }
    if let Rule::DeltaToReference {
        assumed: Some(assumed),
        ..
    } = &case.rule
        && percent
        && (assumed.is_negative() || assumed.is_zero())
    {
        return Err("“assumed” must be above nought for a percentage".to_owned());
    }
    let all = [
        &case.warn.low,
        &case.warn.high,
        &case.fail.low,
        &case.fail.high,
    ];
    for limit in all.into_iter().flatten() {
        match limit.unit {
            Some(_) if percent => return Err("a limit in percent has no other unit".to_owned()),
            Some(other) if other.dimension() != unit.dimension() => {
                return Err(format!("{other} does not measure what {unit} does"));
            }
            _ => {}
        }
    }
    for (side, warn, fail) in [
        (Side::Low, &case.warn.low, &case.fail.low),
        (Side::High, &case.warn.high, &case.fail.high),
    ] {
        if let (Some(warn), Some(fail)) = (warn, fail)
            && !stricter(side, fail, warn, unit)
        {
            return Err("the fail limit must lie beyond the warn limit".to_owned());
        }
    }
    // Ends of a range on the part have their own zeros and may be in any order.
    let one_zero = !matches!(case.rule, Rule::WithinReference { .. });
    if one_zero
        && [&case.warn, &case.fail]
            .into_iter()
            .any(|limits| crossed(limits, unit))
    {
        return Err("the low limit must lie below the high limit".to_owned());
    }
    Ok(())
}

/// Whether every value that meets `fail` meets `warn` too, and some meets `warn` alone.
fn stricter(side: Side, fail: &Limit, warn: &Limit, unit: Unit) -> bool {
    match (order(fail, warn, unit), side) {
        (Ordering::Equal, _) => warn.inclusive && !fail.inclusive,
        (Ordering::Less, Side::Low) | (Ordering::Greater, Side::High) => true,
        _ => false,
    }
}

fn crossed(limits: &Limits, unit: Unit) -> bool {
    match (&limits.low, &limits.high) {
        (Some(low), Some(high)) => match order(low, high, unit) {
            Ordering::Less => false,
            Ordering::Equal => low.inclusive || high.inclusive,
            Ordering::Greater => true,
        },
        _ => false,
    }
}

fn order(a: &Limit, b: &Limit, unit: Unit) -> Ordering {
    let canonical =
        |limit: &Limit| Quantity::new(limit.value, limit.unit.unwrap_or(unit)).canonical();
    canonical(a).cmp(&canonical(b))
}
