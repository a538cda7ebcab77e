//! Benches that nobody in particular signs in on. A kiosk is a member like any other, without a
//! password: a token lets it in once, and from then on it is its sign-in that counts.

use redtag_protocol::{
    ids::{PassId, PersonId, ShopId},
    role::Role,
    stamp::{Seq, Stamp},
};
use zeroize::Zeroizing;

use super::{
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
    storage.pass_create(token).await?;
    Ok(text)
}

/// Lets a kiosk in by its token, which is used up, and makes it a member.
pub async fn enrol(storage: &dyn Storage, token: &str, now: Stamp) -> Result<Enrolled, KioskError> {
    let presented = pass::read(pass::ENROLMENT, token).ok_or(KioskError::Refused)?;
    let (pass, role) = good(storage, &presented, now).await?;
    // Of two that race with one token the other ends here.
    if !storage.pass_use(pass.shop, pass.id, now).await? {
        return Err(KioskError::Refused);
    }
    let person = Person {
        id: PersonId::from_parts(now.0, random()),
        // Unique as the token is.
        email: format!("kiosk-{}{MAILBOX}", pass.id),
        name: pass.name.clone(),
        password: password::NONE.to_owned(),
        created: now,
    };
    storage.person_create(person.clone()).await?;
    let changed = members::put(storage, pass.shop, person.id, &pass.name, role, now).await?;
    Ok(Enrolled {
        person,
        shop: pass.shop,
        changed,
    })
}

/// Whether an address is a kiosk's, who has no password and never gets one.
pub fn is_kiosk(email: &str) -> bool {
    email.trim().to_lowercase().ends_with(MAILBOX)
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
