//! Money in whole cents of the shop's currency.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An amount in cents; on the wire an integer. A shop has one currency, so none is named here.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = i64))]
pub struct Cents(i64);

/// A text that is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CentsError {
    /// Not digits with at most one mark.
    #[error("that is not an amount of money; type it as 12.34")]
    Form,
    /// More than two decimals.
    #[error("an amount has at most two decimals, as in 12.34")]
    Decimals,
    /// More digits than an amount holds.
    #[error("the amount is too large")]
    TooLarge,
}

impl Cents {
    /// Nought.
    pub const ZERO: Self = Self(0);

    /// This many cents.
    pub fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of cents.
    pub fn get(self) -> i64 {
        self.0
    }

    /// The sum, or `None` where it has no room.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The sum of all, or `None` where it has no room.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl FromStr for Cents {
    type Err = CentsError;

    fn from_str(text: &str) -> Result<Self, CentsError> {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (-1_i64, rest),
            None => (1, text),
        };
        let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && part.is_empty() || !plain(whole) || !plain(part) {
            return Err(CentsError::Form);
        }
        if part.len() > 2 {
            return Err(CentsError::Decimals);
        }
        // `1,5` is one unit and fifty cents.
        let joined = format!("{whole}{part:0<2}");
        let cents: i64 = joined.parse().map_err(|_| CentsError::TooLarge)?;
        Ok(Self(sign * cents))
    }
}

#[cfg(test)]
mod tests;
