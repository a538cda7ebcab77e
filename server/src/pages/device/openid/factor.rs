//! `POST /device/openid/factor`: the second factor of somebody whom the provider knows.

use axum::{http::StatusCode, response::Response};
use maud::html;
use redtag_protocol::{api::error::code, text::clean_line};

use super::{
    super::{
        Form, Seal, complaint, shown,
        sign_in::{Shown, choose},
        step,
        ticket::{self, Ticket},
    },
    TITLE, over,
};
use crate::{
    app::App,
    caller::Subscriber,
    core::second_factor,
    error::ApiError,
    pages::page,
    router::Route,
    storage::{Pairing, Person},
};

/// The route.
pub(crate) const FACTOR: Route = Route::form(
    "/device/openid/factor",
    |app, form| Box::pin(handle(app, form)),
    || step("The code of a second factor, after the OpenID provider (`ticket`, `factor`)"),
);

/// The page that asks for it.
pub(super) fn ask(
    app: &App,
    seal: &Seal,
    from: Option<Subscriber>,
    pairing: &Pairing,
    person: &Person,
    wrong: Option<&ApiError>,
) -> Response {
    let expires = app.clock.seconds() + Ticket::LIFE;
    let known = ticket::shown(person, false);
    let ticket = Ticket::new(pairing.secret, person.id, known, expires);
    let content = html! {
        @if let Some(error) = wrong { (complaint(error)) }
        (shown(pairing, from))
        p { "You are " strong { (clean_line(&person.name)) } ", " (clean_line(&person.email)) "." }
        form method="post" action="/device/openid/factor" {
            (seal.field(app))
            input type="hidden" name="ticket" value=(ticket.half(&app.keys.pages, seal));
            label for="factor" { "Code of your second factor" }
            input #factor name="factor" required autofocus inputmode="text"
                autocomplete="one-time-code" maxlength="40" spellcheck="false";
            div.acts { button { "Next" } }
        }
    };
    let status = wrong.map_or(StatusCode::OK, ApiError::status);
    seal.on(app, page(status, TITLE, &content))
}

async fn handle(app: App, mut form: Form) -> Result<Response, ApiError> {
    let [ticket, typed] = form.take(["ticket", "factor"])?;
    let (from, now) = (form.from, app.clock.now());
    let ticket = Ticket::read_half(&app.keys.pages, &form.seal, &ticket)
        .filter(|it| app.clock.seconds() < it.expires)
        .ok_or_else(over)?;
    let storage = &*app.storage;
    let pairing = storage.pairing(ticket.secret).await?.ok_or_else(over)?;
    let person = storage.person(ticket.person).await?;
    // A new password in between: who they are is to be shown anew.
    let person = person
        .filter(|it| ticket::shown(it, false) == ticket.shown)
        .ok_or_else(over)?;
    let factor = second_factor::confirmed(storage, person.id).await?;
    let factor = factor.ok_or_else(over)?;
    app.limits.guess(person.id, now)?;
    let spent = second_factor::spend(storage, &app.keys, factor, &typed, now).await;
    if !spent.map_err(ApiError::internal)? {
        let wrong = ApiError::new(
            StatusCode::UNAUTHORIZED,
            code::BAD_CREDENTIALS,
            "the code is wrong; a code is good once",
        );
        return Ok(ask(&app, &form.seal, from, &pairing, &person, Some(&wrong)));
    }
    app.limits.code.put_back(person.id);
    let known = Shown {
        person: &person,
        second_factor: true,
    };
    choose(&app, &form.seal, from, &pairing, &known).await
}
