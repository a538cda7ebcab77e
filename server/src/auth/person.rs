//! Who somebody is, by what they know: for whatever asks a person for it, in the terminal or on a
//! page.

use std::net::IpAddr;

use axum::http::StatusCode;
use redtag_protocol::{
    api::{error::code, sign_in::Membership},
    ids::{PersonId, ShopId},
    stamp::Stamp,
};
use secrecy::{ExposeSecret as _, SecretString};

use super::former;
use crate::{
    app::App,
    caller::{Caller, Subscriber},
    core::{self, second_factor, settings},
    error::ApiError,
    storage::{Person, SecondFactor},
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

/// Somebody who has shown what they know, but whose code, where one was wanted, is not used up yet: what
/// may still go wrong without it is to cost nobody a code.
#[derive(Debug)]
pub struct Proven {
    known: Known,
    /// The second factor as it is once the code is used up.
    spent: Option<SecondFactor>,
}

impl Proven {
    /// Who.
    pub fn person(&self) -> &Person {
        &self.known.person
    }

    /// Uses the code up.
    pub async fn spend(self, app: &App) -> Result<Known, ApiError> {
        if let Some(spent) = self.spent
            && !app.storage.second_factor_put(spent).await?
        {
            return Err(wrong(true));
        }
        Ok(self.known)
    }
}

/// From where somebody shows what they know.
enum Origin {
    /// From this address, where it is known.
    Address(Option<IpAddr>),
    /// From a sign-in, which has a limit of its own.
    SignIn,
}

/// Against what guesses at a password are counted.
struct Counted {
    origin: Origin,
    account: String,
}

impl Counted {
    fn take(&self, app: &App, now: Stamp) -> Result<(), ApiError> {
        let limits = &app.limits;
        let address = match self.origin {
            Origin::Address(address) => limits.address.take(address, now.0),
            Origin::SignIn => Ok(()),
        };
        address
            .and_then(|()| limits.account.take(&self.account, now.0))
            .map_err(ApiError::slow_down)
    }

    fn put_back(&self, app: &App) {
        if let Origin::Address(address) = self.origin {
            app.limits.address.put_back(address);
        }
        app.limits.account.put_back(&self.account);
    }
}

/// The person whose password it is, and whose second factor where they have one. Every failure looks
/// and costs the same, but one: whoever has the password hears that a code is wanted too.
pub async fn known(
    app: &App,
    email: &str,
    proof: Proof,
    from: Option<Subscriber>,
) -> Result<Known, ApiError> {
    proven(app, email, proof, from).await?.spend(app).await
}

/// The same for whoever has signed in already, and is to show it once more. Guesses count against the
/// sign-in: strangers who guess at the account from elsewhere hold nobody up who is in.
pub async fn known_again(app: &App, caller: &Caller, proof: Proof) -> Result<Known, ApiError> {
    let person = app.storage.person(caller.person).await?;
    let person = person.ok_or_else(ApiError::not_found)?;
    let counted = Counted {
        origin: Origin::SignIn,
        // No address that somebody types begins with a space.
        account: format!(" {}", caller.session()?),
    };
    shown(app, &person.email, proof, counted)
        .await?
        .spend(app)
        .await
}

/// As [`known`], with the code still to be used up.
pub async fn proven(
    app: &App,
    email: &str,
    proof: Proof,
    from: Option<Subscriber>,
) -> Result<Proven, ApiError> {
    // As the database compares addresses, or one person would have several limits.
    let email = email.trim().to_lowercase();
    let counted = Counted {
        origin: Origin::Address(from.map(|Subscriber(address)| address)),
        account: email.clone(),
    };
    shown(app, &email, proof, counted).await
}

async fn shown(app: &App, email: &str, proof: Proof, counted: Counted) -> Result<Proven, ApiError> {
    let with_code = proof.code.is_some();
    let wrong = || wrong(with_code);
    let typed = proof.password.clone();
    let now = app.clock.now();
    let limits = &app.limits;
    counted.take(app, now)?;
    let found = app.storage.person_by_email(email.to_owned()).await?;
    let hash = found.as_ref().map(|person| person.password.clone());
    let fits = app
        .passwords
        .check(proof.password, hash)
        .await
        .map_err(ApiError::internal)?;
    let mut person = found.filter(|_| fits).ok_or_else(wrong)?;
    let factor = second_factor::confirmed(&*app.storage, person.id).await?;
    let second_factor = factor.is_some();
    let mut spent = None;
    if let Some(factor) = factor {
        let Some(code) = proof.code else {
            // The password was right: it is the code that is guessed at from here on.
            counted.put_back(app);
            return Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                code::SECOND_FACTOR_REQUIRED,
                "a code of the second factor is wanted too: the six digits that the authenticator \
                 shows, or a recovery code",
            ));
        };
        limits.guess(person.id, now)?;
        let used = second_factor::used(&app.keys, factor, code.expose_secret(), now);
        spent = used.map_err(ApiError::internal)?;
        if spent.is_none() {
            return Err(wrong());
        }
        limits.code.put_back(person.id);
    }
    counted.put_back(app);
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
    let known = Known {
        person,
        second_factor,
    };
    Ok(Proven { known, spent })
}

fn wrong(with_code: bool) -> ApiError {
    let words = if with_code {
        "the e-mail address, the password or the code is wrong; a code is good once"
    } else {
        "the e-mail address or the password is wrong"
    };
    ApiError::new(StatusCode::UNAUTHORIZED, code::BAD_CREDENTIALS, words)
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
