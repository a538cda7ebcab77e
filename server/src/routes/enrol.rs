//! `POST /v1/enrol`

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::api::{
    enrol::Request as Enrol,
    error::code,
    sign_in::{Membership, SignedIn},
};

use super::sign_in::{self, Bench};
use crate::{
    app::App,
    body,
    caller::Subscriber,
    core::kiosks::{self, KioskError},
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::POST,
    "/v1/enrol",
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "An enrolment token for tokens of a kiosk, which becomes a member of the shop",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Enrol>("Enrol")),
        gives: Media::json::<SignedIn>("SignedIn"),
        refuses: &[(
            401,
            "`bad_credentials`: the token is wrong, was used before, or is too old.",
        )],
    },
);

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    let from = request.extensions().get::<Subscriber>().copied();
    let request: Enrol = body::json(request, body::SMALL).await?;
    // Before the token is used up.
    let bench = Bench::of(&request.device)?;
    let address = from.map(|Subscriber(address)| address);
    let now = app.clock.now();
    let limit = &app.limits.address;
    limit.take(address, now.0).map_err(ApiError::slow_down)?;
    let enrolled = kiosks::enrol(&*app.storage, &request.token, now)
        .await
        .map_err(refused)?;
    limit.put_back(address);
    if let Some(seq) = enrolled.changed {
        app.announce(enrolled.shop, seq);
    }
    let shops = crate::auth::person::shops(&app, enrolled.person.id, Some(enrolled.shop)).await?;
    let membership: Membership = shops
        .into_iter()
        .next()
        .ok_or_else(|| ApiError::not_a_member(app.storage.epoch()))?;
    let session = sign_in::open(&app, &enrolled.person, &membership, bench).await?;
    let (person, email) = (enrolled.person.clone(), enrolled.person.email.clone());
    let answer = sign_in::answer(&app, person, membership, &session, Some(email)).await?;
    // Last, so that whatever breaks off before can be tried again with the same token.
    if let Err(error) = kiosks::used(&*app.storage, &enrolled, now).await {
        app.storage.session_end(session.id, now).await?;
        return Err(refused(error));
    }
    Ok(sign_in::with_nonce(&app, Json(answer).into_response()))
}

fn refused(error: KioskError) -> ApiError {
    match error {
        KioskError::Refused => {
            ApiError::new(StatusCode::UNAUTHORIZED, code::BAD_CREDENTIALS, error)
        }
        KioskError::Storage(error) => error.into(),
        KioskError::Member(error) => ApiError::internal(error),
    }
}

#[cfg(test)]
mod tests;
