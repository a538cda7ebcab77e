//! `GET /`: for who types the address into a browser.

use axum::http::StatusCode;
use maud::html;

use super::{HTML, page};
use crate::{openapi::Doc, router::Route};

/// The page.
pub(crate) const ROUTE: Route = Route::page(
    "/",
    |app, _| {
        Box::pin(async move {
            let content = html! {
                p { "This is a Redtag server. The work is done in the terminal:" }
                p { code { "redtag login" } " and this page’s address signs a bench in." }
                @if app.settings.mail.is_some() {
                    p { a href="/forgotten" { "Forgotten your password?" } }
                }
            };
            Ok(page(StatusCode::OK, "Inspections", &content))
        })
    },
    || Doc {
        summary: "Says what this address is",
        query: &[],
        headers: &[],
        takes: None,
        gives: HTML,
        refuses: &[],
    },
);
