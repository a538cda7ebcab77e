//! Benches that nobody in particular signs in on. A kiosk is a member like any other, without a
//! password: a token lets it in once, and from then on it is its sign-in that counts.

use redtag_protocol::{
    event::{Access, Actor},
    ids::{PassId, PersonId, ShopId},
    role::Role,
    stamp::{Seq, Stamp},
};
use zeroize::Zeroizing;

use super::{
    access::{self, Whose},
    members::{self, MemberError},
    second_factor, settings,
};
use crate::{
    auth::{
        pass::{self, Presented},
        password,
    },
    keys::random,
    storage::{Pass, Person, Storage, StorageError},
};

/// What a pass of this kind is for.
const KIND: &str = "kiosk";

/// Where a kiosk's address ends: nobody's mailbox (RFC 2606, section 2).
const MAILBOX: &str = "@kiosk.invalid";

/// The longest life of a token, in hours.
pub const HOURS: u64 = 24;

/// Why no kiosk was let in.
#[derive(Debug, thiserror::Error)]
pub enum KioskError {
    /// It is none of this server's, was used, taken back, or is too old.
    #[error("the enrolment token is wrong, was used before, or is too old; ask for a new one")]
    Refused,
    /// The member.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A kiosk that was let in.
#[derive(Debug)]
pub struct Enrolled {
    /// Who it is from now on.
    pub person: Person,
    /// Where.
    pub shop: ShopId,
    /// By which token.
    pass: PassId,
    /// The change of the members.
    pub changed: Option<Seq>,
}

/// A token for one kiosk: its text, which is shown this once.
pub async fn token(
    storage: &dyn Storage,
    shop: ShopId,
    role: Role,
    name: &str,
    hours: u64,
    now: Stamp,
) -> Result<Zeroizing<String>, StorageError> {
    let id = PassId::from_parts(now.0, random());
    let (text, digest) = pass::mint(pass::ENROLMENT, shop, id);
    let token = Pass {
        shop,
        id,
        kind: KIND.to_owned(),
        person: None,
        digest,
        name: name.to_owned(),
        gives: role.as_str().to_owned(),
        created: now,
        expires: Stamp(now.0.saturating_add(hours.min(HOURS) * 3_600_000)),
        used: None,
        ended: None,
    };
    let deed = Access::KioskToken {
        name: name.to_owned(),
        role,
    };
    access::tell(storage, shop, Whose::Shop, Actor::Operator, deed, now).await?;
    storage.pass_create(token).await?;
    Ok(text)
}

/// Makes a kiosk a member by its token, which is still to be [used up](used): what goes wrong until then
/// costs nobody a token, and the next try finds the same kiosk.
pub async fn enrol(storage: &dyn Storage, token: &str, now: Stamp) -> Result<Enrolled, KioskError> {
    let presented = pass::read(pass::ENROLMENT, token).ok_or(KioskError::Refused)?;
    let (pass, role) = good(storage, &presented, now).await?;
    let person = kiosk(storage, &pass, now).await?;
    let all = members::list(storage, pass.shop).await?;
    if all.iter().any(|it| it.id == person.id && it.removed) {
        return Err(KioskError::Refused);
    }
    let changed = members::put(storage, pass.shop, person.id, &pass.name, role, now).await?;
    Ok(Enrolled {
        person,
        shop: pass.shop,
        pass: pass.id,
        changed,
    })
}

/// Whether an address is a kiosk's, who has no password and never gets one.
pub fn is_kiosk(email: &str) -> bool {
    email.trim().to_lowercase().ends_with(MAILBOX)
}

/// Uses the token up. Of two that race with one token the other is refused.
pub async fn used(
    storage: &dyn Storage,
    enrolled: &Enrolled,
    now: Stamp,
) -> Result<(), KioskError> {
    let used = storage.pass_use(enrolled.shop, enrolled.pass, now).await?;
    used.then_some(()).ok_or(KioskError::Refused)
}

/// The person that a token makes, made now or by a try that broke off.
async fn kiosk(storage: &dyn Storage, pass: &Pass, now: Stamp) -> Result<Person, StorageError> {
    // Unique as the token is.
    let email = format!("kiosk-{}{MAILBOX}", pass.id);
    let found = || storage.person_by_email(email.clone());
    if let Some(found) = found().await? {
        return Ok(found);
    }
    let person = Person {
        id: PersonId::from_parts(now.0, random()),
        email: email.clone(),
        name: pass.name.clone(),
        password: password::NONE.to_owned(),
        created: now,
    };
    match storage.person_create(person.clone()).await {
        Ok(()) => Ok(person),
        // Another try has made it meanwhile.
        Err(StorageError::EmailTaken) => found().await?.ok_or(StorageError::EmailTaken),
        Err(error) => Err(error),
    }
}

async fn good(
    storage: &dyn Storage,
    presented: &Presented,
    now: Stamp,
) -> Result<(Pass, Role), KioskError> {
    // A shop that was made up is no shop's trouble.
    let found = storage.pass(presented.shop, presented.id).await?;
    let pass = found
        .filter(|it| it.kind == KIND && presented.fits(&it.digest))
        .filter(|it| it.used.is_none() && it.ended.is_none() && now < it.expires)
        .ok_or(KioskError::Refused)?;
    let role = pass.gives.parse().map_err(|_| KioskError::Refused)?;
    // A kiosk can have no second factor.
    if second_factor::demanded(&settings::read(storage, pass.shop).await?, role) {
        return Err(KioskError::Refused);
    }
    Ok((pass, role))
}
