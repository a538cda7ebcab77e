//! Pages for people with a browser: one file per page, all made by [`page`], so that none goes out
//! without its headers. There is no script anywhere, and nothing is fetched but the page itself: the
//! style stands in it and is named by its digest in the content security policy.

pub(crate) mod device;
pub(crate) mod error;
pub(crate) mod forgotten;
pub(crate) mod form;
pub(crate) mod home;
pub(crate) mod link;

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::{
    Extension,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::json;

use crate::{openapi::Media, outer::Whole};

/// The one style of all pages.
pub(crate) const STYLE: &str = include_str!("pages/style.css");

/// What every page is.
pub(crate) const HTML: Media = Media::other("text/html", || json!({"type": "string"}), |_| {});

/// The media type of every page.
const KIND: &str = "text/html; charset=utf-8";

/// What a page may do (CSP level 3): be styled by its own style, and send its forms here.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let digest = STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    // Base64 and the words above are what every header takes.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// A page with this title over this content.
pub(crate) fn page(status: StatusCode, title: &str, content: &Markup) -> Response {
    let text = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " – Redtag" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    p.mark { "Redtag" }
                    h1 { (title) }
                    (content)
                }
            }
        }
    };
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(KIND))];
    (status, kind, Extension(Whole), text.into_string()).into_response()
}

/// Whether an answer is a page.
pub(crate) fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|it| it == KIND)
}

/// Whether whoever asks would rather read a page than JSON: only browsers name this type.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split([',', ';']).any(|it| it.trim() == "text/html"))
}

/// What a page carries besides or instead of what every answer does.
pub(crate) fn headers() -> [(HeaderName, HeaderValue); 3] {
    let own = HeaderValue::from_static("same-origin");
    [
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        // No other window holds on to this one, and no other site embeds what it says.
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            own.clone(),
        ),
        (HeaderName::from_static("cross-origin-resource-policy"), own),
    ]
}

#[cfg(test)]
mod tests;
