//! `POST /device/sign-in`: who one is; asks for a word about the device.

use axum::{http::StatusCode, response::Response};
use maud::html;
use redtag_protocol::{api::sign_in::Membership, text::clean_line};
use secrecy::SecretString;

use super::{
    Form, Seal, TITLE,
    code_typed::{Typed, ask_person},
    find, shown, step,
    ticket::{self, Ticket},
};
use crate::{
    app::App,
    auth::{self, person::Proof},
    caller::Subscriber,
    core::settings,
    error::ApiError,
    pages::page,
    router::Route,
    storage::{Pairing, Person},
};

/// The route.
pub(crate) const SIGN_IN: Route = Route::form(
    "/device/sign-in",
    |app, form| Box::pin(handle(app, form)),
    || step("Who lets the device in (`code`, `email`, `password`, `factor`)"),
);

async fn handle(app: App, mut form: Form) -> Result<Response, ApiError> {
    let [code, email, password, factor] = form.take(["code", "email", "password", "factor"])?;
    let from = form.from;
    let pairing = find(&app, &code, from).await?;
    let factor = Some(factor.trim()).filter(|it| !it.is_empty());
    let proof = Proof {
        password: SecretString::from(password.as_str()),
        code: factor.map(SecretString::from),
    };
    let known = match auth::person::known(&app, &email, proof, from).await {
        Ok(known) => known,
        Err(error) if error.status().is_client_error() => {
            let typed = Typed {
                code: &code,
                email: &email,
                from,
            };
            return Ok(ask_person(&app, &form.seal, &pairing, &typed, Some(&error)));
        }
        Err(error) => return Err(error),
    };
    let known = Shown {
        person: &known.person,
        second_factor: known.second_factor,
    };
    choose(&app, &form.seal, from, &pairing, &known).await
}

/// Who somebody is, and whether they have shown a second factor besides.
pub(super) struct Shown<'a> {
    pub(super) person: &'a Person,
    pub(super) second_factor: bool,
}

/// The page that asks for a word, for somebody who has shown who they are.
pub(super) async fn choose(
    app: &App,
    seal: &Seal,
    from: Option<Subscriber>,
    pairing: &Pairing,
    known: &Shown<'_>,
) -> Result<Response, ApiError> {
    let person = known.person;
    let mut shops = Vec::new();
    let mut wanting = None;
    for shop in auth::person::shops(app, person.id, None).await? {
        if !settings::read(&*app.storage, shop.shop).await?.device_codes {
            continue;
        }
        match auth::person::enough(app, known.second_factor, &shop).await {
            Ok(()) => shops.push(shop),
            Err(error) if error.status().is_client_error() => wanting = Some(error),
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = wanting.filter(|_| shops.is_empty()) {
        return Err(error);
    }
    if shops.is_empty() {
        return Err(ApiError::not_a_member(app.storage.epoch()).in_words(
            "none of your shops lets a device in by a code; sign in on the device with your \
             password, or ask the shop's owner",
        ));
    }
    let expires = app.clock.seconds() + Ticket::LIFE;
    let shown = ticket::shown(person, known.second_factor);
    let ticket = Ticket::new(pairing.secret, person.id, shown, expires);
    let ticket = ticket.text(&app.keys.pages, seal);
    let page = ask_word(app, seal, from, pairing, person, &shops, &ticket);
    Ok(page)
}

/// The page that says all there is to know, and asks yes or no.
fn ask_word(
    app: &App,
    seal: &Seal,
    from: Option<Subscriber>,
    pairing: &Pairing,
    person: &Person,
    shops: &[Membership],
    ticket: &str,
) -> Response {
    let alone = shops.len() == 1;
    let content = html! {
        (shown(pairing, from))
        p { "You are " strong { (clean_line(&person.name)) } ", " (clean_line(&person.email)) "." }
        form method="post" action="/device/word" {
            (seal.field(app))
            input type="hidden" name="ticket" value=(ticket);
            fieldset {
                legend { "It will work in" }
                @for (at, shop) in shops.iter().enumerate() {
                    label.choice {
                        input type="radio" name="shop" value=(shop.shop) required
                            checked[alone || at == 0];
                        span { (clean_line(&shop.name)) " (" (shop.role) ")" }
                    }
                }
            }
            p { "Is this device in front of you?" }
            div.acts {
                button name="word" value="yes" { "Yes, let it in" }
                button.other name="word" value="no" { "No, refuse it" }
            }
        }
    };
    seal.on(app, page(StatusCode::OK, TITLE, &content))
}
