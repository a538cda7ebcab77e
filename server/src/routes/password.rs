//! `POST /v1/shops/{shop}/password`

use axum::{
    Json,
    extract::Request,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::password::{Changed, Request as Change},
    event::{Access, Actor},
    role::Permission,
    stamp::Seq,
};
use secrecy::SecretString;

use crate::{
    app::App,
    auth::{
        password,
        person::{self, Proof},
    },
    body,
    caller::Caller,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
    storage::StorageError,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/password",
    // Everybody has a password.
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "The caller's new password; every other sign-in of theirs ends",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Change>("NewPassword")),
        gives: Media::json::<Changed>("PasswordChanged"),
        refuses: &[(
            401,
            "`bad_credentials`: the password or the code is wrong. `second_factor_required`: ask \
             again with a code.",
        )],
    },
);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let asked: Change = body::json(request, body::SMALL).await?;
    let new = SecretString::from(asked.new);
    password::fit(&new).map_err(|error| ApiError::invalid(format_args!("“new”: {error}")))?;
    let proof = Proof {
        password: SecretString::from(asked.current),
        code: asked.code.map(SecretString::from),
    };
    let known = person::known_again(&app, &caller, proof).await?;
    let hash = app.passwords.hash(new).await.map_err(ApiError::internal)?;
    let (id, now) = (known.person.id, app.clock.now());
    let (from, keep) = (known.person.password, Some(caller.session()?));
    let stood = app.storage.person_password_from(id, from, hash, keep, now);
    if !stood.await? {
        // A hash takes its time: what was chosen by a link meanwhile has the last word.
        return Err(StorageError::Busy.into());
    }
    tracing::info!(person = %id, "the password was changed, other sign-ins ended");
    let by = Actor::Caller { person: id };
    app.tell_access(id, by, Access::Password).await;
    // Live streams look again whether they may go on.
    for shop in app.storage.memberships(id).await? {
        app.hub.wake(shop.id, Seq(0));
    }
    Ok(Json(Changed { changed: true }).into_response())
}

#[cfg(test)]
mod tests;
