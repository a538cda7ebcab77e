//! The four conditions of a point.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a point was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Condition {
    /// In order.
    Green,
    /// Needs attention soon.
    Yellow,
    /// Needs attention now.
    Red,
    /// The vehicle does not have it.
    NotApplicable,
}

/// A text that is not a condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a condition; use green, yellow, red or not_applicable")]
pub struct ConditionError(String);

impl Condition {
    /// All four, mildest first.
    pub const ALL: [Self; 4] = [Self::NotApplicable, Self::Green, Self::Yellow, Self::Red];

    /// How bad it is: red 4, yellow 3, green 2, not applicable 1. Unanswered counts 0.
    pub fn severity(self) -> u8 {
        match self {
            Self::Red => 4,
            Self::Yellow => 3,
            Self::Green => 2,
            Self::NotApplicable => 1,
        }
    }

    /// The letter that always stands beside the colour: G, Y, R, N.
    pub fn letter(self) -> char {
        match self {
            Self::Green => 'G',
            Self::Yellow => 'Y',
            Self::Red => 'R',
            Self::NotApplicable => 'N',
        }
    }

    /// The word of the wire: `green`, `yellow`, `red`, `not_applicable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::NotApplicable => "not_applicable",
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    /// Accepts the words of the wire and `g`, `y`, `r`, `n`, `na`, `n/a`, in any case.
    fn from_str(text: &str) -> Result<Self, ConditionError> {
        match text.trim().to_lowercase().as_str() {
            "green" | "g" => Ok(Self::Green),
            "yellow" | "y" => Ok(Self::Yellow),
            "red" | "r" => Ok(Self::Red),
            "not_applicable" | "not-applicable" | "not applicable" | "na" | "n/a" | "n" => {
                Ok(Self::NotApplicable)
            }
            _ => Err(ConditionError(
                text.chars().filter(|c| !c.is_control()).take(20).collect(),
            )),
        }
    }
}
