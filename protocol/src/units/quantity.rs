//! A value with its unit, as typed.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Decimal, DecimalError, Ratio, Unit, UnitError};

/// A value and its unit as a person typed them; on the wire `{"value":"3.5","unit":"mm"}`.
///
/// Equality is that of the typed form; [`Quantity::same`] compares values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quantity {
    /// The digits as typed.
    pub value: Decimal,
    /// The unit as typed.
    pub unit: Unit,
}

/// A text that is not a value with a unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// The number is wrong.
    #[error(transparent)]
    Value(#[from] DecimalError),
    /// The unit is wrong.
    #[error(transparent)]
    Unit(#[from] UnitError),
}

impl Quantity {
    /// A quantity of these digits in this unit.
    pub fn new(value: Decimal, unit: Unit) -> Self {
        Self { value, unit }
    }

    /// The exact value in the canonical unit of its dimension.
    pub fn canonical(&self) -> Ratio {
        (self.value.ratio() - self.unit.offset()) * self.unit.factor()
    }

    /// The exact value in another unit of the same dimension.
    pub fn to(&self, unit: Unit) -> Result<Ratio, UnitError> {
        if unit == self.unit {
            return Ok(self.value.ratio());
        }
        if unit.dimension() != self.unit.dimension() {
            return Err(UnitError::Dimension {
                from: self.unit,
                to: unit,
            });
        }
        // One combined factor keeps the intermediate values small.
        let factor = self.unit.factor() / unit.factor();
        Ok((self.value.ratio() - self.unit.offset()) * factor + unit.offset())
    }

    /// This quantity in another unit, rounded half to even for showing. Limits are judged by
    /// [`Quantity::to`] and [`Quantity::canonical`], never by this.
    pub fn rounded_to(&self, unit: Unit) -> Result<Self, UnitError> {
        if unit == self.unit {
            return Ok(*self);
        }
        let exact = self.to(unit)?;
        let value = Decimal::nearest(exact, unit.decimals()).ok_or(UnitError::TooLarge(unit))?;
        Ok(Self { value, unit })
    }

    /// Whether both are the same amount, whatever the units and digits typed.
    pub fn same(&self, other: &Self) -> bool {
        self.compare(other) == Ok(Ordering::Equal)
    }

    /// Which amount is larger; an error where the dimensions differ.
    pub fn compare(&self, other: &Self) -> Result<Ordering, UnitError> {
        if self.unit.dimension() != other.unit.dimension() {
            return Err(UnitError::Dimension {
                from: self.unit,
                to: other.unit,
            });
        }
        Ok(self.canonical().cmp(&other.canonical()))
    }
}

impl fmt::Display for Quantity {
    /// `3.5 mm`; thirty-seconds as people write them, `4/32 in`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            // “4 1/32 in” would be read as a little over four inches.
            Unit::ThirtySecondInch => write!(f, "{}/32 in", self.value),
            unit => write!(f, "{} {}", self.value, unit.symbol()),
        }
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    /// Digits, then a unit, with or without a space: `3.5 mm`, `32psi`, `4/32 in`.
    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim();
        let number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '−' | '.' | ',');
        let end = text.find(|c| !number(c)).unwrap_or(text.len());
        let (value, unit) = text.split_at(end);
        Ok(Self {
            value: value.parse()?,
            unit: unit.parse()?,
        })
    }
}
