//! Sign-ins as their owners see them.

use std::collections::HashMap;

use redtag_protocol::{
    event::{Access, Actor},
    ids::ShopId,
    stamp::{Seq, Stamp},
};

use super::{
    access::{self, Whose},
    members,
};
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

/// Tells in the shop that a sign-in is about to be taken from its device.
pub async fn tell_revoked(
    storage: &dyn Storage,
    session: &Session,
    by: Actor,
    now: Stamp,
) -> Result<Option<Seq>, StorageError> {
    let devices = storage.devices(session.shop).await?;
    let device = devices.into_iter().find(|it| it.id == session.device);
    let device = device.map(|it| it.name).unwrap_or_default();
    let whose = Whose::Member(session.person);
    access::tell(
        storage,
        session.shop,
        whose,
        by,
        Access::Revoked { device },
        now,
    )
    .await
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
