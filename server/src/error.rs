//! What the API answers when it does not succeed.
//!
//! Handlers return [`ApiError`]. The outermost layer (`outer`) gives it the request's id, writes
//! the body that every client expects ([`redtag_protocol::api::error::Error`]) and logs the cause,
//! once.

use std::{fmt, sync::Arc};

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use redtag_protocol::api::{
    changes::Cursor,
    error::{Error as Body, code},
    sign_in::Membership,
};

use crate::{sealing::SealingError, signer::SignerError, storage::StorageError};

/// A refusal or a failure. What a person reads is in `message`; the cause goes to the log only.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    shops: Vec<Membership>,
    epoch: Option<u64>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Arc<anyhow::Error>>,
}

impl ApiError {
    /// A refusal with a status, a code of [`code`] and words that say what to do.
    pub fn new(status: StatusCode, code: &'static str, message: impl fmt::Display) -> Self {
        Self {
            status,
            code,
            message: message.to_string(),
            shops: Vec::new(),
            epoch: None,
            headers: Vec::new(),
            cause: None,
        }
    }

    /// 400: the request cannot be read; the words name the field.
    pub fn invalid(message: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::INVALID, message)
    }

    /// 401: sign in, or renew the token.
    pub fn unauthorized(message: impl fmt::Display) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code::UNAUTHORIZED, message).with(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"redtag\""),
        )
    }

    /// 403: the membership has ended, a definite answer in this epoch of the database.
    pub fn not_a_member(epoch: u64) -> Self {
        let mut error = Self::new(
            StatusCode::FORBIDDEN,
            code::NOT_A_MEMBER,
            "you are not a member of this shop any more; ask its owner",
        );
        error.epoch = Some(epoch);
        error
    }

    /// 403: the sign-in was taken from its device, a definite answer in this epoch of the database.
    pub fn revoked(epoch: u64) -> Self {
        let mut error = Self::new(
            StatusCode::FORBIDDEN,
            code::DEVICE_REVOKED,
            "this sign-in was taken from this device by its person or the shop's owner; what is \
             unsent is sealed for the shop, and the copy here is destroyed",
        );
        error.epoch = Some(epoch);
        error
    }

    /// The same refusal to an OAuth client, which looks for 400 (RFC 6749, section 5.2).
    #[must_use]
    pub fn of_a_grant(mut self) -> Self {
        self.status = StatusCode::BAD_REQUEST;
        self
    }

    /// 404: nothing there, or nothing that the caller may know of.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            code::NOT_FOUND,
            "there is nothing here; check the address and the shop's id",
        )
    }

    /// 413: more bytes than the endpoint takes.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            code::TOO_LARGE,
            format_args!("the request is too large: at most {limit} bytes are taken; send less"),
        )
    }

    /// 429: not before so many milliseconds.
    pub fn slow_down(millis: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            code::SLOW_DOWN,
            "too many requests; wait as long as Retry-After says",
        )
        .retry_after(millis.div_ceil(1000).max(1))
    }

    /// 500: a fault of ours.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            code::INTERNAL,
            "the server failed on this request; nothing of yours is lost, try again later and \
             tell whoever runs the server the request id",
        );
        error.cause = Some(Arc::new(cause.into()));
        error
    }

    /// The same answer with a header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same answer with shops to choose from.
    #[must_use]
    pub fn with_shops(mut self, shops: Vec<Membership>) -> Self {
        self.shops = shops;
        self
    }

    /// The same answer in other words.
    #[must_use]
    pub fn in_words(mut self, words: &str) -> Self {
        words.clone_into(&mut self.message);
        self
    }

    /// The code for programs.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What a person reads.
    pub fn words(&self) -> &str {
        &self.message
    }

    /// What the answer carries besides.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.headers.iter().cloned()
    }

    /// What goes to the log, if anything.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        self.cause.as_deref()
    }

    /// What an answer means that did not come from a handler, by its status.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                code::INVALID,
                "this address does not take this method; see /v1/openapi.json",
            ),
            status if status.is_client_error() => Self::new(
                status,
                code::INVALID,
                "the request cannot be read; see /v1/openapi.json",
            ),
            status => Self {
                status,
                ..Self::internal(anyhow::anyhow!("an answer {status} without a reason"))
            },
        }
    }

    /// The answer as it goes out.
    pub fn render(self, request_id: &str) -> Response {
        let body = Body {
            error: self.code.to_owned(),
            message: self.message,
            request_id: Some(request_id.to_owned()),
            shops: self.shops,
            epoch: self.epoch.map(Cursor::epoch_word),
        };
        let mut response = (self.status, Json(body)).into_response();
        response.headers_mut().extend(self.headers);
        response
    }

    fn retry_after(self, seconds: u64) -> Self {
        self.with(header::RETRY_AFTER, HeaderValue::from(seconds))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        // The outermost layer writes the body; only it knows the request's id.
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NoShop(_) => Self::not_found(),
            error if error.is_transient() => Self {
                cause: Some(Arc::new(error.into())),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    code::SLOW_DOWN,
                    "the server has too much to do; try again in a moment",
                )
                .retry_after(1)
            },
            error => Self::internal(error),
        }
    }
}

impl From<SealingError> for ApiError {
    fn from(error: SealingError) -> Self {
        match error {
            SealingError::Storage(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

impl From<SignerError> for ApiError {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Storage(error) => error.into(),
            error => Self::internal(error),
        }
    }
}
