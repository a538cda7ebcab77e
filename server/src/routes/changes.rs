//! `GET /v1/shops/{shop}/changes`

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{Method, header},
    response::{IntoResponse as _, Response},
};
use futures_util::TryStreamExt as _;
use redtag_protocol::{
    api::{
        NDJSON,
        changes::{Cursor, Document, End, Gone},
    },
    event::Link,
    event::Scope,
    role::Permission,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    app::App,
    body,
    caller::Caller,
    core::changes,
    error::ApiError,
    openapi::{Doc, Media, add, reference},
    packed,
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::GET,
    "/v1/shops/{shop}/changes",
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Everything whose last change is after the cursor, in order, one JSON object a \
                  line, closed by the next cursor",
        query: &[
            (
                "cursor",
                "Where the last page ended; left out to begin anew",
            ),
            ("limit", "The most sequences in this answer"),
        ],
        headers: &[],
        takes: None,
        gives: Media::other(
            NDJSON,
            || {
                json!({"oneOf": [
                    reference("Document"),
                    reference("Gone"),
                    {"type": "object", "required": ["event"],
                     "properties": {"event": reference("Link")}},
                    {"type": "object", "required": ["reset"],
                     "properties": {"reset": {"const": true}}},
                    reference("End"),
                ]})
            },
            |schemas| {
                add::<Document>(schemas);
                add::<Gone>(schemas);
                add::<Link>(schemas);
                add::<End>(schemas);
            },
        ),
        refuses: &[],
    },
)
.for_scripts(Scope::Read);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    cursor: Option<String>,
    limit: Option<String>,
}

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let query: Query = body::query(&request)?;
    let cursor: Option<Cursor> = query
        .cursor
        .map(|text| text.parse())
        .transpose()
        .map_err(|error| ApiError::invalid(format_args!("“cursor”: {error}")))?;
    let limit = query
        .limit
        .map(|text| {
            let limit = text.parse::<u32>().ok().filter(|limit| *limit > 0);
            limit.ok_or_else(|| {
                ApiError::invalid(format_args!(
                    "“limit” must be a whole number from 1; more than {} is taken as that",
                    changes::MAX_LIMIT
                ))
            })
        })
        .transpose()?;
    let storage = Arc::clone(&app.storage);
    let news = app.recent.news();
    let mut reader =
        changes::begin_at(storage, news, caller.shop, caller.tip, cursor, limit).await?;
    let kind = [(header::CONTENT_TYPE, NDJSON)];
    if let Some(whole) = reader.whole() {
        return Ok(match packed::whole(request.headers(), &whole) {
            Some(frame) => {
                let coding = [
                    (header::CONTENT_ENCODING, "zstd"),
                    (header::VARY, "accept-encoding"),
                ];
                (kind, coding, frame).into_response()
            }
            None => (kind, whole).into_response(),
        });
    }
    // The answer is sent after the request's span has ended, and failures name it all the same.
    let span = tracing::Span::current();
    let pieces = reader.into_stream().inspect_err(move |error| {
        // The answer has begun; breaking it off is all that can be said to the client.
        tracing::error!(parent: &span, error = format!("{error:#}"), "a page broke off");
    });
    Ok((kind, Body::from_stream(pieces)).into_response())
}

#[cfg(test)]
mod tests;
