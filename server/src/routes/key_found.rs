//! `POST /v1/shops/{shop}/key-copies/fetch`

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        error::code,
        key_copies::{Found, Key, Named},
    },
    role::Permission,
};

use crate::{
    app::App,
    body,
    caller::Caller,
    core::key_copies::{self, KeyCopyError, Whose},
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/key-copies/fetch",
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Gives a key back to its person, right after a full sign-in",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Named>("FetchKey")),
        gives: Media::json::<Found>("KeyFound"),
        refuses: &[
            (
                403,
                "`forbidden`: the sign-in is older than ten minutes, however often it was renewed.",
            ),
            (
                404,
                "`not_found`: no copy of this person's is kept under this id.",
            ),
        ],
    },
);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let session = caller.session()?;
    let Named { id } = body::json(request, body::SMALL).await?;
    // No renewal and no other device changes when it began.
    let session = app.storage.session(session).await?;
    let session = session.ok_or_else(ApiError::not_found)?;
    let whose = Whose {
        shop: caller.shop,
        person: caller.person,
        id,
    };
    let now = app.clock.now();
    let found = key_copies::fetch(&*app.storage, &app.keys, whose, session.created, now).await;
    let key = found.map_err(refused)?;
    tracing::info!(
        person = %caller.person,
        device = %caller.device,
        "the key of a bench's cache was given back"
    );
    Ok(Json(Found {
        key: Key::new(&key),
    })
    .into_response())
}

/// What it means that a key was not kept or not given back.
pub(super) fn refused(error: KeyCopyError) -> ApiError {
    match error {
        KeyCopyError::Taken | KeyCopyError::Stale => {
            ApiError::new(StatusCode::FORBIDDEN, code::FORBIDDEN, error)
        }
        KeyCopyError::None => ApiError::new(StatusCode::NOT_FOUND, code::NOT_FOUND, error),
        KeyCopyError::Unwrap(error) => ApiError::internal(error),
        KeyCopyError::Storage(error) => error.into(),
    }
}

#[cfg(test)]
mod tests;
