//! Whose a sign-in at a provider (OpenID Connect) is.

use redtag_protocol::stamp::Stamp;

use super::{author, kiosks};
use crate::{
    openid,
    storage::{Identity, Person, Storage, StorageError},
};

/// Whom a provider means.
#[derive(Debug)]
pub struct Found {
    /// Who.
    pub person: Person,
    /// Whether it is a way in that they did not have before.
    pub new: bool,
}

/// The member that a provider means. One that is linked stays linked, whatever becomes of addresses;
/// the first time it is whoever has the address that the provider has verified, if that person is a
/// member of a shop and linked with nobody else there. Nobody is ever made.
pub async fn member(
    storage: &dyn Storage,
    shown: &openid::Identity,
    now: Stamp,
) -> Result<Option<Found>, StorageError> {
    let found = || storage.identity(shown.issuer.clone(), shown.subject.clone());
    if let Some(linked) = found().await? {
        let person = storage.person(linked.person).await?;
        return Ok(person.map(|person| Found { person, new: false }));
    }
    let Some(email) = &shown.email else {
        return Ok(None);
    };
    let person = storage.person_by_email(email.clone()).await?;
    let Some(person) = person.filter(|it| !kiosks::is_kiosk(&it.email)) else {
        return Ok(None);
    };
    if !belongs(storage, &person).await? {
        return Ok(None);
    }
    let link = Identity {
        issuer: shown.issuer.clone(),
        subject: shown.subject.clone(),
        person: person.id,
        created: now,
    };
    if storage.identity_link(link).await? {
        tracing::info!(person = %person.id, "linked with an account at the OpenID provider");
        return Ok(Some(Found { person, new: true }));
    }
    // Somebody was quicker: with the same account, or this person with another one.
    let linked = found().await?;
    Ok(linked
        .is_some_and(|it| it.person == person.id)
        .then_some(Found { person, new: false }))
}

async fn belongs(storage: &dyn Storage, person: &Person) -> Result<bool, StorageError> {
    for shop in storage.memberships(person.id).await? {
        if author(storage, shop.id, person.id).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
