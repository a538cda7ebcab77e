//! Sign-ins as their owners see them.

use std::collections::HashMap;

use redtag_protocol::ids::ShopId;

use super::members;
use crate::{
    auth::refresh,
    storage::{Session, Storage, StorageError},
};

/// A sign-in with the names that belong to it.
#[derive(Debug, Clone)]
pub struct Open {
    /// The sign-in.
    pub session: Session,
    /// How colleagues call its person.
    pub name: String,
    /// What people call its device.
    pub device: String,
}

/// The sign-ins to a shop that are good at this time (seconds since 1970), the newest first.
pub async fn list(
    storage: &dyn Storage,
    shop: ShopId,
    now: u64,
) -> Result<Vec<Open>, StorageError> {
    let mut sessions = storage.sessions(shop).await?;
    sessions.retain(|it| !refresh::expired(it.created.0 / 1000, it.used.0 / 1000, now));
    let names = members::list(storage, shop).await?;
    let names: HashMap<_, _> = names.into_iter().map(|it| (it.id, it.name)).collect();
    let devices = storage.devices(shop).await?;
    let devices: HashMap<_, _> = devices.into_iter().map(|it| (it.id, it.name)).collect();
    let open = |session: Session| Open {
        name: names.get(&session.person).cloned().unwrap_or_default(),
        device: devices.get(&session.device).cloned().unwrap_or_default(),
        session,
    };
    Ok(sessions.into_iter().map(open).collect())
}
