//! `POST /oauth/device_authorization` (RFC 8628, section 3.1)

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, Method, header},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::device::{Begin, Begun, PAGE_PATH},
    ids::DeviceId,
    text::bounded,
};

use super::sign_in::DEVICE_NAME;
use crate::{
    app::App,
    auth::{
        dpop,
        pairing::{self, Code},
    },
    body,
    caller::Subscriber,
    core::pairing::{LIFE, PAUSE, forget},
    error::ApiError,
    keys::random,
    openapi::{Doc, Media},
    router::Route,
    storage::{Pairing, StorageError},
};

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::POST,
    "/oauth/device_authorization",
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "A device without a browser begins to wait for a person with one (RFC 8628); \
                  fields that it does not know are ignored",
        query: &[],
        headers: &[],
        takes: Some(Media::form::<Begin>("DeviceBegin")),
        gives: Media::json::<Begun>("DeviceBegun"),
        refuses: &[],
    },
);

/// A code that is taken is drawn anew; of 20^8 that happens once in a lifetime.
const DRAWS: usize = 4;

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    let from = request.extensions().get::<Subscriber>().copied();
    let page = format!("{}{PAGE_PATH}", origin(&app, request.headers()));
    let form: Begin = body::form(request, body::SMALL).await?;
    let client = bounded(&form.client_id, "“client_id”", DEVICE_NAME).map_err(ApiError::invalid)?;
    let name = form.device_name.as_deref().unwrap_or(&client);
    let name = bounded(name, "“device_name”", DEVICE_NAME).map_err(ApiError::invalid)?;
    let key = form.device_key.as_deref().map(|key| {
        dpop::device_key(key).ok_or_else(|| {
            ApiError::invalid("“device_key” must be an Ed25519 key: 32 bytes in unpadded base64url")
        })
    });
    let device_key = key.transpose()?;
    let now = app.clock.now();
    let address = from.map(|Subscriber(address)| address);
    app.limits
        .devices
        .take(address, now.0)
        .map_err(ApiError::slow_down)?;
    forget(&*app.storage, now).await?;
    let device = form
        .device_id
        .unwrap_or_else(|| DeviceId::from_parts(now.0, random()));
    for _ in 0..DRAWS {
        let (code, (device_code, secret)) = (Code::draw(), pairing::secret());
        let waiting = Pairing {
            secret,
            code: code.kept(&app.keys.pages),
            client: client.clone(),
            name: name.clone(),
            device,
            device_key,
            address: address.map(|it| it.to_string()).unwrap_or_default(),
            created: now,
            pause: PAUSE,
            polled: None,
            decided: None,
            session: None,
            fetched: None,
        };
        match app.storage.pairing_create(waiting).await {
            Err(StorageError::Exists(_)) => {}
            other => {
                other?;
                tracing::info!(%device, "a device waits to be let in");
                return Ok(Json(Begun {
                    device_code: device_code.to_string(),
                    user_code: code.shown(),
                    verification_uri: page,
                    expires_in: LIFE,
                    interval: PAUSE,
                })
                .into_response());
            }
        }
    }
    Err(StorageError::Busy.into())
}

/// The address that the caller used, as far as it can be known: the operator's word, or what the
/// request says. A device of ours goes by the address that it called.
fn origin(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.settings.public_url {
        return url.clone();
    }
    let scheme = if app.settings.secure { "https" } else { "http" };
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}

#[cfg(test)]
mod tests;
