//! News from the daemon to clients that subscribed.

use serde::{Deserialize, Serialize};

use super::view::Status;
use crate::entity::EntityRef;

/// News.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Push {
    /// Documents are not what they were, through anybody's doing; ask again for what is shown.
    Changed {
        /// Which; empty when they are too many to name.
        documents: Vec<EntityRef>,
    },
    /// The state of connection, queue or account changed.
    Status(Box<Status>),
    /// The daemon stops; connect again to start it.
    Stopping,
}
