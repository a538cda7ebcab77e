//! A password that was forgotten: asks for the address, and says the same whatever it was.

mod asked;

use axum::{extract::Request, response::Response};
use maud::html;

pub(crate) use self::asked::ASKED;
use super::{HTML, form::Seal, page};
use crate::{app::App, error::ApiError, mail::Outbox, openapi::Doc, router::Route};

/// `GET /forgotten`: asks for the address.
pub(crate) const PAGE: Route = Route::page(
    "/forgotten",
    |app, request| Box::pin(async move { asks(&app, &request) }),
    || Doc {
        summary: "The page on which somebody who has forgotten their password has a link mailed; there \
                  only where the server sends mail",
        query: &[],
        headers: &[],
        takes: None,
        gives: HTML,
        refuses: &[(404, "This server sends no mail.")],
    },
);

const TITLE: &str = "A new password";

fn asks(app: &App, request: &Request) -> Result<Response, ApiError> {
    outbox(app)?;
    let seal = Seal::of(app, request.headers());
    let content = html! {
        p { "Type the address that you sign in with. A link by which you choose a new password is mailed \
             to it." }
        form method="post" action="/forgotten" {
            (seal.field(app))
            label for="email" { "E-mail" }
            input #email name="email" type="email" required autofocus autocomplete="username"
                maxlength="254";
            div.acts { button { "Mail me a link" } }
        }
    };
    Ok(seal.on(app, page(axum::http::StatusCode::OK, TITLE, &content)))
}

/// Where mail is put, on a server that sends any.
fn outbox(app: &App) -> Result<&Outbox, ApiError> {
    app.settings.mail.as_ref().ok_or_else(|| {
        ApiError::not_found().in_words(
            "this server sends no mail; ask the shop's owner for a link for a new password",
        )
    })
}

#[cfg(test)]
mod tests;
