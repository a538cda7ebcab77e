//! `POST /v1/token`
//!
//! Errors follow RFC 6749, section 5.2, except that a person who is no member of the shop any more
//! is told so with 403, as on every other route: that is not a sign-in that ran out.

use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use redtag_protocol::{
    api::{
        error::code,
        token::{Request as Renew, Tokens},
    },
    ids::DeviceId,
    stamp::Seq,
};

use super::sign_in::{nonce, tokens, with_nonce};
use crate::{
    app::App,
    auth::{
        dpop,
        refresh::{self, Step},
    },
    body, core,
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
    storage::{Session, StorageError},
};

const PATH: &str = "/v1/token";

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::POST,
    PATH,
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "A refresh token for new tokens, with the device key's proof",
        query: &[],
        headers: &[(
            "DPoP",
            "A proof by the device key (RFC 9449) with the nonce of the last DPoP-Nonce header",
        )],
        takes: Some(Media::form::<Renew>("Renew")),
        gives: Media::json::<Tokens>("Tokens"),
        refuses: &[
            (
                400,
                "`invalid_grant`: the sign-in has ended. `device_revoked`: it was taken from the \
                   device. `use_dpop_nonce`: prove again with \
                   the nonce of DPoP-Nonce. `invalid_dpop_proof`: the proof is missing or wrong. \
                   `unsupported_grant_type`, `invalid`: the form cannot be read.",
            ),
            (403, "`not_a_member`: the membership has ended."),
        ],
    },
);

/// Racing renewals of one session settle within two rounds; more means that something is wrong.
const ROUNDS: usize = 8;

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    let answer = answer(&app, request).await;
    told(&app, answer.map(Json))
}

/// The answer of a token endpoint, with the nonce for the next proof.
pub(super) fn told(
    app: &App,
    answer: Result<impl IntoResponse, ApiError>,
) -> Result<Response, ApiError> {
    match answer {
        Ok(answer) => Ok(with_nonce(app, answer.into_response())),
        Err(error) => Err(match nonce(app) {
            Some((name, value)) => error.with(name, value),
            None => error,
        }),
    }
}

async fn answer(app: &App, request: Request) -> Result<Tokens, ApiError> {
    let proof = Proof::of(request.headers(), PATH);
    let form: Renew = body::form(request, body::SMALL).await?;
    if form.grant_type != "refresh_token" {
        return Err(refused(
            "unsupported_grant_type",
            "“grant_type” must be refresh_token",
        ));
    }
    renew(app, &form.refresh_token, &proof).await
}

/// What came in the DPoP header, to a path.
pub(super) struct Proof {
    text: Option<String>,
    path: &'static str,
}

/// A refresh token for new tokens.
pub(super) async fn renew(app: &App, token: &str, proof: &Proof) -> Result<Tokens, ApiError> {
    let presented = refresh::read(&app.keys.refresh, token).ok_or_else(invalid_grant)?;
    for _ in 0..ROUNDS {
        let session = app
            .storage
            .session(presented.session)
            .await?
            .ok_or_else(invalid_grant)?;
        proof.of_session(app, &session)?;
        let step = match session.device_key {
            Some(_) => refresh::step,
            None => refresh::strict_step,
        };
        stands(app, &session).await?;
        match step(session.generation, presented.generation) {
            Step::Repeat(_) => return tokens(app, &session).await,
            Step::Advance(to) => {
                let now = app.clock.now();
                let from = session.generation;
                let advanced = Session {
                    generation: to,
                    ..session
                };
                // Before it counts: a device without a key that heard of a failure afterwards would
                // come again with what is used up, and be signed out.
                let minted = tokens(app, &advanced).await?;
                if app
                    .storage
                    .session_advance(advanced.id, from, to, now)
                    .await?
                {
                    return Ok(minted);
                }
                // Another renewal came in between: the rule again, on what stands now.
            }
            Step::End => {
                tracing::warn!(
                    session = %session.id,
                    "an old refresh token was used: the sign-in is ended"
                );
                app.storage.session_end(session.id, app.clock.now()).await?;
                app.hub.wake(session.shop, Seq(0));
                return Err(invalid_grant());
            }
        }
    }
    Err(StorageError::Busy.into())
}

impl Proof {
    /// Of a request to this path.
    pub(super) fn of(headers: &HeaderMap, path: &'static str) -> Self {
        let text = headers.get(dpop::HEADER).and_then(|it| it.to_str().ok());
        Self {
            text: text.map(str::to_owned),
            path,
        }
    }

    /// Where the sign-in has a device key, nothing is learnt and nothing changes without its proof.
    pub(super) fn of_session(&self, app: &App, session: &Session) -> Result<(), ApiError> {
        match &session.device_key {
            Some(key) => self.check(app, key, session.device),
            None => Ok(()),
        }
    }

    /// Where there is a device key, nothing is learnt and nothing changes without its proof.
    pub(super) fn check(
        &self,
        app: &App,
        key: &[u8; 32],
        device: DeviceId,
    ) -> Result<(), ApiError> {
        let proof = self.text.as_deref().ok_or_else(|| {
            refused(
                code::INVALID_DPOP_PROOF,
                "the proof of the device key is missing: send it in the DPoP header",
            )
        })?;
        let target = dpop::Target {
            path: self.path,
            public_url: app.settings.public_url.as_deref(),
        };
        let now = app.clock.seconds();
        dpop::check(&app.keys.nonce, key, proof, target, now).map_err(|error| {
            let code = match &error {
                dpop::Refused::Nonce => code::USE_DPOP_NONCE,
                dpop::Refused::Invalid(_) => code::INVALID_DPOP_PROOF,
                // The device has proven who it is, so the client's word counts.
                dpop::Refused::Elsewhere { expected, came } => {
                    tracing::warn!(
                        expected,
                        came,
                        %device,
                        "a device proved itself for another address; where it should have been \
                         this server, look at --public-url"
                    );
                    code::INVALID_DPOP_PROOF
                }
            };
            refused(code, &error.to_string())
        })
    }
}

/// Whether a sign-in is good for tokens.
pub(super) async fn stands(app: &App, session: &Session) -> Result<(), ApiError> {
    if core::author(&*app.storage, session.shop, session.person)
        .await?
        .is_none()
    {
        return Err(ApiError::not_a_member(app.storage.epoch()));
    }
    if session.revoked.is_some() {
        return Err(ApiError::revoked(app.storage.epoch()).of_a_grant());
    }
    let (began, used) = (session.created.0 / 1000, session.used.0 / 1000);
    if session.ended.is_some() || refresh::expired(began, used, app.clock.seconds()) {
        return Err(invalid_grant());
    }
    Ok(())
}

pub(super) fn invalid_grant() -> ApiError {
    refused(
        code::INVALID_GRANT,
        "the sign-in has ended; sign in again, what is unsent stays and goes out then",
    )
}

pub(super) fn refused(code: &'static str, words: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, words)
}

#[cfg(test)]
mod tests;
