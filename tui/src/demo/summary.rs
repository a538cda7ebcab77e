//! What the headless demo tells of itself.

use std::time::Instant;

use serde::Serialize;

use crate::command::Fault;

/// The checks, in the order of the script.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    format: u16,
    /// Whether every check held and the script came to its end.
    ok: bool,
    checks: Vec<Check>,
    /// Why the script did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    #[serde(skip)]
    began: Instant,
}

#[derive(Debug, Serialize)]
struct Check {
    what: String,
    ok: bool,
    /// What was seen.
    #[serde(skip_serializing_if = "String::is_empty")]
    seen: String,
    /// Milliseconds since the check before.
    ms: u128,
}

impl Summary {
    /// Without checks yet.
    pub(super) fn new() -> Self {
        Self {
            format: 1,
            ok: false,
            checks: Vec::new(),
            stopped: None,
            began: Instant::now(),
        }
    }

    /// Notes a check that was made, with what was seen.
    pub(super) fn check(&mut self, what: &str, ok: bool, seen: impl Into<String>) {
        self.checks.push(Check {
            what: what.to_owned(),
            ok,
            seen: seen.into(),
            ms: self.began.elapsed().as_millis(),
        });
        self.began = Instant::now();
    }

    /// Notes how the script ended.
    pub(super) fn end(&mut self, played: &Result<(), Fault>) {
        self.stopped = played.as_ref().err().map(|fault| fault.words.clone());
        self.ok = played.is_ok() && !self.checks.is_empty() && self.checks.iter().all(|it| it.ok);
    }

    /// Whether every check held.
    pub(super) fn held(&self) -> bool {
        self.ok
    }
}

#[cfg(test)]
mod tests;
