//! Vehicle identification numbers: form, check digit, maker, model year.

mod facts;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A VIN of 17 legal characters, in capitals.
///
/// Spaces and hyphens are dropped and letters made capitals when parsed, as papers and scanners
/// group them. The check digit is not part of the form: ask [`Vin::check`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "1M8GDM9AXKP042788"))]
pub struct Vin(String);

/// A text that is not a VIN. Positions count from 1 after spaces and hyphens are dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VinError {
    /// Not 17 characters.
    #[error("a VIN has 17 characters, this has {found}; check for a missing or doubled one")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// The letter I, which no VIN has.
    #[error("character {position} is the letter I, which no VIN has; it may be the digit 1")]
    LetterI {
        /// Where, from 1.
        position: usize,
    },
    /// The letter O, which no VIN has.
    #[error("character {position} is the letter O, which no VIN has; it may be the digit 0")]
    LetterO {
        /// Where, from 1.
        position: usize,
    },
    /// The letter Q, which no VIN has.
    #[error("character {position} is the letter Q, which no VIN has; it may be the digit 0 or 9")]
    LetterQ {
        /// Where, from 1.
        position: usize,
    },
    /// Neither a letter from A to Z nor a digit.
    #[error("character {position} is {found:?}; a VIN has only letters A to Z and digits")]
    Character {
        /// Where, from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
}

/// What the check digit (character 9) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigit {
    /// It is what the other characters make.
    Valid,
    /// It is another.
    Mismatch {
        /// What the other characters make.
        expected: char,
        /// What stands there.
        found: char,
        /// Whether the digit binds where the vehicle was made: North America (first character
        /// 1 to 5) and China (L). Elsewhere a mismatch is a warning only.
        binding: bool,
    },
}

impl Vin {
    /// The 17 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Computes the check digit of 49 CFR 565.15 and compares.
    pub fn check(&self) -> CheckDigit {
        let sum: u32 = self
            .0
            .chars()
            .zip(WEIGHTS)
            .map(|(c, weight)| value(c) * weight)
            .sum();
        let expected = match sum % 11 {
            10 => 'X',
            rest => char::from_digit(rest, 10).unwrap_or('0'),
        };
        let found = self.0.chars().nth(8).unwrap_or_default();
        if found == expected {
            return CheckDigit::Valid;
        }
        let binding = self.0.starts_with(['1', '2', '3', '4', '5', 'L']);
        CheckDigit::Mismatch {
            expected,
            found,
            binding,
        }
    }

    /// The model year where the VIN tells it: North America only (49 CFR 565.15), where character
    /// 7 is a letter from 2010 on. That holds for cars and light trucks; for heavier vehicles and
    /// motorcycles the answer may be 30 years off, so it is a proposal to confirm.
    pub fn model_year(&self) -> Option<u16> {
        if !self.0.starts_with(['1', '2', '3', '4', '5']) {
            return None;
        }
        let code = self.0.chars().nth(9)?;
        let index = u16::try_from("ABCDEFGHJKLMNPRSTVWXY123456789".find(code)?).ok()?;
        let recent = self.0.chars().nth(6)?.is_ascii_alphabetic();
        Some(if recent { 2010 } else { 1980 } + index)
    }

    /// The maker by the world manufacturer identifier, where the small table has it.
    pub fn maker(&self) -> Option<&'static str> {
        facts::maker(self.0.get(..3)?)
    }
}

const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// 49 CFR 565.15, table III. Illegal letters never get here.
fn value(c: char) -> u32 {
    match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        'A'..='H' => u32::from(c) - u32::from('A') + 1,
        'J'..='N' => u32::from(c) - u32::from('J') + 1,
        'P' => 7,
        'R' => 9,
        'S'..='Z' => u32::from(c) - u32::from('S') + 2,
        _ => 0,
    }
}

impl FromStr for Vin {
    type Err = VinError;

    fn from_str(text: &str) -> Result<Self, VinError> {
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let vin: Vec<char> = kept.map(|c| c.to_ascii_uppercase()).collect();
        for (at, &found) in vin.iter().enumerate().take(17) {
            let position = at + 1;
            match found {
                'I' => return Err(VinError::LetterI { position }),
                'O' => return Err(VinError::LetterO { position }),
                'Q' => return Err(VinError::LetterQ { position }),
                'A'..='Z' | '0'..='9' => {}
                _ => return Err(VinError::Character { position, found }),
            }
        }
        if vin.len() != 17 {
            return Err(VinError::Length { found: vin.len() });
        }
        Ok(Self(vin.into_iter().collect()))
    }
}

impl TryFrom<String> for Vin {
    type Error = VinError;

    fn try_from(text: String) -> Result<Self, VinError> {
        text.parse()
    }
}

impl From<Vin> for String {
    fn from(vin: Vin) -> Self {
        vin.0
    }
}

impl fmt::Display for Vin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
