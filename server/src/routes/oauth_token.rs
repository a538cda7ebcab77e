//! `POST /oauth/token`: tokens for a device that was let in (RFC 8628, section 3.4), and for whatever
//! OAuth client renews them there.

use axum::{Json, extract::Request, http::Method, response::Response};
use redtag_protocol::api::{
    device::{Answer, Ask, DEVICE_CODE, LetIn, TOKEN_PATH},
    error::code,
    sign_in::Membership,
};

use super::{
    sign_in::tokens,
    token::{Proof, invalid_grant, refused, renew, stands, told},
};
use crate::{
    app::App,
    auth::pairing::presented,
    body,
    core::{
        self,
        pairing::{Word, ask},
    },
    error::ApiError,
    openapi::{Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::public(
    Method::POST,
    TOKEN_PATH,
    |app, request| Box::pin(handle(app, request)),
    || Doc {
        summary: "A device code or a refresh token for tokens (RFC 8628, RFC 6749); fields that it \
                  does not know are ignored",
        query: &[],
        headers: &[(
            "DPoP",
            "Where the device has a key: its proof (RFC 9449) with the nonce of the last \
             DPoP-Nonce header",
        )],
        takes: Some(Media::form::<Ask>("DeviceAsk")),
        gives: Media::json::<Answer>("DeviceAnswer"),
        refuses: &[
            (
                400,
                "`authorization_pending`, `slow_down`, `access_denied`, `expired_token` as in RFC \
                 8628. `invalid_grant`: no such code, or the sign-in has ended. `use_dpop_nonce`, \
                 `invalid_dpop_proof`: as at /v1/token. `unsupported_grant_type`, `invalid`: the \
                 form cannot be read.",
            ),
            (403, "`not_a_member`: the membership has ended."),
        ],
    },
);

async fn handle(app: App, request: Request) -> Result<Response, ApiError> {
    let answer = answer(&app, request).await;
    told(&app, answer.map(Json))
}

async fn answer(app: &App, request: Request) -> Result<Answer, ApiError> {
    let proof = Proof::of(request.headers(), TOKEN_PATH);
    let form: Ask = body::form(request, body::SMALL).await?;
    let missing = |field| ApiError::invalid(format_args!("“{field}” is missing"));
    match form.grant_type.as_str() {
        DEVICE_CODE => {
            let secret = form.device_code.ok_or_else(|| missing("device_code"))?;
            let client = form.client_id.ok_or_else(|| missing("client_id"))?;
            let found = let_in(app, &secret, &client, &proof).await?;
            Ok(Answer::LetIn(Box::new(found)))
        }
        "refresh_token" => {
            let token = form.refresh_token.ok_or_else(|| missing("refresh_token"))?;
            Ok(Answer::Renewed(renew(app, &token, &proof).await?))
        }
        _ => Err(refused(
            "unsupported_grant_type",
            &format!("“grant_type” must be {DEVICE_CODE} or refresh_token"),
        )),
    }
}

async fn let_in(app: &App, secret: &str, client: &str, proof: &Proof) -> Result<LetIn, ApiError> {
    let secret = presented(secret).ok_or_else(unknown)?;
    let found = app.storage.pairing(secret).await?;
    let pairing = found
        .filter(|it| it.client == client.trim())
        .ok_or_else(unknown)?;
    if let Some(key) = &pairing.device_key {
        proof.check(app, key, pairing.device)?;
    }
    let (storage, now) = (&*app.storage, app.clock.now());
    let session = match ask(storage, &pairing, now).await? {
        Word::In(session) => session,
        word => return Err(not_yet(&word)),
    };
    let session = storage.session(session).await?.ok_or_else(invalid_grant)?;
    stands(app, &session).await?;
    let person = storage
        .person(session.person)
        .await?
        .ok_or_else(invalid_grant)?;
    let shop = storage
        .shop(session.shop)
        .await?
        .ok_or_else(invalid_grant)?;
    let role = core::author(storage, session.shop, session.person).await?;
    let role = role.ok_or_else(|| ApiError::not_a_member(storage.epoch()))?;
    let let_in = LetIn {
        tokens: tokens(app, &session).await?,
        person: person.id,
        name: person.name,
        email: person.email,
        membership: Membership {
            shop: shop.id,
            name: shop.name,
            role,
        },
        last_number: storage.last_number(session.shop, session.device).await?,
    };
    // Last, so that what fails before can be asked for again.
    // Once; but a device that proves itself may have lost the reply, as at a renewal.
    let is_first = storage.pairing_fetched(secret, now).await?;
    if !is_first && (session.device_key.is_none() || session.generation > 1) {
        return Err(invalid_grant());
    }
    tracing::info!(person = %let_in.person, device = %session.device, "a device was let in");
    Ok(let_in)
}

fn unknown() -> ApiError {
    refused(
        code::INVALID_GRANT,
        "no device waits with this code; begin again on the device",
    )
}

fn not_yet(word: &Word) -> ApiError {
    let (code, words) = match word {
        Word::WaitLonger => (
            code::SLOW_DOWN,
            "asked too soon; wait five seconds longer between two questions",
        ),
        Word::Refused => (code::ACCESS_DENIED, "the person refused this device"),
        Word::Over => (
            code::EXPIRED_TOKEN,
            "nobody let this device in in time; begin again on the device",
        ),
        Word::Wait | Word::In(_) => (
            code::AUTHORIZATION_PENDING,
            "nobody has decided about this device yet; ask again",
        ),
    };
    refused(code, words)
}

#[cfg(test)]
mod tests;
