//! News from the daemon to clients that subscribed.

use serde::{Deserialize, Serialize};

use super::{difference::Difference, view::Status};
use crate::entity::EntityRef;

/// News.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Push {
    /// Documents are not what they were, through anybody's doing; ask again for what is shown.
    Changed {
        /// Which; empty when they are too many to name.
        documents: Vec<EntityRef>,
        /// What became of the inspection that this client watches, where it is among them and the
        /// difference says all of it; else the whole is to be read. Version 6.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        difference: Option<Box<Difference>>,
    },
    /// The state of connection, queue or account changed.
    Status(Box<Status>),
    /// The account is locked for this client, which forgets what it shows of it; said again where the
    /// lock stands otherwise than before, such as after a pause that another client's sign-in ended.
    /// Version 7.
    Locked {
        /// Its id.
        account: String,
    },
    /// The daemon stops; connect again to start it.
    Stopping,
}
