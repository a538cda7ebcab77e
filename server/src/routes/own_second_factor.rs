//! `GET /v1/shops/{shop}/second-factor`

use axum::{
    Json,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{api::second_factor::Standing, role::Permission};

use crate::{
    app::App,
    caller::Caller,
    core::{second_factor, settings},
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::GET,
    "/v1/shops/{shop}/second-factor",
    Permission::Read,
    |app, caller, _| Box::pin(handle(app, caller)),
    || Doc {
        summary: "Whether the caller has a second factor, and whether the shop demands one",
        query: &[],
        headers: &[],
        takes: None,
        gives: Media::json::<Standing>("SecondFactorStanding"),
        refuses: &[],
    },
);

async fn handle(app: App, caller: Caller) -> Result<Response, ApiError> {
    let found = second_factor::confirmed(&*app.storage, caller.person).await?;
    let settings = settings::read(&*app.storage, caller.shop).await?;
    let codes = found.as_ref().map_or(0, |it| it.codes.len());
    Ok(Json(Standing {
        confirmed: found.is_some(),
        codes: u32::try_from(codes).unwrap_or(u32::MAX),
        demanded: second_factor::demanded(&settings, caller.role),
    })
    .into_response())
}
