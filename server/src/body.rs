//! Reading request bodies: bounded in size and time, and with words that name the field.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use redtag_protocol::api::error::code;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::error::ApiError;

/// A body that takes longer to arrive is given up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Enough for every request but a batch of operations.
pub(crate) const SMALL: usize = 16 * 1024;

/// The whole body, if it has at most `limit` bytes.
pub(crate) async fn bytes(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let whole = tokio::time::timeout(PATIENCE, Limited::new(body, limit).collect())
        .await
        .map_err(|_| {
            ApiError::new(
                StatusCode::REQUEST_TIMEOUT,
                code::INVALID,
                "the request took too long to arrive; send it again",
            )
        })?;
    match whole {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::too_large(limit)),
        Err(_) => Err(ApiError::invalid("the request broke off in the middle")),
    }
}

/// The body as JSON of this type.
pub(crate) async fn json<T: DeserializeOwned>(
    request: Request,
    limit: usize,
) -> Result<T, ApiError> {
    expect_type(request.headers(), "application/json")?;
    let bytes = bytes(request.into_body(), limit).await?;
    // serde would also take the fields as an array, without their names.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ApiError::invalid("the body must be a JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match path.as_str() {
            "." | "?" => ApiError::invalid(format_args!("the body cannot be read: {inner}")),
            path => ApiError::invalid(format_args!("“{path}” cannot be read: {inner}")),
        }
    })?;
    reader
        .end()
        .map_err(|_| ApiError::invalid("the body goes on after its end; send one JSON value"))?;
    Ok(value)
}

/// The body as a form (`application/x-www-form-urlencoded`) of this type.
pub(crate) async fn form<T: DeserializeOwned>(
    request: Request,
    limit: usize,
) -> Result<T, ApiError> {
    expect_type(request.headers(), "application/x-www-form-urlencoded")?;
    let bytes = bytes(request.into_body(), limit).await?;
    serde_urlencoded::from_bytes(&bytes)
        .map_err(|error| ApiError::invalid(format_args!("the form cannot be read: {error}")))
}

/// The fields of a form, in order, wiped when they are dropped.
pub(crate) async fn fields(
    request: Request,
    limit: usize,
) -> Result<Vec<(String, Zeroizing<String>)>, ApiError> {
    let fields: Vec<(String, String)> = form(request, limit).await?;
    let wiped = |(name, value)| (name, Zeroizing::new(value));
    Ok(fields.into_iter().map(wiped).collect())
}

/// The query of the address as this type.
pub(crate) fn query<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    serde_urlencoded::from_str(request.uri().query().unwrap_or_default())
        .map_err(|error| ApiError::invalid(format_args!("the query cannot be read: {error}")))
}

fn expect_type(headers: &HeaderMap, wanted: &'static str) -> Result<(), ApiError> {
    let found = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if found.trim().eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        code::INVALID,
        format_args!("send the body with “Content-Type: {wanted}”"),
    ))
}
