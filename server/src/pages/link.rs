//! Choosing a password by a link, for who was invited and who has forgotten theirs: the page that asks
//! for one, and what became of it.
//!
//! The link stands in the address, for there is no script that could take it from anywhere else. So
//! nothing of an address is logged here but its route, no page sends a referrer or names another
//! site, and looking at the page uses nothing up: mail scanners do.

mod chosen;

use axum::{extract::Request, http::StatusCode, response::Response};
use maud::{Markup, html};
use redtag_protocol::{
    api::{error::code, sign_in::Membership},
    text::clean_line,
};

pub(crate) use self::chosen::CHOSEN;
use super::{HTML, error::sentence, form::Seal, page};
use crate::{
    app::App,
    auth::{
        self,
        link::{self, Purpose},
        password::SHORTEST,
    },
    caller::Subscriber,
    error::ApiError,
    openapi::Doc,
    router::Route,
    storage::Person,
};

/// `GET /link/{link}`: asks for a password.
pub(crate) const PAGE: Route = Route::page(
    "/link/{link}",
    |app, request| Box::pin(asks(app, request)),
    || Doc {
        summary: "The page on which somebody who was invited, or has forgotten their password, \
                  chooses one",
        query: &[],
        headers: &[],
        takes: None,
        gives: HTML,
        refuses: &[(
            410,
            "The link was used, is too old, or is none; it is not told which.",
        )],
    },
);

const TITLE: &str = "Choose a password";

async fn asks(app: App, request: Request) -> Result<Response, ApiError> {
    let from = request.extensions().get::<Subscriber>().copied();
    let text = request.uri().path().rsplit('/').next().unwrap_or_default();
    let holder = holder(&app, text, from).await?;
    let seal = Seal::of(&app, request.headers());
    Ok(ask(&app, &seal, &holder, text, None))
}

/// Whoever a good link was made for.
struct Holder {
    person: Person,
    purpose: Purpose,
    /// Never empty.
    shops: Vec<Membership>,
}

/// Whose link it is, for as many that are not good as the limit allows.
async fn holder(app: &App, text: &str, from: Option<Subscriber>) -> Result<Holder, ApiError> {
    let address = from.map(|Subscriber(address)| address);
    let limit = &app.limits.links;
    limit
        .take(address, app.clock.now().0)
        .map_err(ApiError::slow_down)?;
    let now = app.clock.seconds();
    let presented = link::read(text).filter(|it| now < it.link.expires);
    let presented = presented.ok_or_else(gone)?;
    let person = app.storage.person(presented.link.person).await?;
    let fits = |it: &Person| presented.fits(&app.keys.links, it, app.storage.epoch());
    let person = person.filter(fits).ok_or_else(gone)?;
    let shops = auth::person::shops(app, person.id, None).await?;
    // Whoever was removed since has nothing to choose a password for.
    if shops.is_empty() {
        return Err(gone());
    }
    limit.put_back(address);
    Ok(Holder {
        person,
        purpose: presented.link.purpose,
        shops,
    })
}

/// One answer to every link that is not good.
fn gone() -> ApiError {
    ApiError::new(
        StatusCode::GONE,
        code::NOT_FOUND,
        "this link is not good, or not any more: it is good once and for a while, and ends with any \
         new password; ask for another one",
    )
}

/// The page that asks for a password, with what was wrong the last time.
fn ask(app: &App, seal: &Seal, holder: &Holder, link: &str, wrong: Option<&str>) -> Response {
    let content = html! {
        @if let Some(words) = wrong { p.wrong role="alert" { (sentence(words)) } }
        (who(holder))
        form method="post" action="/link" {
            (seal.field(app))
            input type="hidden" name="link" value=(link);
            label for="email" { "E-mail" }
            input #email type="email" readonly autocomplete="username"
                value=(clean_line(&holder.person.email));
            label for="password" { "Password" }
            input #password name="password" type="password" required autofocus
                autocomplete="new-password" minlength=(SHORTEST) aria-describedby="why";
            label for="again" { "The same again" }
            input #again name="again" type="password" required autocomplete="new-password";
            p #why.note {
                "At least " (SHORTEST) " characters; a short sentence is best. What everybody knows is \
                 not taken."
            }
            div.acts { button { "Set the password" } }
        }
    };
    let status = match wrong {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    seal.on(app, page(status, TITLE, &content))
}

fn who(holder: &Holder) -> Markup {
    let name = clean_line(&holder.person.name);
    html! {
        @match holder.purpose {
            Purpose::Invitation => { p { "Welcome, " strong { (name) } ". You were invited to:" } },
            Purpose::Reset => { p { strong { (name) } ", you asked for a new password for:" } },
        }
        ul {
            @for shop in &holder.shops {
                li { (clean_line(&shop.name)) " (" (shop.role) ")" }
            }
        }
    }
}

#[cfg(test)]
mod tests;
