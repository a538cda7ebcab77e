//! `POST /v1/shops/{shop}/tokens/end`

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        error::code,
        tokens::{End, Ended},
    },
    event::Actor,
    role::Permission,
    stamp::Seq,
};

use crate::{
    app::App,
    body,
    caller::Caller,
    core::tokens,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/tokens/end",
    // One's own tokens are everybody's to take back.
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Takes a token back: a script's, or one that lets a kiosk in",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<End>("EndToken")),
        gives: Media::json::<Ended>("TokenEnded"),
        refuses: &[
            (
                403,
                "`forbidden`: it is somebody else's, and the caller is no owner.",
            ),
            (404, "`not_found`: there is no such token in this shop."),
        ],
    },
);

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let End { token } = body::json(request, body::SMALL).await?;
    let pass = app.storage.pass(caller.shop, token).await?;
    let pass = pass.ok_or_else(ApiError::not_found)?;
    if pass.person != Some(caller.person) && !caller.role.may(Permission::Own) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            code::FORBIDDEN,
            "this token is somebody else's; ask the shop's owner",
        ));
    }
    let by = Actor::Caller {
        person: caller.person,
    };
    let (now, told) = tokens::end(&*app.storage, &pass, by, app.clock.now()).await?;
    if let Some(seq) = told {
        app.announce(caller.shop, seq);
    }
    if now {
        tracing::info!(%token, by = %caller.person, "a token was taken back");
        // Live streams look again whether they may go on.
        app.hub.wake(caller.shop, Seq(0));
    }
    Ok(Json(Ended { now }).into_response())
}
