//! The outermost layer: what every request gets, whatever its route. A request id, a limit by
//! address, a log line, an answer even when a handler panics, the security headers.
//!
//! The log holds the method, the route, the shop, the status and the time taken. Never a token, a
//! body, a query or an e-mail address.

use std::{any::Any, panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt as _;
use redtag_protocol::api;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate},
};
use tracing::Instrument as _;

use crate::{
    app::{App, subscriber},
    caller::Subscriber,
    error::ApiError,
    keys::random,
    pages,
    proxy::{self, Peer},
    router::{ROUTES, Route},
};

/// The header that names the request in the log.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Compresses what is long and holds no secret.
pub(crate) fn compression() -> CompressionLayer<OnlyLong> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(1))
        .compress_when(OnlyLong)
}

/// See [`compression`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnlyLong;

impl Predicate for OnlyLong {
    fn should_compress<B>(&self, response: &axum::http::Response<B>) -> bool {
        let kind = response.headers().get(header::CONTENT_TYPE);
        kind.is_some_and(|kind| kind == api::NDJSON)
    }
}

/// Put into the extensions of an answer: its body stands although its status is an error's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole;

/// Handles one request; see the module.
pub(crate) async fn handle(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = format!("{:016x}", u64::from_be_bytes(random()));
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!(
        "request",
        id,
        method = %request.method(),
        route,
        shop = tracing::field::Empty,
    );
    let caller = address(&app, request.extensions(), request.headers());
    request.extensions_mut().insert(caller);
    let began = Instant::now();
    let to = Told {
        id: &id,
        as_page: as_page(&route, request.headers()),
    };
    let answer = async {
        let mut response = match app.limits.requests.take(caller.0, app.clock.now().0) {
            Err(wait) => render(ApiError::slow_down(wait), to),
            Ok(()) => match AssertUnwindSafe(next.run(request)).catch_unwind().await {
                Ok(response) => finish(response, to),
                Err(panic) => render(ApiError::internal(panicked(&*panic)), to),
            },
        };
        let status = response.status();
        tracing::info!(
            status = status.as_u16(),
            millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
        set_headers(response.headers_mut(), &id, app.settings.secure);
        response
    };
    answer.instrument(span).await
}

/// How whoever asked is told that it did not succeed.
#[derive(Debug, Clone, Copy)]
struct Told<'a> {
    /// Names the request in the log.
    id: &'a str,
    /// To a person with a browser.
    as_page: bool,
}

fn as_page(route: &str, headers: &HeaderMap) -> bool {
    let mut known = ROUTES.iter().filter(|it| it.path() == route).peekable();
    match known.peek() {
        Some(_) => known.any(Route::is_page),
        None => pages::is_wanted(headers),
    }
}

fn address(app: &App, extensions: &Extensions, headers: &HeaderMap) -> Subscriber {
    // Without a listener, as in a test that calls the service itself, everybody is local.
    let local = Peer(([127, 0, 0, 1], 0).into());
    let Peer(peer) = extensions.get().copied().unwrap_or(local);
    Subscriber(subscriber(proxy::caller(
        peer,
        headers,
        &app.settings.proxies,
    )))
}

/// Gives an error that a handler returned, or one of axum's own, its body. A body that is [`Whole`]
/// stays.
fn finish(mut response: Response, to: Told<'_>) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        return render(error, to);
    }
    let status = response.status();
    let whole = response.extensions().get::<Whole>().is_some();
    if !whole && (status.is_client_error() || status.is_server_error()) {
        let allow = response.headers_mut().remove(header::ALLOW);
        let mut rendered = render(ApiError::of_status(status), to);
        if let Some(allow) = allow {
            rendered.headers_mut().insert(header::ALLOW, allow);
        }
        return rendered;
    }
    response
}

fn render(error: ApiError, to: Told<'_>) -> Response {
    let code = error.code();
    if let Some(cause) = error.cause() {
        tracing::error!(code, error = format!("{cause:#}"), "failed");
    } else {
        tracing::info!(code, "refused");
    }
    if to.as_page {
        return pages::error::render(&error, to.id);
    }
    error.render(to.id)
}

fn panicked(panic: &(dyn Any + Send)) -> anyhow::Error {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    anyhow::anyhow!("a request handler panicked: {words}")
}

fn set_headers(headers: &mut HeaderMap, id: &str, secure: bool) {
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if pages::is_page(headers) {
        for (name, value) in pages::headers() {
            headers.insert(name, value);
        }
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests;
