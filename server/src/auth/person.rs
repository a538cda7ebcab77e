//! Who somebody is, by what they know: for whatever asks a person for it, in the terminal or on a
//! page.

use axum::http::StatusCode;
use redtag_protocol::{
    api::{error::code, sign_in::Membership},
    ids::{PersonId, ShopId},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::former;
use crate::{
    app::App,
    caller::Subscriber,
    core::{self, second_factor, settings},
    error::ApiError,
    storage::Person,
};

/// What somebody gives to be taken for the person of an address.
#[derive(Debug)]
pub struct Proof {
    /// The password.
    pub password: SecretString,
    /// A code of the second factor: by time, or for recovery.
    pub code: Option<SecretString>,
}

/// Somebody who has proven who they are.
#[derive(Debug)]
pub struct Known {
    /// Who.
    pub person: Person,
    /// Whether there is a second factor, which was proven too then.
    pub second_factor: bool,
}

/// The person whose password it is, and whose second factor where they have one. Every failure looks
/// and costs the same, but one: whoever has the password hears that a code is wanted too.
pub async fn known(
    app: &App,
    email: &str,
    proof: Proof,
    from: Option<Subscriber>,
) -> Result<Known, ApiError> {
    let with_code = proof.code.is_some();
    let wrong = || {
        let words = if with_code {
            "the e-mail address, the password or the code is wrong; a code is good once"
        } else {
            "the e-mail address or the password is wrong"
        };
        ApiError::new(StatusCode::UNAUTHORIZED, code::BAD_CREDENTIALS, words)
    };
    let typed = proof.password.clone();
    // As the database compares addresses, or one person would have several limits.
    let email = email.trim().to_lowercase();
    let address = from.map(|Subscriber(address)| address);
    let now = app.clock.now();
    let limits = &app.limits;
    limits
        .address
        .take(address, now.0)
        .and_then(|()| limits.account.take(&email, now.0))
        .map_err(ApiError::slow_down)?;
    let found = app.storage.person_by_email(email.clone()).await?;
    let hash = found.as_ref().map(|person| person.password.clone());
    let fits = app
        .passwords
        .check(proof.password, hash)
        .await
        .map_err(ApiError::internal)?;
    let mut person = found.filter(|_| fits).ok_or_else(wrong)?;
    let factor = second_factor::confirmed(&*app.storage, person.id).await?;
    let second_factor = factor.is_some();
    if let Some(factor) = factor {
        let Some(code) = proof.code else {
            // The password was right: it is the code that is guessed at from here on.
            limits.address.put_back(address);
            limits.account.put_back(&email);
            return Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                code::SECOND_FACTOR_REQUIRED,
                "a code of the second factor is wanted too: the six digits that the authenticator \
                 shows, or a recovery code",
            ));
        };
        limits.guess(person.id, now)?;
        let code = code.expose_secret();
        let spent = second_factor::spend(&*app.storage, &app.keys, factor, code, now).await;
        if !spent.map_err(ApiError::internal)? {
            return Err(wrong());
        }
        limits.code.put_back(person.id);
    }
    limits.address.put_back(address);
    limits.account.put_back(&email);
    if former::is_former(&person.password) {
        let hash = app.passwords.hash(typed).await;
        let hash = hash.map_err(ApiError::internal)?;
        // Whoever changed the password meanwhile has the last word.
        let from = person.password.clone();
        let hashed = app.storage.person_rehash(person.id, from, hash.clone());
        if hashed.await? {
            person.password = hash;
        }
    }
    Ok(Known {
        person,
        second_factor,
    })
}

/// Whether it is enough for this shop, in the role that somebody has there, that they have proven a
/// second factor or none.
pub async fn enough(app: &App, second_factor: bool, shop: &Membership) -> Result<(), ApiError> {
    if second_factor {
        return Ok(());
    }
    let settings = settings::read(&*app.storage, shop.shop).await?;
    if !second_factor::demanded(&settings, shop.role) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        code::MUST_ENROL,
        format_args!(
            "{} lets no {} sign in without a second factor; make one with “redtag second-factor \
             enrol”, then sign in",
            shop.name, shop.role
        ),
    ))
}

/// The shops that a person belongs to; only the wanted one where one is, for another one's trouble is
/// not its.
pub async fn shops(
    app: &App,
    person: PersonId,
    wanted: Option<ShopId>,
) -> Result<Vec<Membership>, ApiError> {
    let mut shops = Vec::new();
    for shop in app.storage.memberships(person).await? {
        if wanted.is_some_and(|wanted| shop.id != wanted) {
            continue;
        }
        if let Some(role) = core::author(&*app.storage, shop.id, person).await? {
            shops.push(Membership {
                shop: shop.id,
                name: shop.name,
                role,
            });
        }
    }
    Ok(shops)
}
