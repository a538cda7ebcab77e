//! `GET /v1/shops/{shop}/tokens`

use axum::{
    Json,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::tokens::{Token, Tokens},
    role::Permission,
};

use crate::{
    app::App,
    caller::Caller,
    core::tokens,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::GET,
    "/v1/shops/{shop}/tokens",
    Permission::Read,
    |app, caller, _| Box::pin(handle(app, caller)),
    || Doc {
        summary: "The access tokens of scripts: everybody's for an owner, the caller's for everybody \
                  else",
        query: &[],
        headers: &[],
        takes: None,
        gives: Media::json::<Tokens>("AccessTokens"),
        refuses: &[],
    },
);

async fn handle(app: App, caller: Caller) -> Result<Response, ApiError> {
    let mut tokens = tokens::list(&*app.storage, caller.shop, app.clock.now()).await?;
    let seen = |it: &Token| it.person == caller.person || caller.role.may(Permission::Own);
    tokens.retain(seen);
    Ok(Json(Tokens { tokens }).into_response())
}

#[cfg(test)]
mod tests;
