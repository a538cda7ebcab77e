//! What a page's form sends, and the guard before every handler of one: a form counts only if it was
//! sent from a page of ours, to the browser that we gave it to.
//!
//! Three signs, of which a browser gives what it can: `Sec-Fetch-Site` says where the request comes
//! from; `Origin` says so in browsers that are older (with our referrer policy newer ones write
//! `null`); and every form carries a text that belongs to a cookie which no other site can read or
//! send along. The last one is always asked for, and is all that a browser in a terminal has.

use aws_lc_rs::hmac;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use maud::{Markup, html};
use redtag_protocol::api::error::code;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    app::App,
    body,
    caller::Subscriber,
    error::ApiError,
    keys::{ServerKeys, random},
    openapi::Media,
};

/// What every form is; each route says which fields it has besides `form`.
pub(crate) const MEDIA: Media = Media::other(
    "application/x-www-form-urlencoded",
    || json!({"type": "object", "properties": {FIELD: {"type": "string"}}, "required": [FIELD]}),
    |_| {},
);

/// The field that every form has.
const FIELD: &str = "form";

/// The cookie's name where the page comes over TLS: browsers then hold it to this very host.
const SECURE_NAME: &str = "__Host-redtag";
/// And where it does not, which is on this machine only.
const PLAIN_NAME: &str = "redtag";

/// Bytes of the cookie.
const BYTES: usize = 16;

/// Bound to a cookie of the browser that asked: what makes a form its own.
pub(crate) struct Seal {
    cookie: [u8; BYTES],
    is_new: bool,
}

/// A form that one of our pages sent. Only the guard makes one.
pub struct Form {
    fields: Vec<(String, Zeroizing<String>)>,
    /// Where it came from.
    pub(crate) from: Option<Subscriber>,
    /// For the page that answers it, which may hold a form again.
    pub(crate) seal: Seal,
}

impl Seal {
    /// Of the browser that sent these headers.
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Self {
        match cookie(headers, name(app)) {
            Some(cookie) => Self {
                cookie,
                is_new: false,
            },
            None => Self {
                cookie: random(),
                is_new: true,
            },
        }
    }

    /// A new one, for a browser that comes from another site and so keeps its own to itself.
    pub(crate) fn anew() -> Self {
        Self {
            cookie: random(),
            is_new: true,
        }
    }

    /// What only this browser has.
    pub(crate) fn cookie(&self) -> &[u8] {
        &self.cookie
    }

    /// The field that goes into every form.
    pub(crate) fn field(&self, app: &App) -> Markup {
        let text = URL_SAFE_NO_PAD.encode(mark(&app.keys, &self.cookie));
        html! { input type="hidden" name=(FIELD) value=(text); }
    }

    /// The page with the cookie, where the browser has none yet.
    pub(crate) fn on(&self, app: &App, mut page: Response) -> Response {
        if self.is_new {
            let text = URL_SAFE_NO_PAD.encode(self.cookie);
            let secure = if app.settings.secure { "; Secure" } else { "" };
            let name = name(app);
            let cookie = format!("{name}={text}; Path=/; HttpOnly; SameSite=Strict{secure}");
            // Base64url and the words above are what every header takes.
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                page.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        page
    }
}

impl Form {
    /// Lets a form in; see the module.
    pub(crate) async fn admit(app: &App, request: Request) -> Result<Self, ApiError> {
        let from = request.extensions().get::<Subscriber>().copied();
        let headers = request.headers();
        if !is_from_here(app, headers) {
            return Err(foreign());
        }
        let cookie = cookie(headers, name(app));
        let mut fields = body::fields(request, body::SMALL).await?;
        let place = fields.iter().position(|(name, _)| name == FIELD);
        let given = place.map(|place| fields.swap_remove(place).1);
        let given = given.and_then(|text| URL_SAFE_NO_PAD.decode(text.as_str()).ok());
        match (cookie, given) {
            (Some(cookie), Some(given)) if fits(&app.keys, &cookie, &given) => Ok(Self {
                fields,
                from,
                seal: Seal {
                    cookie,
                    is_new: false,
                },
            }),
            _ => Err(foreign()),
        }
    }

    /// The values of these fields, empty for those that were not sent. Any other field, and one that
    /// was sent twice, is refused.
    pub(crate) fn take<const N: usize>(
        &mut self,
        names: [&str; N],
    ) -> Result<[Zeroizing<String>; N], ApiError> {
        let found = names.map(|name| {
            let place = self.fields.iter().position(|(it, _)| it == name);
            place.map_or_else(Zeroizing::default, |at| self.fields.swap_remove(at).1)
        });
        match self.fields.first() {
            None => Ok(found),
            Some(_) => Err(ApiError::invalid(
                "the form has a field that this page does not know, or one twice; open it again",
            )),
        }
    }
}

fn name(app: &App) -> &'static str {
    if app.settings.secure {
        SECURE_NAME
    } else {
        PLAIN_NAME
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<[u8; BYTES]> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(it, _)| *it == name);
    let (_, value) = found.next()?;
    URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok()
}

/// What the form says of the cookie.
fn mark(keys: &ServerKeys, cookie: &[u8]) -> hmac::Tag {
    hmac::sign(&keys.pages, &message(cookie))
}

fn fits(keys: &ServerKeys, cookie: &[u8], given: &[u8]) -> bool {
    hmac::verify(&keys.pages, &message(cookie), given).is_ok()
}

/// The key serves the pages for more than this; what it is for stands first.
fn message(cookie: &[u8]) -> Vec<u8> {
    [b"form\0", cookie].concat()
}

fn is_from_here(app: &App, headers: &HeaderMap) -> bool {
    let said = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = said(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    match said(header::ORIGIN) {
        None | Some("null") => true,
        Some(origin) => {
            let authority = |text: &str| Some(text.parse::<Uri>().ok()?.authority()?.to_string());
            let ours = match &app.settings.public_url {
                Some(url) => authority(url),
                None => said(header::HOST).map(str::to_owned),
            };
            ours.is_some() && authority(origin) == ours
        }
    }
}

fn foreign() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        code::FORBIDDEN,
        "this form was not sent from a page that this server gave to your browser, or the page \
         had grown old; open it again, and allow its cookie",
    )
}

#[cfg(test)]
mod tests;
