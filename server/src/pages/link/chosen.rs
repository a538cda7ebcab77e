//! `POST /link`: the password that was chosen.

use axum::{http::StatusCode, response::Response};
use maud::html;
use redtag_protocol::{
    event::{Access, Actor},
    stamp::Seq,
    text::clean_line,
};
use secrecy::SecretString;

use super::{Holder, TITLE, ask, gone, holder};
use crate::{
    app::App,
    auth::password,
    core::{second_factor, settings, tokens},
    error::ApiError,
    openapi::Doc,
    pages::{HTML, form, form::Form, page},
    router::Route,
    storage::StorageError,
};

/// The route.
pub(crate) const CHOSEN: Route = Route::form(
    "/link",
    |app, form| Box::pin(handle(app, form)),
    || Doc {
        summary: "The password that was chosen by a link (`link`, `password`, `again`); every sign-in \
                  of the person ends",
        query: &[],
        headers: &[],
        takes: Some(form::MEDIA),
        gives: HTML,
        refuses: &[
            (403, "The form was not sent from a page of this server."),
            (
                410,
                "The link was used, is too old, or is none; it is not told which.",
            ),
        ],
    },
);

async fn handle(app: App, mut form: Form) -> Result<Response, ApiError> {
    let [link, password, again] = form.take(["link", "password", "again"])?;
    let holder = holder(&app, &link, form.from).await?;
    let asked_again = |words: &str| Ok(ask(&app, &form.seal, &holder, &link, Some(words)));
    if password != again {
        return asked_again("the two passwords differ; nothing was changed");
    }
    let password = SecretString::from(password.as_str());
    if let Err(unfit) = password::fit(&password) {
        return asked_again(&unfit.to_string());
    }
    let hash = app.passwords.hash(password).await;
    let hash = hash.map_err(ApiError::internal)?;
    let person = &holder.person;
    // Only in the place of the password that the link was made over: of two that race with one link
    // the other ends here.
    let (id, now) = (person.id, app.clock.now());
    let from = person.password.clone();
    let stood = app.storage.person_password_from(id, from, hash, None, now);
    if !stood.await? {
        return Err(gone());
    }
    tracing::info!(person = %id, "a password was chosen by a link, older sign-ins ended");
    tokens::end_everywhere(&*app.storage, id, now).await?;
    let by = Actor::Caller { person: id };
    app.tell_access(id, by, Access::Password).await;
    // Live streams look again whether they may go on.
    for shop in &holder.shops {
        app.hub.wake(shop.shop, Seq(0));
    }
    Ok(told(&app, &holder).await?)
}

/// What comes next, which for some is a second factor.
async fn told(app: &App, holder: &Holder) -> Result<Response, StorageError> {
    let person = &holder.person;
    let factor = second_factor::confirmed(&*app.storage, person.id).await?;
    let mut demanding = Vec::new();
    for shop in &holder.shops {
        let settings = settings::read(&*app.storage, shop.shop).await?;
        if factor.is_none() && second_factor::demanded(&settings, shop.role) {
            demanding.push(shop);
        }
    }
    let url = app.settings.public_url.as_deref().unwrap_or("URL");
    let email = clean_line(&person.email);
    let content = html! {
        p { "Your password is set. Whatever was signed in as you asks for it anew." }
        @for shop in &demanding {
            p {
                strong { (clean_line(&shop.name)) } " lets no " (shop.role) " sign in without a second \
                 factor. Make one first, in the terminal:"
            }
            p { code { "redtag second-factor enrol --url " (url) " --email " (email) } }
        }
        p {
            @if demanding.is_empty() { "Sign in on your bench:" } @else { "Then sign in:" }
        }
        p { code { "redtag login " (url) } }
        @if app.settings.public_url.is_none() {
            p.note { "URL is the address of this page without what follows the name." }
        }
    };
    Ok(page(StatusCode::OK, TITLE, &content))
}
