//! Templates: what is inspected, in which order, and by which rules.
//!
//! A published template is a document; [`Template::parse_toml`] reads the file form that people
//! write. What the wire sends may carry fields that this program does not know, so the wire types
//! are lenient; the file form refuses every unknown field.

mod check;
mod file;
mod raw;
mod write;

use serde::{Deserialize, Serialize};

use crate::{
    canned::Canned,
    condition::Condition,
    ids::{ChoiceKey, PointKey, SectionKey, TemplateId, TemplateKey},
    units::{Decimal, Unit},
};

pub use file::{TemplateFile, TemplateFileError};

/// Whether a template takes inspections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TemplateState {
    /// Being written; takes none.
    Draft,
    /// Takes new inspections.
    Active,
    /// Takes no new inspections, lets running ones finish.
    Closing,
    /// Takes none.
    Closed,
}

/// One version of a template. An inspection keeps the version it started with, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    /// This version.
    pub id: TemplateId,
    /// The template over all its versions.
    pub key: TemplateKey,
    /// Counts from 1.
    pub version: u32,
    /// For people.
    pub name: String,
    /// Whether it takes inspections.
    pub state: TemplateState,
    /// Questions of the whole inspection that select rule cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// In the order of work.
    pub sections: Vec<Section>,
    /// Notes for any point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canned: Vec<Canned>,
    /// Fields of a newer program, kept as they came.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unknown: serde_json::Map<String, serde_json::Value>,
}

/// A question of the whole inspection that selects rule cases, such as the wheel size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// Stable.
    pub key: ChoiceKey,
    /// The question, for people.
    pub label: String,
    /// The answers it takes.
    pub options: Vec<ChoiceOption>,
    /// The answer that holds until another is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// One answer of a [`Choice`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChoiceOption {
    /// Stable.
    pub value: String,
    /// For people.
    pub label: String,
}

/// A group of points that are worked through together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Section {
    /// Stable; every point's key begins with it.
    pub key: SectionKey,
    /// For people.
    pub label: String,
    /// In the order of work.
    pub points: Vec<Point>,
    /// Notes for any of its points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canned: Vec<Canned>,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    /// Stable: `section.point[.position]`.
    pub key: PointKey,
    /// For people.
    pub label: String,
    /// How it is answered.
    #[serde(flatten)]
    pub kind: Kind,
    /// What an answer must carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// How to look, or where the rule comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Notes that are often made of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canned: Vec<Canned>,
}

/// How a point is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Kind {
    /// By a condition alone.
    Condition,
    /// By a value, graded by its rule.
    Measurement(Measurement),
    /// By one of these options.
    Choice {
        /// The answers it takes.
        options: Vec<PointOption>,
    },
    /// By free text.
    Text,
    /// By a person's signature.
    Signature {
        /// Who signs: `technician`, `driver`, `carrier`, `next_driver`.
        role: String,
        /// What is signed.
        statement: String,
        /// Whether it also takes a condition.
        #[serde(default)]
        graded: bool,
    },
}

/// One answer of a choice point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PointOption {
    /// Stable.
    pub value: String,
    /// For people.
    pub label: String,
    /// The condition that the answer sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// How a value is taken and judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Measurement {
    /// The unit proposed, in which the limits are given.
    pub unit: Unit,
    /// Others that may be typed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<Unit>,
    /// The first that fits the answers holds.
    pub cases: Vec<Case>,
}

/// A rule and its limits, for some answers or for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Case {
    /// For which answers; always where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What the limits count from.
    pub rule: Rule,
    /// Met: yellow.
    #[serde(default)]
    pub warn: Limits,
    /// Met: red.
    #[serde(default)]
    pub fail: Limits,
    /// The norm of limits that name none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The answers for which a case holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct When {
    /// Of this question,
    pub choice: ChoiceKey,
    /// any of these answers.
    pub is: Vec<String>,
}

/// What limits count from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Rule {
    /// From nought.
    Absolute,
    /// From a value that the vehicle or the part carries: value − reference.
    DeltaToReference {
        /// Where the reference is read.
        of: Reference,
        /// In which measure the limits are.
        #[serde(default)]
        measure: DeltaIn,
        /// The reference where none is known, in the measurement's unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assumed: Option<Decimal>,
    },
    /// From the value of the vehicle's previous visit: value − previous.
    DeltaToPrevious,
    /// From both ends of a range on the part: low limits from its minimum, high ones from its
    /// maximum.
    WithinReference {
        /// Where the range is read.
        of: Reference,
    },
}

/// Where a reference is read; entered once per vehicle and point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reference {
    /// The vehicle's placard.
    Placard,
    /// Stamped on the part.
    Stamped,
    /// The part's rating.
    Rated,
    /// The tyre's sidewall.
    Sidewall,
}

/// In which measure a difference to a reference is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeltaIn {
    /// The measurement's unit.
    #[default]
    Unit,
    /// Percent of the difference: −25 is a quarter below.
    Percent,
    /// Percent of the reference: 75 is a quarter below.
    PercentOf,
}

/// Both ends.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Met from below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Limit>,
    /// Met from above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Limit>,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limit {
    /// The border, in the rule's measure.
    pub value: Decimal,
    /// Whether the border itself already meets the limit (“or less”).
    pub inclusive: bool,
    /// Another unit than the measurement's, where the norm gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The norm, or `shop` for a usual shop default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Something that an answer must carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Requirement {
    /// What.
    pub what: Demand,
    /// For which conditions.
    pub when: Occasion,
}

/// What an answer must carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "demand", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Demand {
    /// A note.
    Note,
    /// At least this many photos.
    Photo {
        /// From 1.
        count: u32,
    },
    /// A recommendation.
    Action,
    /// The signature of this role.
    Signature {
        /// As in [`Kind::Signature`].
        role: String,
    },
}

/// For which conditions a requirement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Occasion {
    /// For every answer.
    Always,
    /// For yellow and red.
    YellowOrRed,
    /// For red.
    Red,
}

impl Occasion {
    /// Whether it holds for a point with this condition.
    pub fn holds(self, condition: Option<Condition>) -> bool {
        match self {
            Self::Always => true,
            Self::YellowOrRed => matches!(condition, Some(Condition::Yellow | Condition::Red)),
            Self::Red => condition == Some(Condition::Red),
        }
    }
}

impl Template {
    /// The point with this key.
    pub fn point(&self, key: &PointKey) -> Option<&Point> {
        self.points()
            .map(|(_, point)| point)
            .find(|point| point.key == *key)
    }

    /// Every point with its section, in the order of work.
    pub fn points(&self) -> impl Iterator<Item = (&Section, &Point)> {
        self.sections
            .iter()
            .flat_map(|section| section.points.iter().map(move |p| (section, p)))
    }

    /// The question with this key.
    pub fn choice(&self, key: &ChoiceKey) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.key == *key)
    }

    /// The answer that holds for a question: the one given, else the question's default.
    pub fn answer(&self, key: &ChoiceKey, given: Option<&str>) -> Option<String> {
        let default = || self.choice(key)?.default.clone();
        given.map(ToOwned::to_owned).or_else(default)
    }

    /// Reads the file form. Refuses the whole file at the first error, with line and reason.
    pub fn parse_toml(text: &str, file: &str) -> Result<TemplateFile, TemplateFileError> {
        file::parse(text, file)
    }

    /// Writes the file form, which [`Self::parse_toml`] reads as what this is, state and version
    /// aside. Fields of a newer program have none and are left out.
    pub fn to_toml(&self) -> String {
        write::write(self)
    }

    /// Whether it asks the same as a file does: everything but version and state.
    pub fn says(&self, file: &TemplateFile) -> bool {
        self.key == file.key
            && self.name == file.name
            && self.choices == file.choices
            && self.sections == file.sections
            && self.canned == file.canned
    }
}

impl Point {
    /// Where a vehicle keeps the minimum of a range on the part (`wheels.pressure.f.min`); the
    /// maximum stands at the point's own key. `None` for every rule but [`Rule::WithinReference`].
    pub fn minimum_key(&self) -> Option<PointKey> {
        let Kind::Measurement(measurement) = &self.kind else {
            return None;
        };
        let range = |case: &Case| matches!(case.rule, Rule::WithinReference { .. });
        if !measurement.cases.iter().any(range) {
            return None;
        }
        format!("{}.min", self.key).parse().ok()
    }
}

impl Choice {
    /// Whether the question takes this answer.
    pub fn takes(&self, answer: &str) -> bool {
        self.options.iter().any(|option| option.value == answer)
    }
}

impl Measurement {
    /// Whether a value may be typed in this unit.
    pub fn accepts(&self, unit: Unit) -> bool {
        unit == self.unit || self.units.contains(&unit)
    }
}

#[cfg(test)]
mod tests;
