//! Showing who one is by an account of somebody else's (OpenID Connect), in the place of the password and
//! of nothing else: a second factor that somebody has is asked for here too, and one that a shop
//! demands is demanded. What a provider says of how it knew them counts for nothing.
//!
//! The browser comes back from another site, so the form's cookie, which is `SameSite=Strict`, stays
//! away. What is remembered for the way back lies in a cookie of its own, sealed; and whoever is back
//! goes on with a new form's cookie.

mod back;
mod factor;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maud::html;
use redtag_protocol::{api::error::code, text::clean_line};
use zeroize::Zeroizing;

pub(crate) use self::{back::BACK, factor::FACTOR};
use super::{Form, find, step};
use crate::{
    app::App,
    caller::Subscriber,
    error::ApiError,
    openid::{Flow, OpenIdError, Provider},
    pages::page,
    router::Route,
};

/// `POST /device/openid`: sends the browser to the provider.
pub(crate) const BEGIN: Route = Route::form(
    "/device/openid",
    |app, form| Box::pin(handle(app, form)),
    || step("Signs in with an account at the OpenID provider (`code`)"),
);

const TITLE: &str = "Sign in elsewhere";

/// How long somebody may take at the provider, in seconds.
const LIFE: u64 = 600;

/// What the cookie is sealed for.
const CONTEXT: &str = "openid sign-in";

async fn handle(app: App, mut form: Form) -> Result<Response, ApiError> {
    let [code] = form.take(["code"])?;
    let (provider, back) = provider(&app)?;
    // Whoever has no code that waits sends nobody anywhere.
    find(&app, &code, form.from).await?;
    asks_provider(&app, form.from)?;
    let held = Held {
        flow: Flow::draw(),
        expires: app.clock.seconds() + LIFE,
        code: Zeroizing::new(code.to_string()),
    };
    let url = provider.begin(&held.flow, &back).await.map_err(failed)?;
    let content = html! {
        p { "You go to " strong { (clean_line(provider.name())) } " to sign in, and come back." }
        p { a href=(url) { "Go on" } }
    };
    let mut page = page(StatusCode::OK, TITLE, &content);
    let headers = page.headers_mut();
    // The policy of pages lets no form lead away from here, not by a redirect either.
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={url}")) {
        headers.insert(header::REFRESH, refresh);
    }
    held.keep(&app, headers);
    Ok(page)
}

/// The provider, and where it sends browsers back to.
fn provider(app: &App) -> Result<(&Provider, String), ApiError> {
    let (provider, url) = (&app.settings.openid, &app.settings.public_url);
    match (provider, url) {
        (Some(provider), Some(url)) => Ok((provider, format!("{url}/device/openid"))),
        _ => Err(ApiError::not_found().in_words("this server believes no OpenID provider")),
    }
}

/// Each question is a call to somebody else's server: nobody has us make any number of them. What is
/// taken is not put back, and has nothing to do with guesses at passwords.
fn asks_provider(app: &App, from: Option<Subscriber>) -> Result<(), ApiError> {
    let address = from.map(|Subscriber(address)| address);
    let now = app.clock.now().0;
    let taken = app.limits.providers.take(address, now);
    taken.map_err(ApiError::slow_down)
}

fn failed(error: OpenIdError) -> ApiError {
    let mut refused = ApiError::internal(error);
    refused = refused.in_words(
        "the provider could not be asked, or what it says does not hold; sign in with your password, \
         or try again later",
    );
    refused
}

fn over() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        code::INVALID,
        "this sign-in was not begun in this browser, took too long, or is over; type the device's code \
         again",
    )
}

/// What is remembered until the browser is back.
struct Held {
    flow: Flow,
    /// Seconds since 1970.
    expires: u64,
    /// The device's, as it was typed.
    code: Zeroizing<String>,
}

/// State, nonce, verifier, time.
const FIXED: usize = 16 + 16 + 32 + 8;

impl Held {
    fn keep(&self, app: &App, headers: &mut HeaderMap) {
        let mut bytes = Zeroizing::new(Vec::with_capacity(FIXED + self.code.len()));
        bytes.extend_from_slice(&self.flow.state);
        bytes.extend_from_slice(&self.flow.nonce);
        bytes.extend_from_slice(&*self.flow.verifier);
        bytes.extend_from_slice(&self.expires.to_be_bytes());
        bytes.extend_from_slice(self.code.as_bytes());
        let sealed = app.keys.wrapping.wrap(CONTEXT, &bytes);
        set(app, headers, &URL_SAFE_NO_PAD.encode(sealed), LIFE);
    }

    /// What this browser brings back, if it did so in time.
    fn of(app: &App, headers: &HeaderMap) -> Option<Self> {
        let name = name(app);
        let pairs = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let mut found = pairs.filter(|(it, _)| *it == name);
        let text = found.next().map(|(_, text)| text)?;
        if text.len() > 1000 {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let bytes = app.keys.wrapping.unwrap(CONTEXT, &sealed).ok()?;
        let (state, rest) = bytes.split_first_chunk::<16>()?;
        let (nonce, rest) = rest.split_first_chunk::<16>()?;
        let (verifier, rest) = rest.split_first_chunk::<32>()?;
        let (expires, code) = rest.split_first_chunk::<8>()?;
        let held = Self {
            flow: Flow {
                state: *state,
                nonce: *nonce,
                verifier: Zeroizing::new(*verifier),
            },
            expires: u64::from_be_bytes(*expires),
            code: Zeroizing::new(str::from_utf8(code).ok()?.to_owned()),
        };
        (app.clock.seconds() < held.expires).then_some(held)
    }
}

/// Takes the cookie from the browser: a state is good once.
fn forget(app: &App, headers: &mut HeaderMap) {
    set(app, headers, "", 0);
}

fn set(app: &App, headers: &mut HeaderMap, value: &str, seconds: u64) {
    let name = name(app);
    let secure = if app.settings.secure { "; Secure" } else { "" };
    // Lax: it is to come along when the provider sends the browser back.
    let cookie =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    // Base64url and the words above are what every header takes.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

fn name(app: &App) -> &'static str {
    if app.settings.secure {
        "__Host-redtag-openid"
    } else {
        "redtag-openid"
    }
}

#[cfg(test)]
mod tests;
