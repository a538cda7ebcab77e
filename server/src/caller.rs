//! Who calls, and whether they may: the one guard before every route of a shop.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, header};
use redtag_protocol::{
    api::error::code,
    event::Scope,
    ids::{DeviceId, PassId, PersonId, SessionId, ShopId},
    role::{Permission, Role},
};

use crate::{
    app::App,
    auth::pass,
    core::{self, second_factor, settings, tokens},
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
    /// By what they are let in.
    pub by: By,
    /// The device that they are on now.
    pub device: DeviceId,
    /// When the access token ends, in seconds since 1970.
    pub expires: u64,
    /// Where the shop was when the caller was let in.
    pub tip: Tip,
}

/// What lets a caller in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A sign-in.
    SignIn(SessionId),
    /// A script's token, which is a device of its own.
    Token(PassId),
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
    scripts: Option<Scope>,
) -> Result<Caller, ApiError> {
    let token = bearer(headers)?;
    if token.starts_with(pass::ACCESS) {
        let caller = script(app, token, shop, scripts).await?;
        return allowed(caller, permission);
    }
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
    let caller = Caller {
        person: grant.person,
        shop,
        role,
        by: By::SignIn(grant.session),
        device,
        expires: checked.expires,
        tip,
    };
    allowed(caller, permission)
}

fn allowed(caller: Caller, permission: Permission) -> Result<Caller, ApiError> {
    let role = caller.role;
    if role.may(permission) {
        return Ok(caller);
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        code::FORBIDDEN,
        format_args!("a {role} may not do this; ask the shop's owner"),
    ))
}

/// Lets a script in, where the address is open to its scope.
async fn script(
    app: &App,
    token: &str,
    shop: &str,
    open: Option<Scope>,
) -> Result<Caller, ApiError> {
    let none = || {
        ApiError::unauthorized(
            "this access token is none, has expired, or was taken back; “redtag token new” makes \
             another one",
        )
    };
    let presented = pass::read(pass::ACCESS, token).ok_or_else(none)?;
    let found = tokens::standing(&*app.storage, &presented, app.clock.now()).await?;
    let (pass, person, scope) = found.ok_or_else(none)?;
    let shop: ShopId = shop.parse().map_err(ApiError::invalid)?;
    if pass.shop != shop {
        return Err(ApiError::not_found());
    }
    let (role, tip) = membership(app, person, shop).await?;
    // The shop may demand one since the token was made.
    if second_factor::demanded(&settings::read(&*app.storage, shop).await?, role)
        && second_factor::confirmed(&*app.storage, person)
            .await?
            .is_none()
    {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            code::MUST_ENROL,
            format_args!("this shop lets no {role} in without a second factor; make one first"),
        ));
    }
    if open.is_none_or(|needed| scope < needed) {
        let words = match open {
            Some(needed) => format!("this access token may only {scope}; this needs “{needed}”"),
            None => "access tokens of scripts do not reach this; sign in".to_owned(),
        };
        return Err(ApiError::new(StatusCode::FORBIDDEN, code::FORBIDDEN, words));
    }
    Ok(Caller {
        person,
        shop,
        role,
        by: By::Token(pass.id),
        device: tokens::device(pass.id),
        expires: pass.expires.0 / 1000,
        tip,
    })
}

impl Caller {
    /// Whether the caller would still be let in, for streams that outlive their request.
    pub async fn still_stands(&self, app: &App) -> Result<(), ApiError> {
        match self.by {
            By::SignIn(session) => standing(app, self.person, self.shop, session)
                .await
                .map(|_| ()),
            By::Token(id) => {
                membership(app, self.person, self.shop).await?;
                let now = app.clock.now();
                if tokens::stands(&*app.storage, self.shop, id, now).await? {
                    return Ok(());
                }
                Err(ApiError::unauthorized(
                    "this access token has expired or was taken back",
                ))
            }
        }
    }

    /// The sign-in, for what a script does not do.
    pub fn session(&self) -> Result<SessionId, ApiError> {
        match self.by {
            By::SignIn(session) => Ok(session),
            By::Token(_) => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                code::FORBIDDEN,
                "access tokens of scripts do not reach this; sign in",
            )),
        }
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
    let (member, session) =
        tokio::join!(membership(app, person, shop), app.storage.session(session));
    let (role, tip) = member?;
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

/// As what somebody belongs to the shop, and where it stands.
async fn membership(app: &App, person: PersonId, shop: ShopId) -> Result<(Role, Tip), ApiError> {
    let tip = match app.storage.tip(shop).await {
        Err(StorageError::NoShop(_)) => return Err(ApiError::not_a_member(app.storage.epoch())),
        tip => tip?,
    };
    let news = app.recent.news();
    if let Some(role) = news.role(shop, &tip.head, person) {
        return Ok((role, tip));
    }
    let role = core::author(&*app.storage, shop, person).await?;
    let role = role.ok_or_else(|| ApiError::not_a_member(app.storage.epoch()))?;
    news.learn(shop, &tip.head, person, role);
    Ok((role, tip))
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
