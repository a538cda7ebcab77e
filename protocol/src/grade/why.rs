//! Which limit made a condition, in words for people.

use std::fmt;

use crate::{
    template::{Case, DeltaIn, Limit, Reference, Rule},
    units::{Quantity, Unit},
};

/// Which end of the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Too little.
    Low,
    /// Too much.
    High,
}

/// Why a value has its condition; its `Display` reads like `≤ 4/32 in (AAA)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// No limit was met.
    Within,
    /// This limit was met.
    Beyond {
        /// Which end.
        side: Side,
        /// The limit.
        limit: Limit,
        /// The unit of the limit, where it is not a percentage.
        unit: Unit,
        /// What the limit counts from.
        rule: Rule,
        /// The norm, or `shop` for a usual shop default.
        source: Option<String>,
    },
}

impl Why {
    pub(super) fn beyond(case: &Case, side: Side, limit: &Limit, unit: Unit) -> Self {
        let source = limit.source.clone().or_else(|| case.source.clone());
        Self::Beyond {
            side,
            limit: limit.clone(),
            unit,
            rule: case.rule.clone(),
            source,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Beyond {
            side,
            limit,
            unit,
            rule,
            source,
        } = self
        else {
            return f.write_str("within limits");
        };
        describe(f, *side, limit, *unit, rule)?;
        match source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

fn describe(
    f: &mut fmt::Formatter<'_>,
    side: Side,
    limit: &Limit,
    unit: Unit,
    rule: &Rule,
) -> fmt::Result {
    let sign = match (side, limit.inclusive) {
        (Side::Low, false) => "<",
        (Side::Low, true) => "≤",
        (Side::High, false) => ">",
        (Side::High, true) => "≥",
    };
    let plain = Quantity::new(limit.value, unit)
        .to_string()
        .replace('-', "−");
    let plus = if limit.value.is_negative() { "" } else { "+" };
    match rule {
        Rule::Absolute => write!(f, "{sign} {plain}"),
        Rule::DeltaToReference {
            of,
            measure: DeltaIn::PercentOf,
            ..
        } => {
            write!(f, "{sign} {} % of {}", limit.value, name(*of))
        }
        Rule::DeltaToReference {
            of,
            measure: DeltaIn::Percent,
            ..
        } => {
            let percent = limit.value.to_string().replace('-', "−");
            write!(f, "{sign} {plus}{percent} % against {}", name(*of))
        }
        Rule::DeltaToReference {
            of,
            measure: DeltaIn::Unit,
            ..
        }
        | Rule::WithinReference { of }
            if limit.value.is_zero() =>
        {
            let end = match (rule, side) {
                (Rule::WithinReference { .. }, Side::Low) => "minimum on ",
                (Rule::WithinReference { .. }, Side::High) => "maximum on ",
                _ => "",
            };
            write!(f, "{sign} {end}{}", name(*of))
        }
        Rule::DeltaToReference { of, .. } | Rule::WithinReference { of } => {
            write!(f, "{sign} {plus}{plain} against {}", name(*of))
        }
        Rule::DeltaToPrevious if limit.value.is_zero() => write!(f, "{sign} previous visit"),
        Rule::DeltaToPrevious => write!(f, "{sign} {plus}{plain} against previous visit"),
    }
}

fn name(reference: Reference) -> &'static str {
    match reference {
        Reference::Placard => "placard",
        Reference::Stamped => "stamped value",
        Reference::Rated => "rated value",
        Reference::Sidewall => "sidewall",
    }
}
