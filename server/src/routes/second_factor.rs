//! `POST /v1/second-factor`
//!
//! Asked for with the password itself and not with a token: whoever must enrol before they may sign
//! in has none, and a token that was stolen must not change what protects its person.

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        error::code,
        second_factor::{Answer, Request as Asked, Wish},
    },
    event::{Access, Actor},
    ids::PersonId,
};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::{
    app::App,
    auth::{
        person::{self, Proof},
        totp,
    },
    body,
    caller::Subscriber,
    core::{
        second_factor::{self, SecondFactorError},
        settings,
    },
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
    storage::Person,
};

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::POST,
    "/v1/second-factor",
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "Begins, confirms or removes a person's second factor, with the password anew",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Asked>("SecondFactorRequest")),
        gives: Media::json::<Answer>("SecondFactorAnswer"),
        refuses: &[
            (
                401,
                "`bad_credentials`: address, password or code is wrong; never which. \
                 `second_factor_required`: the code is missing.",
            ),
            (
                403,
                "`forbidden`: a shop of the person's demands the second factor.",
            ),
            (
                409,
                "`second_factor`: there is one already, or none; the message says which.",
            ),
        ],
    },
);

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    let from = request.extensions().get::<Subscriber>().copied();
    let asked: Asked = body::json(request, body::SMALL).await?;
    let code = asked.code.map(Zeroizing::new);
    let proof = Proof {
        password: SecretString::from(asked.password),
        code: code.as_ref().map(|it| SecretString::from(it.as_str())),
    };
    let known = person::known(&app, &asked.email, proof, from).await?;
    let person = known.person;
    let (storage, keys, now) = (&*app.storage, &*app.keys, app.clock.now());
    let answer = match asked.wish {
        Wish::Begin => {
            let secret = second_factor::begin(storage, keys, person.id, now).await;
            let secret = secret.map_err(refused)?;
            Answer::Begun {
                secret: totp::spelt(&secret).to_string(),
                address: totp::address(&secret, &person.email).to_string(),
            }
        }
        Wish::Confirm => {
            let code = code.ok_or_else(|| ApiError::invalid("“code” is missing"))?;
            app.limits.guess(person.id, now)?;
            let codes = second_factor::confirm(storage, keys, person.id, &code, now).await;
            let codes = told(&codes.map_err(refused)?);
            app.limits.code.put_back(person.id);
            told_of(&app, person.id, true).await;
            tracing::info!(person = %person.id, "a second factor is asked for from now on");
            codes
        }
        Wish::Codes => {
            let codes = second_factor::renew(storage, keys, person.id).await;
            told(&codes.map_err(refused)?)
        }
        Wish::Remove => {
            not_demanded(&app, &person).await?;
            second_factor::remove(storage, person.id)
                .await
                .map_err(refused)?;
            told_of(&app, person.id, false).await;
            tracing::info!(person = %person.id, "a second factor was removed");
            Answer::Removed
        }
    };
    Ok(Json(answer).into_response())
}

async fn told_of(app: &App, person: PersonId, on: bool) {
    let by = Actor::Caller { person };
    app.tell_access(person, by, Access::SecondFactor { on })
        .await;
}

/// The codes on their way out, which is the only time.
fn told(codes: &[Zeroizing<String>]) -> Answer {
    Answer::Codes {
        codes: codes.iter().map(|it| it.to_string()).collect(),
    }
}

/// Nobody gives up what a shop of theirs demands of them.
async fn not_demanded(app: &App, person: &Person) -> Result<(), ApiError> {
    for shop in person::shops(app, person.id, None).await? {
        let settings = settings::read(&*app.storage, shop.shop).await?;
        if second_factor::demanded(&settings, shop.role) {
            return Err(ApiError::new(
                StatusCode::FORBIDDEN,
                code::FORBIDDEN,
                format_args!(
                    "{} demands a second factor of every {}; it stays",
                    shop.name, shop.role
                ),
            ));
        }
    }
    Ok(())
}

fn refused(error: SecondFactorError) -> ApiError {
    match error {
        SecondFactorError::Storage(error) => error.into(),
        SecondFactorError::Unwrap(error) => ApiError::internal(error),
        SecondFactorError::Wrong => {
            ApiError::new(StatusCode::UNAUTHORIZED, code::BAD_CREDENTIALS, error)
        }
        error => ApiError::new(StatusCode::CONFLICT, code::SECOND_FACTOR, error),
    }
}

#[cfg(test)]
mod tests;
