//! One file's or the environment's share of the configuration, and how they are laid over.

use std::path::PathBuf;

use super::{Config, Level};
use crate::paths::{Env, Paths};

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
    pub fn load(paths: &Paths, flags: &Flags, env: Env<'_>) -> Result<Self, ConfigError> {
        todo!()
    }
}
