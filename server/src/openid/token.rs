//! Whether to believe what a provider signed (OpenID Connect Core 1.0, section 3.1.3.7).

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, JwkSet, PublicKeyUse},
};
use serde::Deserialize;

/// What is signed with: by a key that only the provider has. A shared secret signs nothing here.
const TAKEN: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Seconds by which clocks may differ.
const GRACE: u64 = 60;

/// The longest subject (section 2), in bytes.
const LONGEST: usize = 255;

/// Why it is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is none, or signed in a way that is not taken.
    #[error("it is no token, or is signed in a way that is not taken")]
    Unread,
    /// No key fits.
    #[error("the provider has no such key")]
    Key,
    /// Signature, issuer or audience.
    #[error("its signature, issuer or audience is another one")]
    Invalid,
    /// For several, and not first of all for us.
    #[error("it was made for another client")]
    Party,
    /// Too old, or from the future.
    #[error("it is too old, or this machine's clock is wrong")]
    Time,
    /// Of another sign-in.
    #[error("it belongs to another sign-in")]
    Nonce,
    /// Empty or too long.
    #[error("its subject is empty or too long")]
    Subject,
}

/// What must stand in it.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now: u64,
}

/// What is believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Believed {
    pub(super) subject: String,
    /// Only where the provider has verified it.
    pub(super) email: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: u64,
    iat: u64,
    nonce: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(#[expect(dead_code, reason = "the library compares it")] String),
    Several(Vec<String>),
}

pub(super) fn check(
    text: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<Believed, TokenError> {
    let header = jsonwebtoken::decode_header(text).map_err(|_| TokenError::Unread)?;
    if !TAKEN.contains(&header.alg) {
        return Err(TokenError::Unread);
    }
    let mut rules = Validation::new(header.alg);
    rules.set_issuer(&[expected.issuer]);
    rules.set_audience(&[expected.client]);
    rules.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
    // The time comes from our caller; the library would look at the clock itself.
    rules.validate_exp = false;
    let mut fitting = keys
        .keys
        .iter()
        .filter(|it| fits(it, header.alg, header.kid.as_deref()))
        .peekable();
    if fitting.peek().is_none() {
        return Err(TokenError::Key);
    }
    let claims = fitting
        .filter_map(|key| DecodingKey::from_jwk(key).ok())
        .find_map(|key| jsonwebtoken::decode::<Claims>(text, &key, &rules).ok())
        .ok_or(TokenError::Invalid)?
        .claims;
    let several = matches!(&claims.aud, Audience::Several(all) if all.len() > 1);
    if claims
        .azp
        .as_deref()
        .is_some_and(|it| it != expected.client)
        || (several && claims.azp.is_none())
    {
        return Err(TokenError::Party);
    }
    let (now, grace) = (expected.now, GRACE);
    if now >= claims.exp.saturating_add(grace) || claims.iat > now.saturating_add(grace) {
        return Err(TokenError::Time);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(TokenError::Nonce);
    }
    if claims.sub.is_empty() || claims.sub.len() > LONGEST {
        return Err(TokenError::Subject);
    }
    Ok(Believed {
        subject: claims.sub,
        email: claims.email.filter(|_| claims.email_verified),
    })
}

/// Whether a key may have signed it: the one that is named, for signing, of the kind that is named.
fn fits(key: &Jwk, alg: Algorithm, kid: Option<&str>) -> bool {
    let common = &key.common;
    let same = kid.is_none() || common.key_id.as_deref() == kid;
    let signs = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let way = common
        .key_algorithm
        .is_none_or(|it| it.to_string() == format!("{alg:?}"));
    same && signs && way
}

#[cfg(test)]
mod tests;
