//! `POST /v1/shops/{shop}/key-copies/forget`

use axum::{
    Json,
    extract::Request,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::key_copies::{Forgotten, Named},
    role::Permission,
};

use crate::{
    app::App,
    body,
    caller::Caller,
    core::key_copies::{self, Whose},
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/key-copies/forget",
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Forgets a key that the caller has kept",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Named>("ForgetKey")),
        gives: Media::json::<Forgotten>("KeyForgotten"),
        refuses: &[],
    },
);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    caller.session()?;
    let Named { id } = body::json(request, body::SMALL).await?;
    let whose = Whose {
        shop: caller.shop,
        person: caller.person,
        id,
    };
    let forgotten = key_copies::forget(&*app.storage, whose).await?;
    Ok(Json(Forgotten { forgotten }).into_response())
}
