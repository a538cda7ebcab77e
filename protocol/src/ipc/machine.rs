//! What a daemon says of itself and of the machine it runs on.

use serde::{Deserialize, Serialize};

/// One value of the configuration in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// As in the file: `log.level`.
    pub key: String,
    /// As in TOML; empty where it is not set and has no default.
    pub value: String,
    /// Where it comes from: a file, a variable of the environment, a flag, or `default`.
    pub origin: String,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A short name: `disk`, `cache 3f21…`.
    pub what: String,
    /// Whether it is in order.
    pub ok: bool,
    /// What was found and, where it is not in order, what to do.
    pub found: String,
}
