//! Access tokens of scripts. A token acts as its person in one shop, never with more than they may, until
//! it expires, is taken back, or they belong to the shop no more.

use std::collections::HashMap;

use redtag_protocol::{
    api::tokens::{MOST_DAYS, Token},
    event::{Access, Actor, Scope},
    ids::{DeviceId, PassId, PersonId, ShopId},
    stamp::{Seq, Stamp},
};
use zeroize::Zeroizing;

use super::{
    access::{self, Whose},
    members,
};
use crate::{
    auth::pass::{self, Presented},
    keys::random,
    storage::{Device, Pass, Storage, StorageError},
};

/// What a pass of this kind is for.
const KIND: &str = "access";

const DAY: u64 = 24 * 3_600_000;

/// What somebody wants a token for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// For how long.
    pub days: u64,
}

/// A token that was made.
pub struct Made {
    /// Its text, which is shown this once.
    pub text: Zeroizing<String>,
    /// Which.
    pub pass: Pass,
    /// The event that tells of it.
    pub told: Seq,
}

/// Makes a token; none where the person does not belong to the shop. A device of its own comes with it,
/// under which it pushes.
pub async fn make(
    storage: &dyn Storage,
    shop: ShopId,
    person: PersonId,
    wanted: Wanted,
    now: Stamp,
) -> Result<Option<Made>, StorageError> {
    let id = PassId::from_parts(now.0, random());
    let (text, digest) = pass::mint(pass::ACCESS, shop, id);
    let expires = now.0.saturating_add(wanted.days.min(MOST_DAYS) * DAY);
    let pass = Pass {
        shop,
        id,
        kind: KIND.to_owned(),
        person: Some(person),
        digest,
        name: wanted.name.clone(),
        gives: wanted.scope.as_str().to_owned(),
        created: now,
        expires: Stamp(expires),
        used: None,
        ended: None,
    };
    let deed = Access::TokenMade {
        name: wanted.name.clone(),
        scope: wanted.scope,
        expires: pass.expires,
    };
    let by = Actor::Caller { person };
    let told = access::tell(storage, shop, Whose::Member(person), by, deed, now).await?;
    let Some(told) = told else { return Ok(None) };
    storage
        .device_register(Device {
            id: device(id),
            shop,
            person,
            name: wanted.name,
            created: now,
            destroyed: None,
        })
        .await?;
    storage.pass_create(pass.clone()).await?;
    Ok(Some(Made { text, pass, told }))
}

/// The device that a token is.
pub fn device(token: PassId) -> DeviceId {
    DeviceId::from_bytes(*token.as_bytes())
}

/// The tokens of a shop that are good, the newest first.
pub async fn list(
    storage: &dyn Storage,
    shop: ShopId,
    now: Stamp,
) -> Result<Vec<Token>, StorageError> {
    let mut passes = storage.passes(shop).await?;
    passes.retain(|it| is_good(it, now));
    passes.sort_by_key(|it| std::cmp::Reverse(it.id));
    let members = members::list(storage, shop).await?;
    let members = members.into_iter().filter(|it| !it.removed);
    let names: HashMap<_, _> = members.map(|it| (it.id, it.name)).collect();
    let token = |pass: Pass| {
        let person = pass.person?;
        // Whoever belongs to the shop no more has none that lets in.
        told(pass, names.get(&person)?.clone())
    };
    Ok(passes.into_iter().filter_map(token).collect())
}

/// What is known of a token; none where it is none.
pub fn told(pass: Pass, name: String) -> Option<Token> {
    Some(Token {
        id: pass.id,
        person: pass.person?,
        name,
        called: pass.name,
        scope: pass.gives.parse().ok()?,
        created: pass.created,
        expires: pass.expires,
    })
}

/// Takes a token of either kind back. Whether this did it.
pub async fn end(
    storage: &dyn Storage,
    pass: &Pass,
    by: Actor,
    now: Stamp,
) -> Result<(bool, Option<Seq>), StorageError> {
    let mut told = None;
    if pass.ended.is_none() {
        let whose = pass.person.map_or(Whose::Shop, Whose::Member);
        let deed = Access::TokenEnded {
            name: pass.name.clone(),
        };
        told = access::tell(storage, pass.shop, whose, by, deed, now).await?;
    }
    let ended = storage.pass_end(pass.shop, pass.id, now).await?;
    Ok((ended, told))
}

/// As whom, and what for, somebody is let in who presents this; none where it is not good.
pub async fn standing(
    storage: &dyn Storage,
    presented: &Presented,
    now: Stamp,
) -> Result<Option<(Pass, PersonId, Scope)>, StorageError> {
    let found = storage.pass(presented.shop, presented.id).await?;
    let good = found.filter(|it| is_good(it, now) && presented.fits(&it.digest));
    Ok(good.and_then(|pass| {
        let (person, scope) = (pass.person?, pass.gives.parse().ok()?);
        Some((pass, person, scope))
    }))
}

/// Ends every token of a person in a shop, as their sign-ins there end.
pub async fn end_all(
    storage: &dyn Storage,
    shop: ShopId,
    person: PersonId,
    now: Stamp,
) -> Result<(), StorageError> {
    let passes = storage.passes(shop).await?;
    let theirs = passes.iter().filter(|it| it.person == Some(person));
    for pass in theirs.filter(|it| it.ended.is_none()) {
        storage.pass_end(shop, pass.id, now).await?;
    }
    Ok(())
}

/// Ends every token of a person, in all shops: their password was replaced, perhaps because somebody else
/// had it.
pub async fn end_everywhere(
    storage: &dyn Storage,
    person: PersonId,
    now: Stamp,
) -> Result<(), StorageError> {
    for shop in storage.memberships(person).await? {
        end_all(storage, shop.id, person, now).await?;
    }
    Ok(())
}

/// Whether a token that was let in before still is.
pub async fn stands(
    storage: &dyn Storage,
    shop: ShopId,
    id: PassId,
    now: Stamp,
) -> Result<bool, StorageError> {
    let found = storage.pass(shop, id).await?;
    Ok(found.is_some_and(|it| is_good(&it, now)))
}

fn is_good(pass: &Pass, now: Stamp) -> bool {
    pass.kind == KIND && pass.ended.is_none() && now < pass.expires
}
