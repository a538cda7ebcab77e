//! `GET /v1/shops/{shop}/timeline/{kind}/{id}`

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    http::{Method, header},
    response::{IntoResponse as _, Response},
};
use futures_util::TryStreamExt as _;
use redtag_protocol::{
    api::{NDJSON, changes::End},
    entity::{EntityRef, Kind},
    event::Link,
    event::Scope,
    role::Permission,
};
use serde_json::json;

use crate::{
    app::App,
    caller::Caller,
    core::changes,
    error::ApiError,
    openapi::{Doc, Media, add, reference},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::GET,
    "/v1/shops/{shop}/timeline/{kind}/{id}",
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Everything that happened to one document, in order, as lines of the change \
                  stream; the closing line's cursor is the shop's newest and nothing to go on from",
        query: &[],
        headers: &[],
        takes: None,
        gives: Media::other(
            NDJSON,
            || {
                json!({"oneOf": [
                    {"type": "object", "required": ["event"],
                     "properties": {"event": reference("Link")}},
                    reference("End"),
                ]})
            },
            |schemas| {
                add::<Link>(schemas);
                add::<End>(schemas);
            },
        ),
        refuses: &[],
    },
)
.for_scripts(Scope::Read);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let mut parts = request.uri().path().split('/').skip(5);
    let kind = parts.next().unwrap_or_default();
    let id = parts.next().unwrap_or_default();
    let key = key(kind, id)
        .ok_or_else(|| ApiError::invalid("that names no document: it must be a kind and an id"))?;
    let span = tracing::Span::current();
    let lines = changes::timeline(Arc::clone(&app.storage), caller.shop, key)
        .await?
        .inspect_err(move |error| {
            // The answer has begun; breaking it off is all that can be said to the client.
            tracing::error!(parent: &span, error = format!("{error:#}"), "a timeline broke off");
        });
    let kind = [(header::CONTENT_TYPE, NDJSON)];
    Ok((kind, Body::from_stream(lines)).into_response())
}

fn key(kind: &str, id: &str) -> Option<EntityRef> {
    Some(match kind.parse::<Kind>().ok()? {
        Kind::Shop => EntityRef::Shop(id.parse().ok()?),
        Kind::Member => EntityRef::Member(id.parse().ok()?),
        Kind::Template => EntityRef::Template(id.parse().ok()?),
        Kind::Customer => EntityRef::Customer(id.parse().ok()?),
        Kind::Vehicle => EntityRef::Vehicle(id.parse().ok()?),
        Kind::Inspection => EntityRef::Inspection(id.parse().ok()?),
    })
}

#[cfg(test)]
mod tests;
