//! A measurement's rule in words, before anything is measured.

use redtag_protocol::{
    grade::{self, Condition, Need, Side, Why},
    ids::ChoiceKey,
    template::{Measurement, Reference, Rule},
    units::Quantity,
};

/// What the rule that holds for a measurement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Which condition beyond which limit, the milder first: `≤ 4/32 in (AAA)`.
    pub(crate) lines: Vec<(Condition, String)>,
    /// What must be known before a rule holds at all.
    pub(crate) need: Option<Need>,
    /// Where the value that it is compared with is read.
    pub(crate) reference: Option<Reference>,
    /// Whether both ends of a range are read there.
    pub(crate) range: bool,
    /// What it is compared with where nothing was read.
    pub(crate) assumed: Option<Quantity>,
    /// Whether it is compared with the last visit.
    pub(crate) previous: bool,
}

/// The rule that holds, given the answers to the template's questions.
pub(crate) fn limits(
    measurement: &Measurement,
    choice: &dyn Fn(&ChoiceKey) -> Option<String>,
) -> Limits {
    let mut found = Limits {
        lines: Vec::new(),
        need: None,
        reference: None,
        range: false,
        assumed: None,
        previous: false,
    };
    let case = match grade::case(measurement, choice) {
        Ok(case) => case,
        Err(need) => {
            found.need = Some(need);
            return found;
        }
    };
    match &case.rule {
        Rule::Absolute => {}
        Rule::DeltaToReference { of, assumed, .. } => {
            found.reference = Some(*of);
            found.assumed = assumed.map(|value| Quantity::new(value, measurement.unit));
        }
        Rule::DeltaToPrevious => found.previous = true,
        Rule::WithinReference { of } => {
            found.reference = Some(*of);
            found.range = true;
        }
    }
    let levels = [
        (Condition::Yellow, &case.warn),
        (Condition::Red, &case.fail),
    ];
    for (condition, limits) in levels {
        for (side, limit) in [(Side::Low, &limits.low), (Side::High, &limits.high)] {
            let Some(limit) = limit else { continue };
            let why = Why::Beyond {
                side,
                limit: limit.clone(),
                unit: limit.unit.unwrap_or(measurement.unit),
                rule: case.rule.clone(),
                source: limit.source.clone().or_else(|| case.source.clone()),
            };
            found.lines.push((condition, why.to_string()));
        }
    }
    found
}

/// Where a reference is read, for people.
pub(crate) fn reference_name(reference: Reference) -> &'static str {
    match reference {
        Reference::Placard => "placard",
        Reference::Stamped => "stamped",
        Reference::Rated => "rated",
        Reference::Sidewall => "sidewall",
    }
}
