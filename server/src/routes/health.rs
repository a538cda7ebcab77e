//! `GET /healthz` and `GET /readyz`, for supervisors and people.

use axum::{
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use crate::{
    app::App,
    error::ApiError,
    openapi::{Doc, Media},
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

async fn ready(app: App, _: Request) -> Result<Response, ApiError> {
    let (database, status) = match app.storage.shops().await {
        Ok(_) => ("ok", StatusCode::OK),
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the database does not answer");
            (
                "does not answer; see the log",
                StatusCode::SERVICE_UNAVAILABLE,
            )
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
    (status, kind, text).into_response()
}
