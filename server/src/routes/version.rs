//! `GET /v1/version`

use axum::{
    Json,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::version::{Range, SERVED, Version},
    op::{MIN_SCHEMA, SCHEMA},
};

use crate::{
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::GET,
    "/v1/version",
    |_, _| Box::pin(async { handle() }),
    || Doc {
        summary: "Which program answers, and which versions of the API it speaks",
        query: &[],
        headers: &[],
        takes: None,
        gives: Media::json::<Version>("Version"),
        refuses: &[],
    },
);

#[expect(clippy::unnecessary_wraps, reason = "the shape of every handler")]
fn handle() -> Result<Response, ApiError> {
    Ok(Json(Version {
        name: "redtag-server".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        api: SERVED,
        schema: Range {
            min: MIN_SCHEMA,
            max: SCHEMA,
        },
    })
    .into_response())
}
