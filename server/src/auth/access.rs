//! Access tokens: JWT (RFC 7519, RFC 9068) signed with Ed25519, for ten minutes.

use jsonwebtoken::{Algorithm, Header, Validation};
use redtag_protocol::ids::{DeviceId, PersonId, SessionId, ShopId};
use serde::{Deserialize, Serialize};

use super::signing::SigningKeys;

/// Seconds that a token is good for.
pub const LIFE: u64 = 600;

const ISSUER: &str = "redtag-server";
const AUDIENCE: &str = "redtag";
const TYPE: &str = "at+jwt";

/// Who has signed in, where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The person.
    pub person: PersonId,
    /// The shop that was signed in to.
    pub shop: ShopId,
    /// The sign-in.
    pub session: SessionId,
    /// The device of the sign-in.
    pub device: DeviceId,
}

/// A token that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Whose it is.
    pub grant: Grant,
    /// When it ends, in seconds since 1970.
    pub expires: u64,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It was good until then.
    #[error("the access token has expired; renew it at /v1/token")]
    Expired,
    /// Signed by a key that this process does not know, or no longer.
    #[error("the access token is not one of this server's; sign in again or renew it at /v1/token")]
    UnknownKey,
    /// Altered, for another audience, or no token at all.
    #[error("the access token is not one of this server's; sign in again or renew it at /v1/token")]
    Invalid,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: PersonId,
    shop: ShopId,
    sid: SessionId,
    did: DeviceId,
    iat: u64,
    exp: u64,
}

/// Signs a token. None when no key may sign any more and a new one is due.
pub fn sign(keys: &SigningKeys, grant: Grant, now: u64) -> Option<String> {
    let key = keys.current(now)?;
    let header = Header {
        typ: Some(TYPE.to_owned()),
        kid: Some(key.kid.clone()),
        ..Header::new(Algorithm::EdDSA)
    };
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: grant.person,
        shop: grant.shop,
        sid: grant.session,
        did: grant.device,
        iat: now,
        exp: now.saturating_add(LIFE),
    };
    // Only a key of the wrong kind could fail here, and such a key was never let in.
    jsonwebtoken::encode(&header, &claims, &key.private).ok()
}

/// Checks a token at this time, in seconds since 1970.
pub fn check(keys: &SigningKeys, token: &str, now: u64) -> Result<Checked, Refused> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
    if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::EdDSA {
        return Err(Refused::Invalid);
    }
    let kid = header.kid.ok_or(Refused::Invalid)?;
    let key = keys.named(&kid, now).ok_or(Refused::UnknownKey)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&[AUDIENCE]);
    rules.set_issuer(&[ISSUER]);
    rules.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
    // The time comes from our caller; the library would look at the clock itself.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key.public, &rules)
        .map_err(|_| Refused::Invalid)?
        .claims;
    if now >= claims.exp {
        return Err(Refused::Expired);
    }
    Ok(Checked {
        grant: Grant {
            person: claims.sub,
            shop: claims.shop,
            session: claims.sid,
            device: claims.did,
        },
        expires: claims.exp,
    })
}

#[cfg(test)]
mod tests;
