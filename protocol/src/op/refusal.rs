//! Why an operation was not taken.

use serde::{Deserialize, Serialize};

/// Why an operation was refused, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RefusalCode {
    /// The role does not hold the permission.
    NotAllowed,
    /// The document, or one it names, is not in this shop.
    NotFound,
    /// A document with this id is there already.
    Exists,
    /// The template version takes no new inspections.
    TemplateClosed,
    /// The inspection is in another state.
    WrongState,
    /// The template has no such point or question.
    UnknownPoint,
    /// The value does not fit the point, field or unit.
    Invalid,
    /// A requirement of the template is not met.
    Incomplete,
    /// Another operation of the same group was refused.
    Group,
    /// The creation of the document was refused.
    Parent,
    /// The API failed on this operation; others went on.
    Internal,
    /// What is known of this customer was erased, and stays so.
    Erased,
    /// An inspection names what was to be deleted.
    InUse,
    /// A reason that a newer API gave; its words say it.
    #[serde(other)]
    Other,
}

impl RefusalCode {
    /// The code as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::NotFound => "not_found",
            Self::Exists => "exists",
            Self::TemplateClosed => "template_closed",
            Self::WrongState => "wrong_state",
            Self::UnknownPoint => "unknown_point",
            Self::Invalid => "invalid",
            Self::Incomplete => "incomplete",
            Self::Group => "group",
            Self::Parent => "parent",
            Self::Internal => "internal",
            Self::Erased => "erased",
            Self::InUse => "in_use",
            Self::Other => "other",
        }
    }
}

/// A refusal: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{words}")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// For programs.
    pub code: RefusalCode,
    /// For people: what is wrong and what to do.
    pub words: String,
    /// The refused operation of the same group that took this one with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<u64>,
    /// The refused operation that should have created the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
}

impl Refusal {
    /// A refusal in words.
    pub fn new(code: RefusalCode, words: impl Into<String>) -> Self {
        Self {
            code,
            words: words.into(),
            because: None,
            parent: None,
        }
    }
}
