//! `POST /forgotten`: has a link mailed, if there is somebody to mail it to.

use axum::{http::StatusCode, response::Response};
use maud::html;

use super::{TITLE, outbox};
use crate::{
    app::App,
    caller::Subscriber,
    error::ApiError,
    openapi::Doc,
    pages::{HTML, form, form::Form, page},
    router::Route,
};

/// The route.
pub(crate) const ASKED: Route = Route::form(
    "/forgotten",
    |app, form| Box::pin(async move { handle(&app, form) }),
    || Doc {
        summary: "The address of somebody who has forgotten their password (`email`); the answer is the \
                  same whether anybody has it",
        query: &[],
        headers: &[],
        takes: Some(form::MEDIA),
        gives: HTML,
        refuses: &[
            (403, "The form was not sent from a page of this server."),
            (404, "This server sends no mail."),
        ],
    },
);

fn handle(app: &App, mut form: Form) -> Result<Response, ApiError> {
    let [email] = form.take(["email"])?;
    let outbox = outbox(app)?;
    let now = app.clock.now().0;
    let limits = &app.limits;
    let from = form.from.map(|Subscriber(address)| address);
    limits
        .forgotten
        .take(from, now)
        .map_err(ApiError::slow_down)?;
    // As the database compares addresses. Nobody is told that there were too many: it would be told of
    // what others did.
    let email = email.trim().to_lowercase();
    if limits.mails.take(&email, now).is_ok() {
        outbox.forgotten(&email);
    }
    let content = html! {
        p {
            "If this is the address of a member, a mail with a link is on its way. The link is good for \
             an hour."
        }
        p.note {
            "Nothing came? Look among unwanted mail, and whether the address is the one that you sign in \
             with. Or ask the shop’s owner."
        }
    };
    Ok(page(StatusCode::OK, TITLE, &content))
}
