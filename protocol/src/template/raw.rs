//! The file form of a template, before it is checked. Every unknown field is an error.

use serde::Deserialize;
use toml::Spanned;

use crate::{
    condition::Condition,
    ids::{ChoiceKey, PointKey, SectionKey, TemplateKey},
    money::Cents,
    units::{Decimal, Unit},
};

use super::{DeltaIn, Occasion, Reference};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) key: TemplateKey,
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) choice: Vec<RawChoice>,
    #[serde(default)]
    pub(super) section: Vec<RawSection>,
    #[serde(default)]
    pub(super) canned: Vec<Spanned<RawCanned>>,
}

/// A canned note; `labour` and `parts` in cents belong to `work`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCanned {
    pub(super) text: String,
    pub(super) condition: Option<Condition>,
    pub(super) work: Option<String>,
    pub(super) labour: Option<Cents>,
    pub(super) parts: Option<Cents>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChoice {
    pub(super) key: Spanned<ChoiceKey>,
    pub(super) label: String,
    pub(super) options: Vec<RawOption>,
    pub(super) default: Option<String>,
}

/// An option of a question or of a choice point; a question's sets no condition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOption {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) condition: Option<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    pub(super) key: Spanned<SectionKey>,
    pub(super) label: String,
    #[serde(default)]
    pub(super) point: Vec<RawPoint>,
    #[serde(default)]
    pub(super) canned: Vec<Spanned<RawCanned>>,
}

/// Fields of all kinds; those of another kind are refused later, with the point's line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPoint {
    pub(super) key: Spanned<PointKey>,
    pub(super) label: String,
    #[serde(default)]
    pub(super) kind: RawKind,
    pub(super) hint: Option<String>,
    #[serde(default)]
    pub(super) requires: Vec<RawRequirement>,
    #[serde(default)]
    pub(super) canned: Vec<Spanned<RawCanned>>,
    pub(super) unit: Option<Unit>,
    pub(super) units: Option<Vec<Unit>>,
    pub(super) case: Option<Vec<RawCase>>,
    pub(super) options: Option<Vec<RawOption>>,
    pub(super) role: Option<String>,
    pub(super) statement: Option<String>,
    pub(super) graded: Option<bool>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawKind {
    #[default]
    Condition,
    Measurement,
    Choice,
    Text,
    Signature,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    pub(super) when: Option<RawWhen>,
    #[serde(default)]
    pub(super) rule: RawRule,
    pub(super) of: Option<Reference>,
    pub(super) measure: Option<DeltaIn>,
    pub(super) assumed: Option<Decimal>,
    #[serde(default)]
    pub(super) warn: RawLimits,
    #[serde(default)]
    pub(super) fail: RawLimits,
    pub(super) source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWhen {
    pub(super) choice: ChoiceKey,
    pub(super) is: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawRule {
    #[default]
    Absolute,
    DeltaToReference,
    DeltaToPrevious,
    WithinReference,
}

/// `below` is <, `at_most` ≤, `above` >, `at_least` ≥.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    pub(super) below: Option<Decimal>,
    pub(super) at_most: Option<Decimal>,
    pub(super) above: Option<Decimal>,
    pub(super) at_least: Option<Decimal>,
    pub(super) unit: Option<Unit>,
    pub(super) source: Option<String>,
}

/// Exactly one of the first four.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRequirement {
    #[serde(default)]
    pub(super) note: bool,
    pub(super) photos: Option<u32>,
    #[serde(default)]
    pub(super) action: bool,
    pub(super) signature: Option<String>,
    pub(super) when: Option<Occasion>,
}
