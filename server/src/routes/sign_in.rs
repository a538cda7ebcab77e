//! `POST /v1/sign-in`

use axum::{
    Json,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        error::code,
        sign_in::{Membership, Request as SignIn, SignedIn},
        token::Tokens,
    },
    ids::SessionId,
    text::bounded,
};
use secrecy::SecretString;

use crate::{
    app::App,
    auth::{
        self,
        access::{self, Grant},
        dpop, refresh,
    },
    body,
    caller::Subscriber,
    error::ApiError,
    keys::random,
    openapi::{Doc, Media},
    router::Route,
    sealing,
    storage::{Device, Person, Session, StorageError},
};

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::POST,
    "/v1/sign-in",
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "E-mail address and password for tokens; the answer's DPoP-Nonce header \
                  serves the first renewal",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<SignIn>("SignIn")),
        gives: Media::json::<SignedIn>("SignedIn"),
        refuses: &[
            (401, "Wrong address or password; never which."),
            (403, "The person is a member of no such shop."),
            (
                409,
                "`choose_shop`: the person belongs to several shops, which are listed; \
                   `device_taken`: another person of the shop has this device id.",
            ),
        ],
    },
);

/// The longest name of a device, in characters.
pub(super) const DEVICE_NAME: usize = 80;

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    let from = request.extensions().get::<Subscriber>().copied();
    let request: SignIn = body::json(request, body::SMALL).await?;
    let device_key = dpop::device_key(&request.device.key).ok_or_else(|| {
        ApiError::invalid("“device.key” must be an Ed25519 key: 32 bytes in unpadded base64url")
    })?;
    let name =
        bounded(&request.device.name, "“device.name”", DEVICE_NAME).map_err(ApiError::invalid)?;
    let password = SecretString::from(request.password.as_str());
    let person = auth::person::by_password(&app, &request.email, password, from).await?;
    let membership = choose(&app, &person, &request).await?;
    let now = app.clock.now();
    app.storage
        .device_register(Device {
            id: request.device.id,
            shop: membership.shop,
            person: person.id,
            name,
            created: now,
        })
        .await
        .map_err(device_taken)?;
    let session = Session {
        id: SessionId::from_parts(now.0, random()),
        person: person.id,
        shop: membership.shop,
        device: request.device.id,
        device_key: Some(device_key),
        generation: 1,
        created: now,
        used: now,
        ended: None,
    };
    app.storage.session_create(session.clone()).await?;
    let tokens = tokens(&app, &session).await?;
    let last_number = app
        .storage
        .last_number(session.shop, session.device)
        .await?;
    tracing::info!(person = %person.id, device = %session.device, "signed in");
    let answer = SignedIn {
        person: person.id,
        name: person.name,
        membership,
        tokens,
        last_number,
    };
    Ok(with_nonce(&app, Json(answer).into_response()))
}

/// The tokens of a session's present generation.
pub(super) async fn tokens(app: &App, session: &Session) -> Result<Tokens, ApiError> {
    let grant = Grant {
        person: session.person,
        shop: session.shop,
        session: session.id,
        device: session.device,
    };
    let access_token = app
        .signer
        .sign(&*app.storage, grant, app.clock.seconds())
        .await?;
    let seal_to = sealing::recipient(
        &*app.storage,
        &app.keys.wrapping,
        session.shop,
        app.clock.now(),
    )
    .await?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: access::LIFE,
        refresh_token: refresh::mint(&app.keys.refresh, session.id, session.generation),
        seal_to: Some(seal_to),
    })
}

/// The answer with the nonce for the next proof.
pub(super) fn with_nonce(app: &App, mut response: Response) -> Response {
    if let Some((name, value)) = nonce(app) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// The nonce's header. A nonce is base64url, which every header takes.
pub(super) fn nonce(app: &App) -> Option<(HeaderName, HeaderValue)> {
    let nonce = dpop::nonce(&app.keys.nonce, app.clock.seconds());
    let value = HeaderValue::from_str(&nonce).ok()?;
    Some((HeaderName::from_static(dpop::NONCE_HEADER), value))
}

/// What it means that a device id is somebody else's.
pub(crate) fn device_taken(error: StorageError) -> ApiError {
    match error {
        StorageError::DeviceTaken => ApiError::new(
            StatusCode::CONFLICT,
            code::DEVICE_TAKEN,
            "another person of this shop has signed in with this device id; \
             sign in with a new one",
        ),
        other => other.into(),
    }
}

/// The shop to sign in to: the named one, or the only one.
async fn choose(app: &App, person: &Person, request: &SignIn) -> Result<Membership, ApiError> {
    let mut shops = auth::person::shops(app, person.id, request.shop).await?;
    if shops.len() > 1 {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            code::CHOOSE_SHOP,
            "you belong to several shops; name the one to sign in to",
        )
        .with_shops(shops));
    }
    shops
        .pop()
        .ok_or_else(|| ApiError::not_a_member(app.storage.epoch()))
}

#[cfg(test)]
mod tests;
