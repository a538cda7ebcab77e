//! Who somebody is, by what they know: for whatever asks a person for it, in the terminal or on a
//! page.

use axum::http::StatusCode;
use redtag_protocol::{
    api::{error::code, sign_in::Membership},
    ids::{PersonId, ShopId},
};
use secrecy::SecretString;

use crate::{app::App, caller::Subscriber, core, error::ApiError, storage::Person};

/// The person whose password it is. Every failure looks and costs the same.
pub async fn by_password(
    app: &App,
    email: &str,
    password: SecretString,
    from: Option<Subscriber>,
) -> Result<Person, ApiError> {
    let email = email.trim().to_ascii_lowercase();
    let address = from.map(|Subscriber(address)| address);
    let now = app.clock.now().0;
    let limits = &app.limits;
    limits
        .address
        .take(address, now)
        .and_then(|()| limits.account.take(&email, now))
        .map_err(ApiError::slow_down)?;
    let found = app.storage.person_by_email(email.clone()).await?;
    let hash = found.as_ref().map(|person| person.password.clone());
    let fits = app
        .passwords
        .check(password, hash)
        .await
        .map_err(ApiError::internal)?;
    match found.filter(|_| fits) {
        Some(person) => {
            limits.address.put_back(address);
            limits.account.put_back(&email);
            Ok(person)
        }
        None => Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            code::BAD_CREDENTIALS,
            "the e-mail address or the password is wrong",
        )),
    }
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
