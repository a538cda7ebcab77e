//! Who calls, and whether they may: the one guard before every route of a shop.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, header};
use redtag_protocol::{
    api::error::code,
    ids::{DeviceId, PersonId, SessionId, ShopId},
    role::{Permission, Role},
};

use crate::{
    app::App,
    core,
    error::ApiError,
    storage::{Session, StorageError, Tip},
};

/// A member of the shop in the address, who holds the permission that the route asks for. Only the
/// guard makes one.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The person.
    pub person: PersonId,
    /// The shop.
    pub shop: ShopId,
    /// The person's role there, read for this request.
    pub role: Role,
    /// The sign-in.
    pub session: SessionId,
    /// The device that the sign-in is on now.
    pub device: DeviceId,
    /// When the access token ends, in seconds since 1970.
    pub expires: u64,
    /// Where the shop was when the caller was let in.
    pub tip: Tip,
}

/// The caller's address as far as limits go, put into every request by the outermost layer.
#[derive(Debug, Clone, Copy)]
pub struct Subscriber(pub IpAddr);

/// Lets a caller in to a shop's route: the token first, so that a stranger learns nothing; then the
/// shop of the address, which must be the token's; then the membership, read anew.
pub async fn admit(
    app: &App,
    headers: &HeaderMap,
    shop: &str,
    permission: Permission,
) -> Result<Caller, ApiError> {
    let token = bearer(headers)?;
    let checked = app
        .signer
        .check(&*app.storage, token, app.clock.seconds())
        .await?
        .map_err(ApiError::unauthorized)?;
    let shop: ShopId = shop.parse().map_err(ApiError::invalid)?;
    let grant = checked.grant;
    if grant.shop != shop {
        return Err(ApiError::not_found());
    }
    let Standing { role, device, tip } = standing(app, grant.person, shop, grant.session).await?;
    if !role.may(permission) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            code::FORBIDDEN,
            format_args!("a {role} may not do this; ask the shop's owner"),
        ));
    }
    Ok(Caller {
        person: grant.person,
        shop,
        role,
        session: grant.session,
        device,
        expires: checked.expires,
        tip,
    })
}

impl Caller {
    /// Whether the caller would still be let in, for streams that outlive their request.
    pub async fn still_stands(&self, app: &App) -> Result<(), ApiError> {
        standing(app, self.person, self.shop, self.session)
            .await
            .map(|_| ())
    }
}

/// As whom, and where.
struct Standing {
    role: Role,
    device: DeviceId,
    tip: Tip,
}

/// The membership comes before the sign-in: removing a member ends the sign-ins too, and "you are
/// no member any more" is the definite answer. Both are read anew; only who a member is need not
/// be read again in a shop that stands where it was read.
async fn standing(
    app: &App,
    person: PersonId,
    shop: ShopId,
    session: SessionId,
) -> Result<Standing, ApiError> {
    let (tip, session) = tokio::join!(app.storage.tip(shop), app.storage.session(session));
    let tip = match tip {
        Err(StorageError::NoShop(_)) => return Err(ApiError::not_a_member(app.storage.epoch())),
        tip => tip?,
    };
    let news = app.recent.news();
    let role = if let Some(role) = news.role(shop, &tip.head, person) {
        role
    } else {
        let role = core::author(&*app.storage, shop, person).await?;
        let role = role.ok_or_else(|| ApiError::not_a_member(app.storage.epoch()))?;
        news.learn(shop, &tip.head, person, role);
        role
    };
    match session? {
        Some(Session {
            ended: None,
            device,
            ..
        }) => Ok(Standing { role, device, tip }),
        Some(Session {
            revoked: Some(_), ..
        }) => Err(ApiError::revoked(app.storage.epoch())),
        _ => Err(ApiError::unauthorized(
            "this sign-in has ended; sign in again",
        )),
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| {
            ApiError::unauthorized("this needs an access token: “Authorization: Bearer …”")
        })
}
