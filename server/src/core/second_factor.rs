//! A person's second factor: begun, confirmed, used, given up. The secret lies in the database
//! wrapped, bound to its person; recovery codes as digests.

use redtag_protocol::{ids::PersonId, role::Role, shop::Settings, stamp::Stamp};
use zeroize::Zeroizing;

use crate::{
    auth::{recovery, totp},
    keys::{ServerKeys, UnwrapError},
    storage::{SecondFactor, Storage, StorageError},
};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// There is a confirmed one, which another one would push out unseen.
    #[error("there is a second factor already; remove it first, then begin anew")]
    Exists,
    /// There is none, or none that was confirmed.
    #[error("there is no second factor; begin with one")]
    None,
    /// Not a code of the secret that is to be confirmed.
    #[error(
        "the code is not one of this secret; look at the clock of what shows the codes, and take \
         the next one"
    )]
    Wrong,
    /// Somebody else changed it at the same moment.
    #[error("the second factor was changed at the same moment; look at it and try again")]
    Raced,
    /// The master key is another one.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whether a shop lets nobody of this role sign in without a second factor.
pub fn demanded(settings: &Settings, role: Role) -> bool {
    settings.demand_second_factor && matches!(role, Role::Owner | Role::Dispatcher)
}

/// A person's second factor, where there is a confirmed one.
pub async fn confirmed(
    storage: &dyn Storage,
    person: PersonId,
) -> Result<Option<SecondFactor>, StorageError> {
    let found = storage.second_factor(person).await?;
    Ok(found.filter(|it| it.confirmed.is_some()))
}

/// Draws a secret. It is asked for once it is [confirmed](confirm).
pub async fn begin(
    storage: &dyn Storage,
    keys: &ServerKeys,
    person: PersonId,
    now: Stamp,
) -> Result<Zeroizing<Vec<u8>>, SecondFactorError> {
    let found = storage.second_factor(person).await?;
    if found.as_ref().is_some_and(|it| it.confirmed.is_some()) {
        return Err(SecondFactorError::Exists);
    }
    let secret = totp::generate();
    let begun = SecondFactor {
        person,
        version: found.map_or(1, |it| it.version + 1),
        wrapped: keys.wrapping.wrap(&context(person), &secret),
        confirmed: None,
        step: 0,
        codes: Vec::new(),
        created: now,
    };
    put(storage, begun).await?;
    Ok(secret)
}

/// Takes the first code of a secret, and gives the recovery codes.
pub async fn confirm(
    storage: &dyn Storage,
    keys: &ServerKeys,
    person: PersonId,
    code: &str,
    now: Stamp,
) -> Result<Vec<Zeroizing<String>>, SecondFactorError> {
    let found = storage.second_factor(person).await?;
    let found = found.ok_or(SecondFactorError::None)?;
    if found.confirmed.is_some() {
        return Err(SecondFactorError::Exists);
    }
    let secret = keys.wrapping.unwrap(&context(person), &found.wrapped)?;
    let step = totp::check(&secret, code.trim(), now.0 / 1000, found.step);
    let step = step.ok_or(SecondFactorError::Wrong)?;
    let codes = recovery::generate();
    let confirmed = SecondFactor {
        version: found.version + 1,
        confirmed: Some(now),
        step,
        codes: digests(keys, person, &codes),
        ..found
    };
    put(storage, confirmed).await?;
    Ok(codes)
}

/// Recovery codes anew, in the place of those that there are.
pub async fn renew(
    storage: &dyn Storage,
    keys: &ServerKeys,
    person: PersonId,
) -> Result<Vec<Zeroizing<String>>, SecondFactorError> {
    let found = confirmed(storage, person).await?;
    let found = found.ok_or(SecondFactorError::None)?;
    let codes = recovery::generate();
    let renewed = SecondFactor {
        version: found.version + 1,
        codes: digests(keys, person, &codes),
        ..found
    };
    put(storage, renewed).await?;
    Ok(codes)
}

/// Gives it up, confirmed or not.
pub async fn remove(storage: &dyn Storage, person: PersonId) -> Result<(), SecondFactorError> {
    let found = storage.second_factor(person).await?;
    let found = found.ok_or(SecondFactorError::None)?;
    let removed = storage.second_factor_remove(person, found.version).await?;
    removed.then_some(()).ok_or(SecondFactorError::Raced)
}

/// The second factor as it is once a code of it is used up: by time, or for recovery; none where it is
/// no code of it. It is used up when that is put, which succeeds for one of two racing uses of a code.
pub fn used(
    keys: &ServerKeys,
    factor: SecondFactor,
    code: &str,
    now: Stamp,
) -> Result<Option<SecondFactor>, UnwrapError> {
    let person = factor.person;
    let code = code.trim();
    let version = factor.version + 1;
    let by_time = code.len() == totp::DIGITS && code.bytes().all(|it| it.is_ascii_digit());
    if by_time {
        let secret = keys.wrapping.unwrap(&context(person), &factor.wrapped)?;
        let step = totp::check(&secret, code, now.0 / 1000, factor.step);
        Ok(step.map(|step| SecondFactor {
            version,
            step,
            ..factor
        }))
    } else {
        let digest = recovery::digest(&keys.recovery, person, code);
        let left = recovery::spend(&factor.codes, &digest);
        Ok(left.map(|codes| SecondFactor {
            version,
            codes,
            ..factor
        }))
    }
}

/// Uses a code up. Whether it was one of this second factor.
pub async fn spend(
    storage: &dyn Storage,
    keys: &ServerKeys,
    factor: SecondFactor,
    code: &str,
    now: Stamp,
) -> Result<bool, SecondFactorError> {
    match used(keys, factor, code, now)? {
        Some(used) => Ok(storage.second_factor_put(used).await?),
        None => Ok(false),
    }
}

async fn put(storage: &dyn Storage, factor: SecondFactor) -> Result<(), SecondFactorError> {
    let put = storage.second_factor_put(factor).await?;
    put.then_some(()).ok_or(SecondFactorError::Raced)
}

fn digests(keys: &ServerKeys, person: PersonId, codes: &[Zeroizing<String>]) -> Vec<[u8; 32]> {
    let digest = |code: &Zeroizing<String>| recovery::digest(&keys.recovery, person, code);
    codes.iter().map(digest).collect()
}

/// What the wrapped secret is bound to.
fn context(person: PersonId) -> String {
    format!("second factor {person}")
}
