//! `POST /device/word`: yes or no.

use axum::{http::StatusCode, response::Response};
use maud::html;
use redtag_protocol::{api::error::code, ids::ShopId, text::clean_line};

use super::{
    Form, step,
    ticket::{Ticket, shown},
};
use crate::{
    app::App,
    auth,
    core::{
        pairing::{DecideError, allow, refuse},
        second_factor,
    },
    error::ApiError,
    pages::page,
    router::Route,
    routes::sign_in::device_taken,
};

/// The route.
pub(crate) const WORD: Route = Route::form(
    "/device/word",
    |app, form| Box::pin(handle(app, form)),
    || step("Whether the device is let in (`ticket`, `shop`, `word`: `yes` or `no`)"),
);

async fn handle(app: App, mut form: Form) -> Result<Response, ApiError> {
    let [ticket, shop, word] = form.take(["ticket", "shop", "word"])?;
    let now = app.clock.now();
    let ticket = Ticket::read(&app.keys.pages, &form.seal, &ticket)
        .filter(|it| app.clock.seconds() < it.expires)
        .ok_or_else(too_late)?;
    let pairing = app
        .storage
        .pairing(ticket.secret)
        .await?
        .ok_or_else(too_late)?;
    let name = clean_line(&pairing.name);
    let (title, content) = match word.as_str() {
        "yes" => {
            let shop: ShopId = shop.parse().map_err(ApiError::invalid)?;
            let mut theirs = auth::person::shops(&app, ticket.person, Some(shop)).await?;
            let membership = theirs
                .pop()
                .ok_or_else(|| ApiError::not_a_member(app.storage.epoch()))?;
            // A new password or a new second factor in between: who they are is to be shown anew.
            let has_factor = stands(&app, &ticket).await?;
            auth::person::enough(&app, has_factor, &membership).await?;
            let session = allow(&*app.storage, &pairing, ticket.person, shop, now)
                .await
                .map_err(decided)?;
            // A new password ends the sign-ins that it finds; this one was made meanwhile, perhaps.
            if let Err(error) = stands(&app, &ticket).await {
                app.storage.session_end(session.id, now).await?;
                return Err(error);
            }
            let shop = clean_line(&membership.name).into_owned();
            let content = html! {
                p { strong { (name) } " works in " (shop) " from now on." }
                p { "You can close this page and go on there." }
            };
            ("It is let in", content)
        }
        "no" => {
            refuse(&*app.storage, &pairing, now)
                .await
                .map_err(decided)?;
            let content = html! {
                p { strong { (name) } " was refused, and learns nothing." }
                p {
                    "If somebody asked you to type its code, they wanted in as you. You were right \
                     to refuse."
                }
            };
            ("It stays out", content)
        }
        _ => return Err(ApiError::invalid("say yes or no")),
    };
    Ok(page(StatusCode::OK, title, &content))
}

/// Whether the person has a second factor, where they are as they were when they showed who they are.
async fn stands(app: &App, ticket: &Ticket) -> Result<bool, ApiError> {
    let factor = second_factor::confirmed(&*app.storage, ticket.person).await?;
    let person = app.storage.person(ticket.person).await?;
    let now = person.map(|it| shown(&it, factor.is_some()));
    (now == Some(ticket.shown))
        .then_some(factor.is_some())
        .ok_or_else(too_late)
}

fn too_late() -> ApiError {
    refused(&DecideError::TooLate)
}

fn refused(error: &DecideError) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code::INVALID, error)
}

fn decided(error: DecideError) -> ApiError {
    match error {
        DecideError::Storage(error) => device_taken(error),
        error => refused(&error),
    }
}
