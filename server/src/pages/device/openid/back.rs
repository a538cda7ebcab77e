//! `GET /device/openid`: the browser is back from the provider.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::{extract::Request, http::StatusCode, response::Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::{
    api::error::code,
    event::{Access, Actor},
};
use serde::Deserialize;

use super::{
    super::{
        Seal, find,
        sign_in::{Shown, choose},
    },
    Held, asks_provider, factor, failed, forget, over, provider,
};
use crate::{
    app::App,
    body,
    caller::Subscriber,
    core::{
        identities::{self, Found},
        second_factor,
    },
    error::ApiError,
    openapi::Doc,
    pages::HTML,
    router::Route,
};

/// The route.
pub(crate) const BACK: Route = Route::page(
    "/device/openid",
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "Where the OpenID provider sends the browser back to",
        query: &[],
        headers: &[],
        takes: None,
        gives: HTML,
        refuses: &[(
            409,
            "The sign-in was not begun in this browser, or took too long.",
        )],
    },
);

/// What the provider hands over (RFC 6749, section 4.1.2; RFC 9207). It may add what it likes.
#[derive(Deserialize)]
struct Handed {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
}

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    let from = request.extensions().get::<Subscriber>().copied();
    let (provider, back) = provider(&app)?;
    let held = Held::of(&app, request.headers()).ok_or_else(over)?;
    let handed: Handed = body::query(&request)?;
    let state = handed.state.unwrap_or_default();
    let state = URL_SAFE_NO_PAD.decode(state).unwrap_or_default();
    verify_slices_are_equal(&held.flow.state, &state).map_err(|_| over())?;
    let issuer = provider.issuer();
    if handed.iss.as_deref().is_some_and(|it| it != issuer) {
        return Err(over());
    }
    // Without a code somebody changed their mind there; the reason is the provider's and not shown.
    let code = handed.code.ok_or_else(|| {
        ApiError::new(
            StatusCode::FORBIDDEN,
            code::FORBIDDEN,
            "the provider did not let you in; sign in with your password, or try again",
        )
    })?;
    let now = app.clock.now();
    asks_provider(&app, from)?;
    let seconds = app.clock.seconds();
    let shown = provider.finish(&held.flow, &code, &back, seconds).await;
    let shown = shown.map_err(failed)?;
    let person = identities::member(&*app.storage, &shown, now).await?;
    let Found { person, new } = person.ok_or_else(|| {
        ApiError::not_a_member(app.storage.epoch()).in_words(
            "nobody here has that account: its address must be verified by the provider and be the one \
             that you were invited with; ask the shop's owner",
        )
    })?;
    if new {
        let by = Actor::Caller { person: person.id };
        app.tell_access(person.id, by, Access::Provider { on: true })
            .await;
    }
    let pairing = find(&app, &held.code, from).await?;
    let seal = Seal::anew();
    let has_factor = second_factor::confirmed(&*app.storage, person.id).await?;
    let mut page = if has_factor.is_some() {
        factor::ask(&app, &seal, from, &pairing, &person, None)
    } else {
        let shown = Shown {
            person: &person,
            second_factor: false,
        };
        choose(&app, &seal, from, &pairing, &shown).await?
    };
    forget(&app, page.headers_mut());
    Ok(page)
}
