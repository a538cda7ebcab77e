//! `POST /v1/shops/{shop}/tokens`

use axum::{
    Json,
    extract::Request,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        sign_in::Membership,
        tokens::{MOST_DAYS, Made, Request as Wanted},
    },
    role::Permission,
    text::bounded,
};
use secrecy::SecretString;

use crate::{
    app::App,
    auth::person::{self, Proof},
    body,
    caller::Caller,
    core::tokens,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
    storage::StorageError,
};

/// The longest name of a token, in characters.
const NAME: usize = 80;

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/tokens",
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "An access token for a script, which acts as the caller in this shop",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Wanted>("NewToken")),
        gives: Media::json::<Made>("TokenMade"),
        refuses: &[
            (
                401,
                "`bad_credentials`: the password or the code is wrong. `second_factor_required`: \
                 ask again with a code.",
            ),
            (
                403,
                "`must_enrol`: the shop lets nobody of this role in without a second factor.",
            ),
        ],
    },
);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let asked: Wanted = body::json(request, body::SMALL).await?;
    let name = bounded(&asked.name, "“name”", NAME).map_err(ApiError::invalid)?;
    if !(1..=MOST_DAYS).contains(&asked.days) {
        return Err(ApiError::invalid(format_args!(
            "“days” must be from 1 to {MOST_DAYS}"
        )));
    }
    let proof = Proof {
        password: SecretString::from(asked.password),
        code: asked.code.map(SecretString::from),
    };
    let known = person::known_again(&app, &caller, proof).await?;
    let shops = person::shops(&app, caller.person, Some(caller.shop)).await?;
    let shop: Membership = shops
        .into_iter()
        .next()
        .ok_or_else(|| ApiError::not_a_member(app.storage.epoch()))?;
    person::enough(&app, known.second_factor, &shop).await?;
    let wanted = tokens::Wanted {
        name,
        scope: asked.scope,
        days: asked.days,
    };
    let (person, now) = (known.person, app.clock.now());
    let made = tokens::make(&*app.storage, caller.shop, person.id, wanted, now).await?;
    let made = made.ok_or_else(|| ApiError::not_a_member(app.storage.epoch()))?;
    app.announce(caller.shop, made.told);
    tracing::info!(token = %made.pass.id, person = %person.id, "an access token was made");
    let secret = made.text.to_string();
    let told = tokens::told(made.pass, person.name);
    let token = told.ok_or_else(|| StorageError::garbled("token", "it is nobody's"))?;
    Ok(Json(Made { secret, token }).into_response())
}
