//! `GET /healthz` and `GET /readyz`, for supervisors and people.

use std::time::{Duration, Instant};

use axum::{
    Extension,
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::ids::ShopId;
use serde_json::json;
use tokio::time::timeout;

use crate::{
    app::App,
    error::ApiError,
    openapi::{Doc, Media},
    outer::Whole,
    router::Route,
};

/// The process answers.
pub(crate) const LIVE: Route = Route::public(
    Method::GET,
    "/healthz",
    |_, _| Box::pin(async { Ok(plain(StatusCode::OK, "ok\n".to_owned())) }),
    || Doc {
        summary: "Whether the process answers",
        query: &[],
        headers: &[],
        takes: None,
        gives: TEXT,
        refuses: &[],
    },
);

/// The process can do its work.
pub(crate) const READY: Route = Route::public(
    Method::GET,
    "/readyz",
    |app, request| Box::pin(ready(app, request)),
    || Doc {
        summary: "Whether the server can do its work: one line for each component; \
                  503 with the same lines where one cannot",
        query: &[],
        headers: &[],
        takes: None,
        gives: TEXT,
        refuses: &[],
    },
);

const TEXT: Media = Media::other("text/plain", || json!({"type": "string"}), |_| {});

/// A supervisor asks again; it must not wait for ever.
const PATIENCE: Duration = Duration::from_secs(5);

async fn ready(app: App, _: Request) -> Result<Response, ApiError> {
    // Any row would do, and none: what counts is the way there and back.
    let begun = Instant::now();
    let answered = timeout(PATIENCE, app.storage.shop(ShopId::from_bytes([0; 16])));
    let failed = match answered.await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(format!("{error:#}")),
        Err(_) => Some("no answer in time".to_owned()),
    };
    let engine = app.settings.engine;
    let (database, status) = match failed {
        None => {
            let millis = begun.elapsed().as_secs_f64() * 1000.0;
            let words = format!("ok, {engine}, round trip {millis:.1} ms");
            (words, StatusCode::OK)
        }
        Some(error) => {
            tracing::error!(error, "the database does not answer");
            let words = format!("{engine}, does not answer; see the log");
            (words, StatusCode::SERVICE_UNAVAILABLE)
        }
    };
    let key = match app.settings.key_caution {
        Some(caution) => format!("ok, but {caution}"),
        None => "ok, kept apart from the data".to_owned(),
    };
    let text = format!("database: {database}\nmaster key: {key}\n");
    Ok(plain(status, text))
}

fn plain(status: StatusCode, text: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (status, kind, Extension(Whole), text).into_response()
}
