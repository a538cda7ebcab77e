//! The invariants, each a function over plain values, so that each can be shown to fail.

pub(crate) mod agrees;
pub(crate) mod atomic;
pub(crate) mod belongs;
pub(crate) mod beside;
pub(crate) mod chain;
pub(crate) mod conflict;
pub(crate) mod converge;
pub(crate) mod drained;
pub(crate) mod durable;
pub(crate) mod kept;
pub(crate) mod offered;
pub(crate) mod once;
pub(crate) mod skip;
pub(crate) mod stamps;
pub(crate) mod visible;
pub(crate) mod wall;

use std::collections::BTreeMap;

/// Kind and id to version and body.
pub(crate) type ApiDocs = BTreeMap<(String, String), (u64, Vec<u8>)>;

/// An invariant that does not hold.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    pub(crate) invariant: &'static str,
    pub(crate) words: String,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, words: impl Into<String>) -> Self {
        Self {
            invariant,
            words: words.into(),
        }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "“{}” does not hold: {}", self.invariant, self.words)
    }
}

/// A check that shows that another can fail.
pub(crate) type Proof = (&'static str, fn());

/// One for each invariant.
pub(crate) const PROOFS: &[Proof] = &[
    ("agrees", agrees::can_fail),
    ("belongs", belongs::can_fail),
    ("let_in", belongs::let_in_can_fail),
    ("beside", beside::can_fail),
    ("converge", converge::can_fail),
    ("conflict", conflict::can_fail),
    ("kept", kept::can_fail),
    ("offered", offered::can_fail),
    ("once", once::can_fail),
    ("effects_once", once::effects_can_fail),
    ("skip", skip::can_fail),
    ("atomic", atomic::can_fail),
    ("visible", visible::can_fail),
    ("drained", drained::can_fail),
    ("wall", wall::can_fail),
    ("chain", chain::can_fail),
    ("same_chain", chain::same_can_fail),
    ("stamps", stamps::can_fail),
    ("durable", durable::can_fail),
];
