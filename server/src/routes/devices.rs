//! `POST /v1/shops/{shop}/devices`

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        devices::{FORMER, Registered, Request as Register},
        error::code,
    },
    event::Scope,
    role::Permission,
    text::bounded,
};

use super::sign_in::{DEVICE_NAME, device_taken};
use crate::{
    app::App,
    body,
    caller::{By, Caller},
    core::devices,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
    storage::Device,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/devices",
    // Whoever has signed in has a device, a viewer too.
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Moves the present sign-in to a new device id, when the old one is in use twice",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Register>("Register")),
        gives: Media::json::<Registered>("Registered"),
        refuses: &[(
            409,
            "`device_taken`: another person of the shop has this device id.",
        )],
    },
)
.for_scripts(Scope::Write);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let request: Register = body::json(request, body::SMALL).await?;
    if request.former.len() > FORMER || request.from.len() > FORMER + 1 {
        return Err(ApiError::invalid(format!(
            "“former” names at most {FORMER} devices"
        )));
    }
    if matches!(caller.by, By::Token(_)) && request.device != caller.device {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            code::OTHER_DEVICE,
            "an access token is a device of its own: “device” is its id",
        ));
    }
    let name = bounded(&request.name, "“name”", DEVICE_NAME).map_err(ApiError::invalid)?;
    app.storage
        .device_register(Device {
            id: request.device,
            shop: caller.shop,
            person: caller.person,
            name,
            created: app.clock.now(),
            destroyed: None,
        })
        .await
        .map_err(device_taken)?;
    if let By::SignIn(session) = caller.by {
        let device = app.storage.session_device(session, request.device);
        if !device.await? {
            return Err(ApiError::unauthorized(
                "this sign-in has ended; sign in again",
            ));
        }
    }
    let devices = std::iter::once(request.device).chain(request.former);
    let from = request.from.iter().copied().map(Some);
    let asked: Vec<_> = devices.zip(from.chain(std::iter::repeat(None))).collect();
    let held = devices::held(app.storage.as_ref(), caller.shop, &asked).await?;
    let mut lasts = held.iter().map(|it| it.last);
    let last_number = lasts.next().unwrap_or(0);
    let former = lasts.collect();
    let told = request.from.len().min(held.len());
    let digests = held.into_iter().take(told).map(|it| it.digests);
    let registered = Registered {
        last_number,
        former,
        digests: digests.collect(),
    };
    Ok(Json(registered).into_response())
}

#[cfg(test)]
mod tests;
