//! One answer instead of a stream, for benches behind a proxy that holds streams back.

use std::time::Duration;

use axum::{
    Json,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{api::live::News, stamp::Seq};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

use crate::{app::App, body, caller::Caller, error::ApiError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    after: Option<u64>,
}

/// After which sequence somebody wants to hear, if it is one answer that is asked for.
pub(super) fn asked(request: &Request) -> Result<Option<Seq>, ApiError> {
    let query: Query = body::query(request)?;
    let accepts = request.headers().get(header::ACCEPT);
    let json = accepts
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.split(',').any(|it| it.trim() == "application/json"));
    match (json, query.after) {
        (true, after) => Ok(Some(Seq(after.unwrap_or(0)))),
        (false, None) => Ok(None),
        (false, Some(_)) => Err(ApiError::invalid(
            "“after” goes with Accept: application/json",
        )),
    }
}

/// Waits until the shop is past a sequence, or long enough.
pub(super) async fn answer(app: App, caller: Caller, after: Seq) -> Result<Response, ApiError> {
    // Subscribe before reading where the shop is, so that nothing falls in between.
    let mut news = app.hub.watch(caller.shop);
    let head = app.storage.head(caller.shop).await?;
    app.hub.tell(caller.shop, head.seq);
    let life = Duration::from_secs(caller.expires.saturating_sub(app.clock.seconds()));
    let ends = Instant::now() + app.settings.poll.min(life);
    while *news.borrow_and_update() <= after {
        tokio::select! {
            () = app.ending.cancelled() => break,
            () = sleep_until(ends) => break,
            changed = news.changed() => if changed.is_err() { break },
        }
    }
    // Whoever was removed meanwhile hears nothing. A hint may have been lost, so the shop is asked.
    match caller.still_stands(&app).await {
        Err(error) if error.status() != StatusCode::SERVICE_UNAVAILABLE => return Err(error),
        _ => {}
    }
    let head = app.storage.head(caller.shop).await?;
    Ok(Json(News { seq: head.seq }).into_response())
}

#[cfg(test)]
mod tests;
