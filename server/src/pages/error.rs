//! A refusal or a failure, as a page.

use axum::response::Response;
use maud::html;

use super::page;
use crate::error::ApiError;

/// The page that says what is wrong and what to do.
pub(crate) fn render(error: &ApiError, request_id: &str) -> Response {
    let content = html! {
        p.wrong role="alert" { (sentence(error.words())) }
        p.note { "Request " code { (request_id) } "." }
    };
    let title = match error.status().as_u16() {
        404 => "Nothing here",
        429 => "Not so fast",
        500.. => "The server failed",
        _ => "That did not work",
    };
    let mut response = page(error.status(), title, &content);
    for (name, value) in error.headers() {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The words as a sentence of their own.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut text: String = first.chain(letters).collect();
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}
