//! Every text that this engine sends, for the tests that prove something of each.

use super::{
    line::{BEGIN_READ, BEGIN_WRITE, COMMIT, SETTINGS},
    sql,
    text::numbered,
    transaction::HEAD_LOCK,
};

/// The engine's own texts, which the embedded one has no use for.
const OWN: &[(&str, &str)] = &[
    ("BEGIN_READ", BEGIN_READ),
    ("BEGIN_WRITE", BEGIN_WRITE),
    ("COMMIT", COMMIT),
    ("HEAD_LOCK", HEAD_LOCK),
    ("SETTINGS", SETTINGS),
];

/// Each with its name, as PostgreSQL gets it.
pub fn all() -> Vec<(&'static str, String)> {
    let shared = sql::control::ALL.iter().chain(sql::shop::ALL);
    let each = shared.chain(OWN);
    each.map(|(name, text)| (*name, translated(text))).collect()
}

/// A text with numbers for its names.
pub fn translated(text: &'static str) -> String {
    numbered(text).sql.clone()
}
