//! `POST /device`: the code was typed; asks who one is.

use axum::{http::StatusCode, response::Response};
use maud::html;
use redtag_protocol::text::clean_line;

use super::{Form, Seal, TITLE, ask_code, complaint, find, shown, step};
use crate::{
    app::App, caller::Subscriber, error::ApiError, pages::page, router::Route, storage::Pairing,
};

/// The route.
pub(crate) const CODE: Route = Route::form(
    "/device",
    |app, form| Box::pin(handle(app, form)),
    || step("The code that a person typed (`code`)"),
);

async fn handle(app: App, mut form: Form) -> Result<Response, ApiError> {
    let [code] = form.take(["code"])?;
    match find(&app, &code, form.from).await {
        Ok(pairing) => {
            let typed = Typed {
                code: &code,
                email: "",
                from: form.from,
            };
            Ok(ask_person(&app, &form.seal, &pairing, &typed, None))
        }
        // What the person can mend is asked again; the rest is told as on any page.
        Err(error) if error.status().is_client_error() => {
            Ok(ask_code(&app, &form.seal, Some(&error)))
        }
        Err(error) => Err(error),
    }
}

/// What was typed so far.
pub(super) struct Typed<'a> {
    pub(super) code: &'a str,
    pub(super) email: &'a str,
    pub(super) from: Option<Subscriber>,
}

/// The page that asks who lets the device in, with what was wrong the last time.
pub(super) fn ask_person(
    app: &App,
    seal: &Seal,
    pairing: &Pairing,
    typed: &Typed<'_>,
    wrong: Option<&ApiError>,
) -> Response {
    let content = html! {
        @if let Some(error) = wrong { (complaint(error)) }
        (shown(pairing, typed.from))
        form method="post" action="/device/sign-in" {
            (seal.field(app))
            input type="hidden" name="code" value=(typed.code);
            label for="email" { "E-mail" }
            input #email name="email" type="email" required autocomplete="username"
                autofocus[typed.email.is_empty()] value=(clean_line(typed.email));
            label for="password" { "Password" }
            input #password name="password" type="password" required
                autofocus[!typed.email.is_empty()] autocomplete="current-password";
            label for="factor" { "Code of your second factor, if you have one" }
            input #factor name="factor" inputmode="text" autocomplete="one-time-code"
                maxlength="40" spellcheck="false";
            div.acts { button { "Next" } }
        }
        @if let Some(provider) = &app.settings.openid {
            form method="post" action="/device/openid" {
                (seal.field(app))
                input type="hidden" name="code" value=(typed.code);
                div.acts { button.other { "Sign in with " (clean_line(provider.name())) } }
            }
        }
        @if app.settings.mail.is_some() {
            p.note { a href="/forgotten" { "Forgotten your password?" } }
        }
    };
    let status = wrong.map_or(StatusCode::OK, ApiError::status);
    seal.on(app, page(status, TITLE, &content))
}
