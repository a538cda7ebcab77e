//! Answers: read within bounds, judged by status and code.

use redtag_protocol::{
    api::error::{self, code},
    stamp::Stamp,
    text,
};
use reqwest::{
    Response, StatusCode,
    header::{DATE, RETRY_AFTER},
};
use serde::de::DeserializeOwned;

use super::{Address, Dated, RemoteError, transport};

/// The largest answer that is not a stream, in bytes: far above 500 outcomes with their words.
const MAX_BODY: usize = 4 << 20;

/// What a busy server that does not say how long means, in seconds.
const DEFAULT_PAUSE: u64 = 5;

/// 400 at the token endpoint, 403 elsewhere: somebody took the sign-in from this device, which is to seal
/// what is unsent to the shop's key and to destroy its own.
pub const DEVICE_REVOKED: &str = code::DEVICE_REVOKED;

/// The longest pause that is believed, in seconds: a wrong header must not stop a bench for a day.
const LONGEST_PAUSE: u64 = 600;

/// A successful answer's JSON.
pub(super) async fn json<T: DeserializeOwned>(
    address: &Address,
    answer: Response,
) -> Result<Dated<T>, RemoteError> {
    let answer = success(address, answer).await?;
    let date = date(&answer);
    let bytes = read(address, answer).await?;
    // What cannot be read is not repeated: it may be a token.
    let value = serde_json::from_slice(&bytes).map_err(|_| foreign(address))?;
    Ok(Dated { value, date })
}

/// Lets a success pass and turns anything else into its error.
pub(super) async fn success(address: &Address, answer: Response) -> Result<Response, RemoteError> {
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(answer);
    }
    let pause = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(|seconds: u64| seconds.min(LONGEST_PAUSE));
    let bytes = read(address, answer).await?;
    let body: Option<error::Error> = serde_json::from_slice(&bytes).ok();
    Err(judge(address, status, pause, body.as_ref()))
}

/// The API's clock.
pub(super) fn date(answer: &Response) -> Option<Stamp> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    let time = jiff::fmt::rfc2822::parse(text).ok()?;
    u64::try_from(time.timestamp().as_millisecond())
        .ok()
        .map(Stamp)
}

/// What answers there is no Redtag API.
pub(super) fn foreign(address: &Address) -> RemoteError {
    RemoteError::Garbage {
        words: format!("what answers at {address} is not a Redtag API; check the address"),
    }
}

async fn read(address: &Address, mut answer: Response) -> Result<Vec<u8>, RemoteError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| transport::failure(address, &error))?
    {
        if bytes.len() + chunk.len() > MAX_BODY {
            return Err(RemoteError::Garbage {
                words: format!("the answer of {address} is larger than any that it should give"),
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn judge(
    address: &Address,
    status: StatusCode,
    pause: Option<u64>,
    body: Option<&error::Error>,
) -> RemoteError {
    let said = |fallback: &str| match body {
        Some(body) if !body.message.is_empty() => text::clean(&body.message).into_owned(),
        _ => fallback.to_owned(),
    };
    let code = body.map_or("", |body| body.error.as_str());
    match status.as_u16() {
        400 if code == code::INVALID_GRANT => RemoteError::SignedOut {
            words: said("the sign-in has ended; sign in again"),
        },
        400 | 401 | 403 if code == DEVICE_REVOKED => RemoteError::Revoked {
            words: said("this machine's sign-in was revoked; ask the shop's owner"),
            epoch: body.and_then(|body| body.epoch.clone()),
        },
        401 if matches!(code, code::BAD_CREDENTIALS | code::SECOND_FACTOR_REQUIRED) => {
            RemoteError::Rejected {
                code: code.to_owned(),
                words: said("the e-mail address, the password or the code is wrong"),
                shops: Vec::new(),
            }
        }
        401 if code == code::UNAUTHORIZED => RemoteError::Unauthorized,
        401 => RemoteError::OtherGate,
        403 if code == code::NOT_A_MEMBER => RemoteError::NotAMember {
            words: said("you are not a member of this shop any more; ask its owner"),
            epoch: body.and_then(|body| body.epoch.clone()),
        },
        413 if code == code::TOO_LARGE => RemoteError::TooLarge,
        413 => RemoteError::TooLargeOnTheWay,
        429 => RemoteError::RetryAfter(pause.unwrap_or(DEFAULT_PAUSE)),
        503 if pause.is_some() => RemoteError::RetryAfter(pause.unwrap_or(DEFAULT_PAUSE)),
        500.. => RemoteError::Server {
            words: match body.and_then(|body| body.request_id.as_deref()) {
                Some(id) => format!(
                    "the API at {address} failed ({status}); its log has it under {}",
                    text::clean(id)
                ),
                None => format!("the API at {address} failed ({status})"),
            },
        },
        _ => match body {
            Some(body) => RemoteError::Rejected {
                code: body.error.clone(),
                words: said("the API refused that"),
                shops: body.shops.clone(),
            },
            None => foreign(address),
        },
    }
}
