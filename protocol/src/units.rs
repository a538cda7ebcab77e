//! Quantities kept as they were typed, with exact conversion.
//!
//! What is stored is a [`Decimal`] and a [`Unit`]; the canonical value is derived as an exact
//! [`Ratio`], for grading and sorting only. No float takes part: 1 psi has no finite decimal in kPa.
//!
//! Why nothing overflows: a decimal is `m / 10^s` with `|m| < 10^12` and `s ≤ 6`. The largest
//! factor, lbf·ft, is `n / d` with `n < 1.4·10^17` and `d ≤ 10^17`; so a converted value has a
//! numerator below `10^12 · 1.4·10^17 · 10^6 < 10^36` even before it is reduced, and `i128` holds
//! `1.7·10^38`. `Ratio`'s comparison divides instead of multiplying across, so it cannot overflow.

mod decimal;
mod quantity;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use decimal::{Decimal, DecimalError, MAX_DECIMALS, MAX_DIGITS};
pub use quantity::{Quantity, QuantityError};

/// An exact value, always reduced.
pub type Ratio = num_rational::Ratio<i128>;

/// What a unit measures; only units of one dimension convert into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Dimension {
    /// Canonical unit: millimetre.
    Length,
    /// Canonical unit: kilopascal.
    Pressure,
    /// Canonical unit: newton metre.
    Torque,
    /// Canonical unit: volt.
    Voltage,
    /// Canonical unit: ampere by the cold cranking test; a rating, not any current.
    CrankingCurrent,
    /// Canonical unit: degree Celsius.
    Temperature,
    /// Canonical unit: one (100 %).
    Fraction,
    /// Canonical unit: year. Apart from duration, as a year is no fixed number of seconds.
    Age,
    /// Canonical unit: second.
    Duration,
}

/// A conversion that makes no sense or has no room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// The text names no unit.
    #[error("“{0}” is not a unit; use one of {list}", list = known())]
    Unknown(String),
    /// The two units measure different things.
    #[error("{from} cannot be converted to {to}: they measure different things", from = .from.symbol(), to = .to.symbol())]
    Dimension {
        /// The unit of the value.
        from: Unit,
        /// The unit that was asked for.
        to: Unit,
    },
    /// The converted value has more digits than a decimal holds.
    #[error("the value is too large to be shown in {}", .0.symbol())]
    TooLarge(Unit),
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident, $token:literal, $symbol:literal, $dimension:ident,
        $numer:expr, $denom:expr, $decimals:literal, [$($spelling:literal),*];)*) => {
        /// A unit, written as its ASCII token on the wire and as its symbol for people.
        ///
        /// Factors are the exact definitions of NIST SP 811 (2008), appendix B: inch = 25.4 mm,
        /// foot = 0.3048 m, mile = 1609.344 m, pound = 0.45359237 kg, standard gravity
        /// 9.80665 m/s², t/°C = (t/°F − 32) / 1.8.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum Unit {
            $($(#[$doc])* #[serde(rename = $token)] $name,)*
        }

        impl Unit {
            const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The token used on the wire and in files: `mm`, `in/32`, `N.m`.
            pub fn token(self) -> &'static str {
                match self { $(Self::$name => $token),* }
            }

            /// The symbol for people: `mm`, `1/32 in`, `N·m`.
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$name => $symbol),* }
            }

            /// What the unit measures.
            pub fn dimension(self) -> Dimension {
                match self { $(Self::$name => Dimension::$dimension),* }
            }

            /// How many decimals a converted value is shown with.
            pub fn decimals(self) -> u8 {
                match self { $(Self::$name => $decimals),* }
            }

            /// How many canonical units one of this unit is; exact.
            pub fn factor(self) -> Ratio {
                match self { $(Self::$name => Ratio::new($numer, $denom)),* }
            }

            fn spellings(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($spelling),*]),* }
            }
        }
    };
}

/// 1 lbf in newtons is this over 10^13: 0.45359237 kg × 9.80665 m/s².
const POUND_FORCE: i128 = 45_359_237 * 980_665;

units! {
    /// Millimetre.
    Millimetre, "mm", "mm", Length, 1, 1, 1, ["millimetre", "millimeter"];
    /// Inch, 25.4 mm.
    Inch, "in", "in", Length, 254, 10, 2, ["inch", "\"", "″"];
    /// A thirty-second of an inch, the unit of tread depth.
    ThirtySecondInch, "in/32", "1/32 in", Length, 254, 320, 1, ["32nds", "32nd", "/32", "/32 in", "32nd_in"];
    /// Pound-force per square inch.
    Psi, "psi", "psi", Pressure, POUND_FORCE, 100_000_000 * 254 * 254, 1, ["lbf/in2", "lbf/in²"];
    /// Kilopascal.
    Kilopascal, "kPa", "kPa", Pressure, 1, 1, 0, [];
    /// Bar, 100 kPa.
    Bar, "bar", "bar", Pressure, 100, 1, 2, [];
    /// International mile, 1609.344 m.
    Mile, "mi", "mi", Length, 1_609_344, 1, 0, ["mile", "miles"];
    /// Kilometre.
    Kilometre, "km", "km", Length, 1_000_000, 1, 0, ["kilometre", "kilometer"];
    /// Newton metre.
    NewtonMetre, "N.m", "N·m", Torque, 1, 1, 1, ["nm", "n m"];
    /// Foot-pound-force.
    FootPound, "lbf.ft", "lbf·ft", Torque, POUND_FORCE * 3048, 100_000_000_000_000_000, 1, ["ft.lbf", "ft·lbf", "lb.ft", "ft-lb", "ftlb", "lb-ft"];
    /// Volt.
    Volt, "V", "V", Voltage, 1, 1, 2, ["volt", "volts"];
    /// Ampere by the cold cranking test.
    ColdCrankingAmpere, "CCA", "CCA", CrankingCurrent, 1, 1, 0, [];
    /// Degree Celsius.
    Celsius, "degC", "°C", Temperature, 1, 1, 0, ["c"];
    /// Degree Fahrenheit.
    Fahrenheit, "degF", "°F", Temperature, 5, 9, 0, ["f"];
    /// One hundredth.
    Percent, "%", "%", Fraction, 1, 100, 2, ["percent"];
    /// One millionth.
    PartsPerMillion, "ppm", "ppm", Fraction, 1, 1_000_000, 0, [];
    /// Year.
    Year, "a", "years", Age, 1, 1, 1, ["year", "y", "yr"];
    /// Second.
    Second, "s", "s", Duration, 1, 1, 0, ["sec", "second", "seconds"];
    /// Minute.
    Minute, "min", "min", Duration, 60, 1, 1, ["minute", "minutes"];
    /// Hour, as an hour meter counts.
    Hour, "h", "h", Duration, 3600, 1, 1, ["hour", "hours"];
}

impl Unit {
    /// Every unit, in the order of their definition.
    pub fn all() -> &'static [Self] {
        Self::ALL
    }

    /// What this scale reads at the canonical scale's zero; only temperatures have one.
    fn offset(self) -> Ratio {
        match self {
            Self::Fahrenheit => Ratio::from_integer(32),
            _ => Ratio::from_integer(0),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl FromStr for Unit {
    type Err = UnitError;

    /// Accepts the token, the symbol and common spellings, in any case.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let wanted = text.trim();
        let same = |known: &str| known.to_lowercase() == wanted.to_lowercase();
        Self::all()
            .iter()
            .copied()
            .find(|unit| {
                same(unit.token())
                    || same(unit.symbol())
                    || unit.spellings().iter().any(|spelling| same(spelling))
            })
            .ok_or_else(|| {
                UnitError::Unknown(
                    wanted
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(20)
                        .collect(),
                )
            })
    }
}

fn known() -> String {
    Unit::all()
        .iter()
        .map(|unit| unit.token())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests;
