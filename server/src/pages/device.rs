//! Letting a device in (RFC 8628, section 3.3): the code, typed by hand; then who one is; then what
//! waits, from where, for which shop, and yes or no. Each is a page of its own file.
//!
//! What one page knows is handed to the next by the browser: the code as it was typed, then a
//! [`ticket`] that only this server can have made, for this browser, and not for long. So the server
//! keeps nothing, and any process of it can answer.

mod code_typed;
mod openid;
mod sign_in;
mod ticket;
mod word;

use axum::{extract::Request, http::StatusCode, response::Response};
use maud::{Markup, html};
use redtag_protocol::{api::error::code, text::clean_line};

pub(crate) use self::{
    code_typed::CODE,
    openid::{BACK as OPENID_BACK, BEGIN as OPENID, FACTOR as OPENID_FACTOR},
    sign_in::SIGN_IN,
    word::WORD,
};
use super::{
    HTML,
    error::sentence,
    form::{Form, Seal},
    page,
};
use crate::{
    app::App, auth::pairing::Code, caller::Subscriber, core::pairing::waits, error::ApiError,
    openapi::Doc, router::Route, storage::Pairing,
};

/// `GET /device`: asks for the code.
pub(crate) const PAGE: Route = Route::page(
    "/device",
    |app, request| Box::pin(async move { Ok(asks(&app, &request)) }),
    || Doc {
        summary: "The page on which a person lets a device in; all of it works without script",
        query: &[],
        headers: &[],
        takes: None,
        gives: HTML,
        refuses: &[],
    },
);

const TITLE: &str = "Let a device in";

fn asks(app: &App, request: &Request) -> Response {
    let seal = Seal::of(app, request.headers());
    ask_code(app, &seal, None)
}

/// The page that asks for the code, with what was wrong the last time.
fn ask_code(app: &App, seal: &Seal, wrong: Option<&ApiError>) -> Response {
    let content = html! {
        @if let Some(error) = wrong { (complaint(error)) }
        p { "Type the code that your terminal shows." }
        form method="post" action="/device" {
            (seal.field(app))
            label for="code" { "Code" }
            input #code.code name="code" required autofocus autocomplete="off"
                autocapitalize="characters" spellcheck="false" maxlength="20"
                placeholder="BCDF-GHJK" aria-describedby="why";
            p #why.note {
                "Type only a code that you see on a device in front of you. Whoever sent you one \
                 wants in as you."
            }
            div.acts { button { "Next" } }
        }
    };
    let status = wrong.map_or(StatusCode::OK, ApiError::status);
    seal.on(app, page(status, TITLE, &content))
}

/// The device that waits under a code, for as many wrong ones as the limit allows.
async fn find(app: &App, typed: &str, from: Option<Subscriber>) -> Result<Pairing, ApiError> {
    let address = from.map(|Subscriber(address)| address);
    let now = app.clock.now();
    app.limits
        .codes
        .take(address, now.0)
        .map_err(ApiError::slow_down)?;
    let found = match Code::read(typed) {
        Some(code) => {
            app.storage
                .pairing_by_code(code.kept(&app.keys.pages))
                .await?
        }
        None => None,
    };
    match found.filter(|it| waits(it, now)) {
        Some(pairing) => {
            app.limits.codes.put_back(address);
            Ok(pairing)
        }
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            code::NOT_FOUND,
            "no device waits under this code; look again, or begin anew on the device: a code is \
             good for ten minutes",
        )),
    }
}

/// What waits, and from where.
fn shown(pairing: &Pairing, from: Option<Subscriber>) -> Markup {
    let here = from.map(|Subscriber(address)| address.to_string());
    let is_here = here.as_deref() == Some(&pairing.address);
    html! {
        dl {
            dt { "Device" } dd { (clean_line(&pairing.name)) }
            @if pairing.client != redtag_protocol::api::device::DAEMON {
                dt { "Program" } dd { (clean_line(&pairing.client)) }
            }
            dt { "From" }
            dd {
                (pairing.address)
                @if is_here { ", as you are" } @else { ", which is not where you are" }
            }
        }
    }
}

fn complaint(error: &ApiError) -> Markup {
    html! { p.wrong role="alert" { (sentence(error.words())) } }
}

/// A step's route, whose form has this summary.
const fn step(summary: &'static str) -> Doc {
    Doc {
        summary,
        query: &[],
        headers: &[],
        takes: Some(super::form::MEDIA),
        gives: HTML,
        refuses: &[(403, "The form was not sent from a page of this server.")],
    }
}

#[cfg(test)]
mod tests;
