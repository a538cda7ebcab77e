//! Configuration: flags, then environment `REDTAG_*`, then the user's file, then
//! `/etc/redtag/config.toml`, then defaults. Unknown keys are errors.

mod layer;
mod told;
mod watch;

pub use layer::{ConfigError, Flags};
pub use told::Loaded;
pub use watch::{Settings, watch};

use std::{path::PathBuf, time::Duration};

/// What a lease is counted in.
const DAY: Duration = Duration::from_hours(24);

/// What can be configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `log.level`: how much is logged.
    pub log_level: Level,
    /// `log.keep`: how many log files are kept, 1 to 365: one a day, more on a day that fills one.
    pub log_keep: usize,
    /// `sync.pull_seconds`: how often to pull although no hint came, 5 to 3600 s.
    pub pull_every: Duration,
    /// `sync.max_backoff_seconds`: the longest pause between tries, 1 to 3600 s.
    pub max_backoff: Duration,
    /// `network.ca`: a PEM file of certificates to trust besides the usual ones, for every API.
    pub ca: Option<PathBuf>,
    /// `lock.idle_seconds`: after how long without a key an account that has a PIN is locked, 1 to
    /// 43,200 s.
    pub idle_lock: Duration,
    /// `lock.lease_days`: for how long a copy is shown without having heard from the API, 1 to 365
    /// days.
    pub lease: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_level: Level::Info,
            log_keep: 14,
            pull_every: Duration::from_mins(1),
            max_backoff: Duration::from_mins(1),
            ca: None,
            idle_lock: Duration::from_mins(5),
            lease: DAY * 14,
        }
    }
}

/// How much is logged; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Faults only.
    Error,
    /// What a person should look at.
    Warn,
    /// What happened.
    Info,
    /// Every call.
    Debug,
    /// Everything.
    Trace,
}

#[cfg(test)]
mod tests;
