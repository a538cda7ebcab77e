//! Picking up a changed file while running.

use super::Config;

/// The configuration in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What holds.
    pub config: Config,
    /// Why a changed file was refused and the old values kept, for
    /// [`redtag_protocol::ipc::Status::notices`].
    pub problem: Option<String>,
}

/// x
pub fn watch() {}
