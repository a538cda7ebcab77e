//! `GET /v1/shops/{shop}/sessions`

use axum::{
    Json,
    http::Method,
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::sessions::{Session, Sessions},
    role::Permission,
};

use crate::{
    app::App,
    caller::{By, Caller},
    core::sessions,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::GET,
    "/v1/shops/{shop}/sessions",
    Permission::Read,
    |app, caller, _| Box::pin(handle(app, caller)),
    || Doc {
        summary: "Who is signed in on what: everybody for an owner, the caller for everybody else",
        query: &[],
        headers: &[],
        takes: None,
        gives: Media::json::<Sessions>("Sessions"),
        refuses: &[],
    },
);

async fn handle(app: App, caller: Caller) -> Result<Response, ApiError> {
    let now = app.clock.seconds();
    let all = sessions::list(&*app.storage, caller.shop, now).await?;
    let seen = |it: &sessions::Open| {
        it.session.person == caller.person || caller.role.may(Permission::Own)
    };
    let told = |it: sessions::Open| Session {
        id: it.session.id,
        person: it.session.person,
        name: it.name,
        device: it.session.device,
        device_name: it.device,
        created: it.session.created,
        used: it.session.used,
        own: caller.by == By::SignIn(it.session.id),
    };
    let sessions = all.into_iter().filter(seen).map(told).collect();
    Ok(Json(Sessions { sessions }).into_response())
}

#[cfg(test)]
mod tests;
