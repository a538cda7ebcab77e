//! A decimal number with the digits that were typed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Ratio;

/// The most digits a decimal holds.
pub const MAX_DIGITS: usize = 12;
/// The most digits after the decimal mark.
pub const MAX_DECIMALS: u8 = 6;

/// A decimal number as typed: `3.50` is not `3.5`. Compare values by [`Decimal::ratio`].
///
/// Equality and hash are those of the typed digits; a leading `+`, leading zeros and the sign of
/// zero are not kept. At most 12 digits, of which at most 6 after the mark.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

/// A text that is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// There is no digit.
    #[error("a number is missing; type digits such as 3.5")]
    Empty,
    /// A character that has no place in a number.
    #[error("{found:?} has no place in a number; type digits such as 3.5 or 3,5")]
    Character {
        /// The character, escaped by its `Debug` form when shown.
        found: char,
    },
    /// More than one decimal mark.
    #[error("the number has two decimal marks; leave out those between thousands")]
    Marks,
    /// More than 12 digits.
    #[error("the number has more than {MAX_DIGITS} digits")]
    Digits,
    /// More than 6 decimals.
    #[error("the number has more than {MAX_DECIMALS} decimals")]
    Decimals,
}

impl Decimal {
    /// Nought, without decimals.
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };

    /// `mantissa / 10^scale`, or why it has no room.
    pub fn new(mantissa: i64, scale: u8) -> Result<Self, DecimalError> {
        if scale > MAX_DECIMALS {
            return Err(DecimalError::Decimals);
        }
        // 12 is small: the power fits.
        if mantissa.unsigned_abs() >= 10_u64.pow(12) {
            return Err(DecimalError::Digits);
        }
        Ok(Self { mantissa, scale })
    }

    /// The exact value.
    pub fn ratio(&self) -> Ratio {
        Ratio::new(
            i128::from(self.mantissa),
            10_i128.pow(u32::from(self.scale)),
        )
    }

    /// Whether the value is below nought.
    pub fn is_negative(&self) -> bool {
        self.mantissa < 0
    }

    /// Whether the value is nought.
    pub fn is_zero(&self) -> bool {
        self.mantissa == 0
    }

    /// The digits after the mark, as typed.
    pub fn scale(&self) -> u8 {
        self.scale
    }

    /// The same digits without their sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        Self {
            mantissa: self.mantissa.abs(),
            scale: self.scale,
        }
    }

    /// The nearest decimal with this many decimals, ties to the even digit; `None` where it has
    /// more than 12 digits.
    pub fn nearest(value: Ratio, decimals: u8) -> Option<Self> {
        let decimals = decimals.min(MAX_DECIMALS);
        let scaled = value * Ratio::from_integer(10_i128.pow(u32::from(decimals)));
        let floor = scaled.floor();
        let twice = (scaled - floor) * Ratio::from_integer(2);
        let floor = floor.to_integer();
        let up = match twice.cmp(&Ratio::from_integer(1)) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => floor % 2 != 0,
            std::cmp::Ordering::Greater => true,
        };
        let mantissa = i64::try_from(floor + i128::from(up)).ok()?;
        Self::new(mantissa, decimals).ok()
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut mantissa = 0_i64;
        let mut count = 0;
        let mut scale = None;
        for found in digits.chars() {
            match (found, scale) {
                ('0'..='9', _) => {
                    count += 1;
                    if count > MAX_DIGITS {
                        return Err(DecimalError::Digits);
                    }
                    // At most 12 digits: no overflow.
                    mantissa = mantissa * 10 + i64::from(u32::from(found) - u32::from('0'));
                    scale = scale.map(|places: u8| places + 1);
                }
                ('.' | ',', None) => scale = Some(0),
                ('.' | ',', Some(_)) => return Err(DecimalError::Marks),
                _ => return Err(DecimalError::Character { found }),
            }
        }
        if count == 0 {
            return Err(DecimalError::Empty);
        }
        Self::new(
            if negative { -mantissa } else { mantissa },
            scale.unwrap_or(0),
        )
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let magnitude = self.mantissa.unsigned_abs();
        if self.scale == 0 {
            return write!(f, "{sign}{magnitude}");
        }
        let one = 10_u64.pow(u32::from(self.scale));
        let places = usize::from(self.scale);
        write!(f, "{sign}{}.{:0places$}", magnitude / one, magnitude % one)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl TryFrom<String> for Decimal {
    type Error = DecimalError;

    fn try_from(text: String) -> Result<Self, DecimalError> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> Self {
        decimal.to_string()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Decimal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Decimal {}
