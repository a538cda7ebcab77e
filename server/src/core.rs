//! The rules of the API over a storage transaction; nothing here knows HTTP.
//!
//! [`push`](push::push) takes what benches did, [`changes`] gives what they do not know yet, and
//! [`devices`] tells what is held of a bench's numbers; [`shops`], [`settings`], [`members`]
//! and [`templates`] are what an operator does. All of them change a shop in
//! one way, through a ledger: the document, its event and the head in one transaction.

pub mod access;
pub mod changes;
pub mod devices;
pub mod identities;
pub mod key_copies;
pub mod kiosks;
mod ledger;
pub mod members;
pub mod news;
pub mod pairing;
pub mod push;
pub mod second_factor;
pub mod sessions;
pub mod settings;
pub mod shops;
pub mod templates;
pub mod tokens;
mod told;

#[cfg(test)]
pub(crate) mod tests;

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    ids::{PersonId, ShopId},
    role::Role,
    shop::Member,
};

use crate::storage::{Storage, StorageError, Stored};

/// A person's role in a shop now. None: never a member, or no longer, or no such shop.
pub async fn author(
    storage: &dyn Storage,
    shop: ShopId,
    person: PersonId,
) -> Result<Option<Role>, StorageError> {
    let found = storage
        .documents(shop, vec![EntityRef::Member(person)])
        .await;
    match found {
        Ok(found) => role_of(found.into_iter().next().flatten()),
        Err(StorageError::NoShop(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The role that a stored member document grants.
fn role_of(stored: Option<Stored>) -> Result<Option<Role>, StorageError> {
    let Some(stored) = stored else {
        return Ok(None);
    };
    let member: Member = serde_json::from_str(&stored.body)
        .map_err(|error| StorageError::garbled("member", error))?;
    Ok((!member.removed).then_some(member.role))
}

/// A stored document as the rules see it.
pub(crate) fn entity(stored: &Stored) -> Result<Entity, StorageError> {
    let kind = stored.key.kind();
    let what = match kind {
        Kind::Shop => "shop",
        Kind::Member => "member",
        Kind::Template => "template",
        Kind::Customer => "customer",
        Kind::Vehicle => "vehicle",
        Kind::Inspection => "inspection",
    };
    Entity::from_body(kind, &stored.body).map_err(|error| StorageError::garbled(what, error))
}
