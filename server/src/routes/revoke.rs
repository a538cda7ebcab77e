//! `POST /v1/shops/{shop}/sessions/revoke`

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        error::code,
        sessions::{Revoke, Revoked},
    },
    event::Actor,
    role::Permission,
    stamp::Seq,
};

use crate::{
    app::App,
    body,
    caller::Caller,
    core::sessions,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/sessions/revoke",
    // One's own sign-ins are everybody's to revoke.
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Takes a sign-in from its device, which then destroys its copy of the shop",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Revoke>("Revoke")),
        gives: Media::json::<Revoked>("Revoked"),
        refuses: &[
            (
                403,
                "`forbidden`: it is somebody else's, and the caller is no owner.",
            ),
            (404, "`not_found`: there is no such sign-in in this shop."),
        ],
    },
);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let Revoke { session: id } = body::json(request, body::SMALL).await?;
    let session = app.storage.session(id).await?;
    let session = session.filter(|it| it.shop == caller.shop);
    let session = session.ok_or_else(ApiError::not_found)?;
    if session.person != caller.person && !caller.role.may(Permission::Own) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            code::FORBIDDEN,
            "this sign-in is somebody else's; ask the shop's owner",
        ));
    }
    let now = app.clock.now();
    if session.revoked.is_none() {
        let by = Actor::Caller {
            person: caller.person,
        };
        let told = sessions::tell_revoked(&*app.storage, &session, by, now).await?;
        if let Some(seq) = told {
            app.announce(caller.shop, seq);
        }
    }
    let revoked = app.storage.session_revoke(caller.shop, id, now).await?;
    if revoked {
        tracing::info!(session = %id, by = %caller.person, "a sign-in was revoked");
        // Live streams look again whether they may go on.
        app.hub.wake(caller.shop, Seq(0));
    }
    Ok(Json(Revoked { now: revoked }).into_response())
}
