//! Where each value of the configuration comes from.

use std::{collections::BTreeMap, time::Duration};

use redtag_protocol::ipc::Setting;

use super::{Config, DAY, Level};

pub(super) const LEVEL: &str = "log.level";
pub(super) const KEEP: &str = "log.keep";
pub(super) const PULL: &str = "sync.pull_seconds";
pub(super) const BACKOFF: &str = "sync.max_backoff_seconds";
pub(super) const CA: &str = "network.ca";
pub(super) const IDLE: &str = "lock.idle_seconds";
pub(super) const LEASE: &str = "lock.lease_days";

/// A configuration, and where each of its values comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What holds.
    pub config: Config,
    /// By key; what is not in it is a default.
    origins: BTreeMap<&'static str, String>,
}

impl Loaded {
    /// Notes who had the last word on a value.
    pub(super) fn note(&mut self, key: &'static str, origin: String) {
        self.origins.insert(key, origin);
    }

    /// Every value with its origin, in the order of the documentation.
    pub fn settings(&self) -> Vec<Setting> {
        let config = &self.config;
        let seconds = |it: Duration| it.as_secs().to_string();
        let ca = config.ca.as_ref();
        [
            (LEVEL, quoted(level(config.log_level))),
            (KEEP, config.log_keep.to_string()),
            (PULL, seconds(config.pull_every)),
            (BACKOFF, seconds(config.max_backoff)),
            (
                CA,
                ca.map_or_else(String::new, |ca| quoted(&ca.display().to_string())),
            ),
            (IDLE, seconds(config.idle_lock)),
            (LEASE, (config.lease.as_secs() / DAY.as_secs()).to_string()),
        ]
        .into_iter()
        .map(|(key, value)| Setting {
            key: key.to_owned(),
            value,
            origin: self
                .origins
                .get(key)
                .cloned()
                .unwrap_or_else(|| "default".to_owned()),
        })
        .collect()
    }
}

/// The variable of the environment that sets a key.
pub(super) fn variable(key: &str) -> String {
    format!("REDTAG_{}", key.replace('.', "_").to_uppercase())
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
