//! `POST /v1/shops/{shop}/ops`

use axum::{
    Json,
    extract::Request,
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use redtag_protocol::{
    api::{
        error::code,
        ops::{Answer, Batch},
    },
    event::Scope,
    op::{MAX_BATCH_BYTES, Operation},
    role::Permission,
};

use tracing::Instrument as _;

use crate::{
    app::App,
    body,
    caller::Caller,
    core::push::{PushError, Sender, push},
    error::ApiError,
    openapi::{self, Doc, Media},
    router::Route,
};

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::POST,
    "/v1/shops/{shop}/ops",
    // Each operation is held against the role by itself: what a viewer may not do must come back
    // as an outcome, or it would block the queue for ever.
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "A device's numbered operations for one outcome each",
        query: &[],
        headers: &[],
        takes: Some(Media::json::<Batch>("Batch").with(openapi::add::<Operation>)),
        gives: Media::json::<Answer>("BatchAnswer"),
        refuses: &[(413, "The batch is too large: send half.")],
    },
)
.for_scripts(Scope::Write);

/// The operations and what stands around them.
const LIMIT: usize = MAX_BATCH_BYTES + 16 * 1024;

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let batch: Batch = body::json(request, LIMIT).await?;
    if batch.device != caller.device {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            code::OTHER_DEVICE,
            "“device” is not the one of this sign-in; register it at …/devices first",
        ));
    }
    let sender = Sender {
        person: caller.person,
        shop: caller.shop,
        device: caller.device,
    };
    let epoch = app.storage.epoch();
    // In a task of its own: where a bench hangs up in the middle, the others must still hear of what
    // was committed. What goes wrong there is logged under the request's id all the same.
    let deciding = async move {
        let pushed = push(
            &*app.storage,
            &app.recent,
            sender,
            &batch.ops,
            app.clock.now(),
        )
        .await?;
        if let Some(seq) = pushed.seq {
            app.announce(sender.shop, seq);
        }
        Ok(pushed)
    };
    let pushed = tokio::spawn(deciding.in_current_span())
        .await
        .map_err(ApiError::internal)?
        .map_err(|error| refused(error, epoch))?;
    Ok(Json(pushed.answer).into_response())
}

fn refused(error: PushError, epoch: u64) -> ApiError {
    match error {
        PushError::NotAMember => ApiError::not_a_member(epoch),
        PushError::TooLarge => ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            code::TOO_LARGE,
            PushError::TooLarge,
        ),
        PushError::Storage(error) => error.into(),
        error => ApiError::invalid(error),
    }
}

#[cfg(test)]
mod tests;
