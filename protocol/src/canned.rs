//! Canned notes: what is often said of a point, with the condition and the recommended work that go
//! with it.
//!
//! A template brings some along, for the points and sections that it has. A shop keeps its own, for
//! a point, a section or everywhere. They are looked up nearest first: the point's, the section's,
//! then those for everywhere.
//!
//! A shop's notes are added and dropped, never changed: who wants another wording drops one and adds
//! one. So two benches can never be in conflict about them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    condition::Condition,
    ids::{CannedId, PointKey, SectionKey, TemplateKey},
    inspection::Recommendation,
    money::Cents,
    template::Template,
    text,
};

/// The most notes that a shop keeps: its document goes to every bench whole.
pub const MAX_KEPT: usize = 500;

/// The longest note, in characters.
pub const MAX_TEXT: usize = 500;

/// A note with what it sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Canned {
    /// The note: at most [`MAX_TEXT`] characters.
    pub text: String,
    /// The condition that it sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// The work that it recommends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<Recommendation>,
    /// Fields of a newer program, kept as they came; an operation must have none.
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub unknown: Map<String, Value>,
}

/// Where a shop's note is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// At every point of every template.
    Shop,
    /// In a section.
    Section {
        /// Of this template, whatever its version.
        template: TemplateKey,
        /// Which.
        section: SectionKey,
    },
    /// At a point.
    Point {
        /// Of this template, whatever its version.
        template: TemplateKey,
        /// Which.
        point: PointKey,
    },
    /// As a newer program wrote it; offered nowhere.
    #[serde(other)]
    Unknown,
}

/// A note that a shop keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Kept {
    /// Where it is offered.
    pub scope: Scope,
    /// The note.
    pub note: Canned,
}

/// How near to a point a note was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// It is the point's own.
    Point,
    /// It is its section's.
    Section,
    /// It is for everywhere.
    Shop,
}

/// A note for a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How near.
    pub near: Near,
    /// Its id, where the shop keeps it; none where the template brings it along.
    pub id: Option<CannedId>,
    /// The note.
    pub note: Canned,
}

impl Canned {
    /// What is wrong with it, in words.
    ///
    /// # Errors
    ///
    /// An empty or too long text, an amount below nought.
    pub fn check(&self) -> Result<(), String> {
        text::bounded_text(&self.text, "the canned note", MAX_TEXT).map_err(|it| it.to_string())?;
        let Some(work) = &self.recommendation else {
            return Ok(());
        };
        text::bounded(&work.text, "the recommendation", 200).map_err(|it| it.to_string())?;
        if work.labour < Cents::ZERO || work.parts < Cents::ZERO {
            return Err("labour and parts cannot be negative".to_owned());
        }
        Ok(())
    }
}

impl Scope {
    /// How near it is to a point of a template; none where it is not offered there.
    fn near(&self, template: &Template, section: &SectionKey, point: &PointKey) -> Option<Near> {
        match self {
            Self::Shop => Some(Near::Shop),
            Self::Section {
                template: of,
                section: at,
            } => (*of == template.key && at == section).then_some(Near::Section),
            Self::Point {
                template: of,
                point: at,
            } => (*of == template.key && at == point).then_some(Near::Point),
            Self::Unknown => None,
        }
    }
}

/// The notes for a point, the nearest first; at the same distance the shop's own come before the
/// template's, and the newest of the shop's first.
pub fn lookup<'a>(
    template: &Template,
    kept: impl IntoIterator<Item = (&'a CannedId, &'a Kept)>,
    point: &PointKey,
) -> Vec<Found> {
    let Some((section, at)) = template.points().find(|(_, it)| it.key == *point) else {
        return Vec::new();
    };
    let own = kept.into_iter().filter_map(|(id, kept)| {
        Some(Found {
            near: kept.scope.near(template, &section.key, point)?,
            id: Some(*id),
            note: kept.note.clone(),
        })
    });
    let mut found: Vec<Found> = own.collect();
    // An id begins with the time at which it was made.
    found.sort_by_key(|it| std::cmp::Reverse(it.id));
    let brought = [
        (Near::Point, &at.canned),
        (Near::Section, &section.canned),
        (Near::Shop, &template.canned),
    ];
    for (near, notes) in brought {
        found.extend(notes.iter().map(|note| Found {
            near,
            id: None,
            note: note.clone(),
        }));
    }
    found.sort_by_key(|it| it.near);
    found
}

#[cfg(test)]
mod tests;
