//! `POST /v1/destroyed`
//!
//! The device of a sign-in that was revoked has no access token any more. It proves itself as at the
//! token endpoint, by the refresh token and the device key, before it destroys both. The copies of keys
//! that it has kept here are forgotten with them.

use axum::{
    Json,
    extract::Request,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::api::sessions::{Destroyed, Noted};

use super::{
    sign_in::{nonce, with_nonce},
    token::{Proof, invalid_grant},
};
use crate::{
    app::App,
    auth::refresh,
    body,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

const PATH: &str = "/v1/destroyed";

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::POST,
    PATH,
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "A device whose sign-in was revoked has destroyed its key",
        query: &[],
        headers: &[(
            "DPoP",
            "A proof by the device key (RFC 9449) with the nonce of the last DPoP-Nonce header",
        )],
        takes: Some(Media::form::<Destroyed>("Destroyed")),
        gives: Media::json::<Noted>("Noted"),
        refuses: &[(
            400,
            "`invalid_grant`: no such sign-in, or none that was revoked. `use_dpop_nonce`, \
             `invalid_dpop_proof`: as at `/v1/token`.",
        )],
    },
);

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    match note(&app, request).await {
        Ok(noted) => Ok(with_nonce(&app, Json(noted).into_response())),
        Err(error) => Err(match nonce(&app) {
            Some((name, value)) => error.with(name, value),
            None => error,
        }),
    }
}

async fn note(app: &App, request: Request) -> Result<Noted, ApiError> {
    let proof = Proof::of(request.headers(), PATH);
    let form: Destroyed = body::form(request, body::SMALL).await?;
    let presented =
        refresh::read(&app.keys.refresh, &form.refresh_token).ok_or_else(invalid_grant)?;
    let session = app.storage.session(presented.session).await?;
    let session = session.ok_or_else(invalid_grant)?;
    proof.of_session(app, &session)?;
    // Without a device key nobody can prove to be that device, and there is none to destroy.
    if session.revoked.is_none() || session.device_key.is_none() {
        return Err(invalid_grant());
    }
    let (shop, device) = (session.shop, session.device);
    // First, so that where a key is said to be destroyed no copy of it is left.
    let forgotten = app.storage.key_copies_forget_of(shop, device).await?;
    let now = app.clock.now();
    let noted = app.storage.device_destroyed(shop, device, now).await?;
    tracing::info!(%device, copies = forgotten, "a device has destroyed its key");
    Ok(Noted { now: noted })
}
