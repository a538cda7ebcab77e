//! The one table of state × verb × role that decides who may move an inspection where.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::role::{Permission, Role};

/// Where an inspection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum State {
    /// Created, nobody has begun.
    Draft,
    /// A technician works on it.
    InProgress,
    /// Handed in for review.
    Submitted,
    /// Sent back to the technician with a reason.
    Returned,
    /// Reviewed and found good.
    Approved,
    /// Shown to the customer.
    Published,
    /// The customer has answered.
    Decided,
    /// Done.
    Closed,
    /// Withdrawn; kept, never deleted.
    Void,
}

/// What a person does to an inspection's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Verb {
    /// Begin the work.
    Start,
    /// Hand in for review.
    Submit,
    /// Send back with a reason.
    Return,
    /// Take up again what was sent back.
    Resume,
    /// Find good.
    Approve,
    /// Show to the customer.
    Publish,
    /// Record the customer's answer.
    Decide,
    /// Finish.
    Close,
    /// Withdraw, with a reason.
    Void,
    /// Begin a new revision.
    Reopen,
}

/// One row of the table: from any of `from`, by whoever holds `needs`, to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The verb.
    pub verb: Verb,
    /// The states it leaves.
    pub from: &'static [State],
    /// The state it reaches.
    pub to: State,
    /// What the actor's role must hold.
    pub needs: Permission,
    /// Whether the actor must say why.
    pub reason: bool,
}

/// The table. `assign` moves nothing and is an edit of the assignee, under [`Permission::Review`].
pub const RULES: &[Rule] = {
    use Permission as P;
    use State as S;
    use Verb as V;
    const fn rule(verb: Verb, from: &'static [State], to: State, needs: Permission) -> Rule {
        Rule {
            verb,
            from,
            to,
            needs,
            reason: false,
        }
    }
    const fn with_reason(rule: Rule) -> Rule {
        Rule {
            reason: true,
            ..rule
        }
    }
    &[
        rule(V::Start, &[S::Draft], S::InProgress, P::Fill),
        rule(V::Submit, &[S::InProgress], S::Submitted, P::Submit),
        with_reason(rule(
            V::Return,
            &[S::Submitted, S::Approved],
            S::Returned,
            P::Review,
        )),
        rule(V::Resume, &[S::Returned], S::InProgress, P::Fill),
        rule(V::Approve, &[S::Submitted], S::Approved, P::Review),
        rule(V::Publish, &[S::Approved], S::Published, P::Review),
        with_reason(rule(V::Decide, &[S::Published], S::Decided, P::Review)),
        rule(V::Close, &[S::Decided], S::Closed, P::Review),
        with_reason(rule(
            V::Void,
            &[
                S::Draft,
                S::InProgress,
                S::Submitted,
                S::Returned,
                S::Approved,
                S::Published,
                S::Decided,
            ],
            S::Void,
            P::Own,
        )),
        with_reason(rule(
            V::Reopen,
            &[S::Approved, S::Published, S::Decided, S::Closed, S::Void],
            S::InProgress,
            P::Own,
        )),
    ]
};

impl Verb {
    /// All verbs, in the order of an inspection's life.
    pub const ALL: [Self; 10] = [
        Self::Start,
        Self::Submit,
        Self::Return,
        Self::Resume,
        Self::Approve,
        Self::Publish,
        Self::Decide,
        Self::Close,
        Self::Void,
        Self::Reopen,
    ];

    /// The verb's row.
    pub fn rule(self) -> &'static Rule {
        // `RULES` stands in the order of the enum; a test holds the two together.
        &RULES[self as usize]
    }

    /// The verb as it is typed and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Submit => "submit",
            Self::Return => "return",
            Self::Resume => "resume",
            Self::Approve => "approve",
            Self::Publish => "publish",
            Self::Decide => "decide",
            Self::Close => "close",
            Self::Void => "void",
            Self::Reopen => "reopen",
        }
    }
}

impl State {
    /// All states, in the order of an inspection's life.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::InProgress,
        Self::Submitted,
        Self::Returned,
        Self::Approved,
        Self::Published,
        Self::Decided,
        Self::Closed,
        Self::Void,
    ];

    /// Whether there is nothing left to do.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Void)
    }

    /// The state as it is typed and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InProgress => "in_progress",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Decided => "decided",
            Self::Closed => "closed",
            Self::Void => "void",
        }
    }

    /// The state as a person reads it.
    pub fn words(self) -> &'static str {
        match self {
            Self::InProgress => "in progress",
            other => other.as_str(),
        }
    }

    /// Whether points may still be filled in; past it an edit is kept, but changes nothing visible.
    pub fn takes_edits(self) -> bool {
        matches!(self, Self::Draft | Self::InProgress | Self::Returned)
    }

    /// What this role may do from here, in the table's order.
    pub fn verbs(self, role: Role) -> impl Iterator<Item = Verb> {
        RULES
            .iter()
            .filter(move |rule| rule.from.contains(&self) && role.may(rule.needs))
            .map(|rule| rule.verb)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no state or verb; it says which there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such {what}; use one of: {known}")]
pub struct UnknownWord {
    what: &'static str,
    known: String,
}

impl FromStr for State {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text || state.words() == text)
            .ok_or_else(|| UnknownWord {
                what: "state",
                known: known(),
            })
    }
}

impl FromStr for Verb {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = || Self::ALL.map(Self::as_str).join(", ");
        Self::ALL
            .into_iter()
            .find(|verb| verb.as_str() == text)
            .ok_or_else(|| UnknownWord {
                what: "verb",
                known: known(),
            })
    }
}

#[cfg(test)]
mod tests;
