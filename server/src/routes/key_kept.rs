//! `POST /v1/shops/{shop}/key-copies`

use axum::{
    Json,
    extract::Request,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::key_copies::{Keep, Kept},
    role::Permission,
};

use super::key_found::refused;
use crate::{
    app::App,
    body,
    caller::Caller,
    core::key_copies::{self, Whose},
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/key-copies",
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Keeps a copy of the key of a bench's cache, for its person alone",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Keep>("KeepKey")),
        gives: Media::json::<Kept>("KeyKept"),
        refuses: &[(403, "`forbidden`: the id is another person's.")],
    },
);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    caller.session()?;
    let Keep { id, key } = body::json(request, body::SMALL).await?;
    let key = key.bytes().ok_or_else(|| {
        ApiError::invalid("“key” must be a key: 32 bytes in unpadded base64url (RFC 4648)")
    })?;
    let whose = Whose {
        shop: caller.shop,
        person: caller.person,
        id,
    };
    let (device, now) = (caller.device, app.clock.now());
    let kept = key_copies::keep(&*app.storage, &app.keys, whose, device, &key, now);
    kept.await.map_err(refused)?;
    Ok(Json(Kept { kept: true }).into_response())
}
