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
        sign_in::{Device as Introduced, Membership, Request as SignIn, SignedIn},
        token::Tokens,
    },
    ids::{DeviceId, SessionId},
    text::bounded,
};
use secrecy::SecretString;

use crate::{
    app::App,
    auth::{
        access::{self, Grant},
        dpop,
        person::{self, Proof},
        refresh,
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
        summary: "E-mail address, password and second factor for tokens; the answer's DPoP-Nonce header \
                  serves the first renewal",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<SignIn>("SignIn")),
        gives: Media::json::<SignedIn>("SignedIn"),
        refuses: &[
            (
                401,
                "`bad_credentials`: address, password or code is wrong; never which. \
                 `second_factor_required`: ask again with a code.",
            ),
            (
                403,
                "`not_a_member`: the person is a member of no such shop. `must_enrol`: the shop \
                 lets nobody of this role in without a second factor.",
            ),
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
    let bench = Bench::of(&request.device)?;
    let proof = Proof {
        password: SecretString::from(request.password.as_str()),
        code: request.code.as_deref().map(SecretString::from),
    };
    let proven = person::proven(&app, &request.email, proof, from).await?;
    // Before the code is used up: whoever has to name a shop asks again with the same one.
    let membership = choose(&app, proven.person(), &request).await?;
    let known = proven.spend(&app).await?;
    person::enough(&app, known.second_factor, &membership).await?;
    begin(&app, known.person, membership, bench).await
}

/// A device that can be signed in on.
pub(super) struct Bench {
    id: DeviceId,
    name: String,
    key: [u8; 32],
}

impl Bench {
    /// As it introduces itself.
    pub(super) fn of(device: &Introduced) -> Result<Self, ApiError> {
        let key = dpop::device_key(&device.key).ok_or_else(|| {
            ApiError::invalid("“device.key” must be an Ed25519 key: 32 bytes in unpadded base64url")
        })?;
        let name = bounded(&device.name, "“device.name”", DEVICE_NAME);
        Ok(Self {
            id: device.id,
            name: name.map_err(ApiError::invalid)?,
            key,
        })
    }
}

/// Signs a person in who has proven who they are.
async fn begin(
    app: &App,
    person: Person,
    membership: Membership,
    bench: Bench,
) -> Result<Response, ApiError> {
    let session = open(app, &person, &membership, bench).await?;
    let answer = answer(app, person, membership, &session, None).await?;
    Ok(with_nonce(app, Json(answer).into_response()))
}

/// A sign-in of a person who has proven who they are.
pub(super) async fn open(
    app: &App,
    person: &Person,
    membership: &Membership,
    bench: Bench,
) -> Result<Session, ApiError> {
    let now = app.clock.now();
    app.storage
        .device_register(Device {
            id: bench.id,
            shop: membership.shop,
            person: person.id,
            name: bench.name,
            created: now,
            destroyed: None,
        })
        .await
        .map_err(device_taken)?;
    let session = Session {
        id: SessionId::from_parts(now.0, random()),
        person: person.id,
        shop: membership.shop,
        device: bench.id,
        device_key: Some(bench.key),
        generation: 1,
        created: now,
        used: now,
        ended: None,
        revoked: None,
    };
    app.storage.session_create(session.clone()).await?;
    // A new password ends the sign-ins that it finds; one that was proven with the old password
    // meanwhile is not to stay either.
    let stands = app.storage.person(person.id).await?;
    if stands.is_none_or(|it| it.password != person.password) {
        app.storage.session_end(session.id, now).await?;
        return Err(StorageError::Busy.into());
    }
    Ok(session)
}

/// What a sign-in is answered with; `email` is told where the person did not say it.
pub(super) async fn answer(
    app: &App,
    person: Person,
    membership: Membership,
    session: &Session,
    email: Option<String>,
) -> Result<SignedIn, ApiError> {
    let tokens = tokens(app, session).await?;
    let last_number = app
        .storage
        .last_number(session.shop, session.device)
        .await?;
    tracing::info!(person = %person.id, device = %session.device, "signed in");
    Ok(SignedIn {
        person: person.id,
        name: person.name,
        email,
        membership,
        tokens,
        last_number,
    })
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
    let mut shops = person::shops(app, person.id, request.shop).await?;
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
