//! `GET /v1/openapi.json`

use axum::{
    Json,
    http::Method,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use crate::{
    error::ApiError,
    openapi::{self, Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::GET,
    "/v1/openapi.json",
    |_, _| Box::pin(async { handle() }),
    || Doc {
        summary: "This document",
        query: &[],
        headers: &[],
        takes: None,
        gives: Media::other("application/json", || json!({"type": "object"}), |_| {}),
        refuses: &[],
    },
);

#[expect(clippy::unnecessary_wraps, reason = "the shape of every handler")]
fn handle() -> Result<Response, ApiError> {
    Ok(Json(openapi::document()).into_response())
}
