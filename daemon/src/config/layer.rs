//! One file's or the environment's share of the configuration, and how the shares are laid over
//! each other.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

use super::{
    Config, DAY, Level, Loaded,
    told::{self, BACKOFF, CA, IDLE, KEEP, LEASE, LEVEL, PULL},
};
use crate::paths::{Env, Paths};

/// The file of the whole machine.
pub(super) const MACHINE: &str = "/etc/redtag/config.toml";

/// A configuration that is refused whole. The words name file, line and key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config FILE`: instead of the user's file; it must be there.
    pub file: Option<PathBuf>,
    /// `--log-level LEVEL`.
    pub log_level: Option<Level>,
}

impl Config {
    /// Reads the files and the environment and lays them over the defaults.
    pub fn load(paths: &Paths, flags: &Flags, env: Env<'_>) -> Result<Loaded, ConfigError> {
        let mut loaded = Loaded::default();
        if let Some(layer) = Layer::read(Path::new(MACHINE))? {
            layer.over(&mut loaded, |_| MACHINE.to_owned());
        }
        let own = paths.config_file();
        let file = flags.file.as_deref().unwrap_or(&own);
        match Layer::read(file)? {
            Some(layer) => layer.over(&mut loaded, |_| file.display().to_string()),
            None if flags.file.is_some() => {
                return Err(ConfigError(format!("{} is not there", file.display())));
            }
            None => {}
        }
        Layer::of(env)?.over(&mut loaded, told::variable);
        if let Some(level) = flags.log_level {
            loaded.config.log_level = level;
            loaded.note(told::LEVEL, "--log-level".to_owned());
        }
        Ok(loaded)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Layer {
    log: Log,
    sync: Sync,
    network: Network,
    lock: Lock,
    /// The client's share of the same file; the client reads and checks it.
    #[serde(rename = "client")]
    _client: toml::Table,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Log {
    level: Option<Level>,
    keep: Option<Bounded<1, 365>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Sync {
    pull_seconds: Option<Bounded<5, 3600>>,
    max_backoff_seconds: Option<Bounded<1, 3600>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Network {
    ca: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Lock {
    idle_seconds: Option<Bounded<1, 43_200>>,
    lease_days: Option<Bounded<1, 365>>,
}

impl Layer {
    /// The file's layer; none where there is no file.
    fn read(file: &Path) -> Result<Option<Self>, ConfigError> {
        match fs::read_to_string(file) {
            Ok(text) => Self::parse(file, &text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ConfigError(format!(
                "{} cannot be read: {error}",
                file.display()
            ))),
        }
    }

    fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let refused = |line: usize, why: &str| {
            ConfigError(format!(
                "{}, line {line}: {}",
                file.display(),
                redtag_protocol::text::clean(why)
            ))
        };
        let layer: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |it| it.matches('\n').count() + 1);
            refused(line, error.message())
        })?;
        if layer
            .network
            .ca
            .as_ref()
            .is_some_and(|ca| !ca.is_absolute())
        {
            let line = text.lines().position(|line| line.trim().starts_with("ca"));
            let why = "network.ca must be an absolute path, such as /etc/ssl/shop-ca.pem";
            return Err(refused(line.map_or(1, |at| at + 1), why));
        }
        Ok(layer)
    }

    fn of(env: Env<'_>) -> Result<Self, ConfigError> {
        let text = |name: &str| {
            let value = env(name)?.into_string();
            Some(value.map_err(|_| ConfigError(format!("{name} is not valid text"))))
        };
        let number = |name: &str| {
            let parse = |text: String| {
                text.trim()
                    .parse()
                    .map_err(|_| ConfigError(format!("{name} must be a whole number")))
            };
            text(name).map(|text| text.and_then(parse)).transpose()
        };
        let level = text("REDTAG_LOG_LEVEL").transpose()?.map(|level| {
            <Level as clap::ValueEnum>::from_str(&level, false).map_err(|_| {
                ConfigError("REDTAG_LOG_LEVEL must be error, warn, info, debug or trace".into())
            })
        });
        let ca = env("REDTAG_NETWORK_CA").map(PathBuf::from);
        if ca.as_ref().is_some_and(|ca| !ca.is_absolute()) {
            return Err(ConfigError(
                "REDTAG_NETWORK_CA must be an absolute path".into(),
            ));
        }
        Ok(Self {
            log: Log {
                level: level.transpose()?,
                keep: bounded("REDTAG_LOG_KEEP", number("REDTAG_LOG_KEEP")?)?,
            },
            sync: Sync {
                pull_seconds: bounded(
                    "REDTAG_SYNC_PULL_SECONDS",
                    number("REDTAG_SYNC_PULL_SECONDS")?,
                )?,
                max_backoff_seconds: bounded(
                    "REDTAG_SYNC_MAX_BACKOFF_SECONDS",
                    number("REDTAG_SYNC_MAX_BACKOFF_SECONDS")?,
                )?,
            },
            network: Network { ca },
            lock: Lock {
                idle_seconds: bounded(
                    "REDTAG_LOCK_IDLE_SECONDS",
                    number("REDTAG_LOCK_IDLE_SECONDS")?,
                )?,
                lease_days: bounded("REDTAG_LOCK_LEASE_DAYS", number("REDTAG_LOCK_LEASE_DAYS")?)?,
            },
            _client: toml::Table::new(),
        })
    }

    fn over(self, loaded: &mut Loaded, origin: impl Fn(&str) -> String) {
        let mut set = Vec::new();
        let config = &mut loaded.config;
        if let Some(level) = self.log.level {
            config.log_level = level;
            set.push(LEVEL);
        }
        if let Some(Bounded(keep)) = self.log.keep {
            config.log_keep = usize::from(keep);
            set.push(KEEP);
        }
        if let Some(Bounded(seconds)) = self.sync.pull_seconds {
            config.pull_every = Duration::from_secs(seconds.into());
            set.push(PULL);
        }
        if let Some(Bounded(seconds)) = self.sync.max_backoff_seconds {
            config.max_backoff = Duration::from_secs(seconds.into());
            set.push(BACKOFF);
        }
        if let Some(ca) = self.network.ca {
            config.ca = Some(ca);
            set.push(CA);
        }
        if let Some(Bounded(seconds)) = self.lock.idle_seconds {
            config.idle_lock = Duration::from_secs(seconds.into());
            set.push(IDLE);
        }
        if let Some(Bounded(days)) = self.lock.lease_days {
            config.lease = DAY * u32::from(days);
            set.push(LEASE);
        }
        for key in set {
            loaded.note(key, origin(key));
        }
    }
}

/// A whole number between two bounds, both included.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
struct Bounded<const MIN: u16, const MAX: u16>(u16);

impl<const MIN: u16, const MAX: u16> TryFrom<i64> for Bounded<MIN, MAX> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        u16::try_from(number)
            .ok()
            .filter(|n| (MIN..=MAX).contains(n))
            .map(Self)
            .ok_or_else(|| format!("{number} is not between {MIN} and {MAX}"))
    }
}

fn bounded<const MIN: u16, const MAX: u16>(
    name: &str,
    number: Option<i64>,
) -> Result<Option<Bounded<MIN, MAX>>, ConfigError> {
    number
        .map(Bounded::try_from)
        .transpose()
        .map_err(|why| ConfigError(format!("{name}: {why}")))
}
