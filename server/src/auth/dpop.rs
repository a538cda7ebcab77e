//! Proofs of the device key at the token endpoint: `DPoP` (RFC 9449) with Ed25519.
//!
//! A proof is fresh because it holds a nonce of ours, never because of its `iat`: a bench whose
//! clock is a year off must still be able to renew. There is deliberately no memory of `jti`: a
//! proof is good only together with its refresh token, within the nonce's window, and what it can
//! bring about a second time is what the refresh token's generation allows: the same reply again.
//!
//! `htu` is compared by its path, because behind a proxy the server does not know by which name it
//! was called. Where the operator has named the public address (`--public-url`), scheme, host and
//! path must be that one's.

use aws_lc_rs::hmac;
use axum::http::Uri;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve},
};
use redtag_protocol::text;
use serde::Deserialize;

/// The header of a request that holds the proof.
pub const HEADER: &str = "dpop";

/// The header of an answer that holds the next nonce.
pub const NONCE_HEADER: &str = "dpop-nonce";

/// A nonce is good for the rest of its window and for the next one, in seconds. As long as an
/// access token, so that a bench that renews when its token ends still holds a good one.
const WINDOW: u64 = super::access::LIFE;

/// So much of a wrong `htu` is repeated, in characters.
const LONGEST_HTU: usize = 200;

/// Bytes of a nonce.
const NONCE: usize = 16;

/// Why a proof is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It holds no nonce of ours, or an old one; the next try with the new one will do.
    #[error("prove again with the nonce of the DPoP-Nonce header")]
    Nonce,
    /// Not a proof by this key for this endpoint.
    #[error("the proof of the device key is wrong: {0}")]
    Invalid(&'static str),
    /// Proven by this key, but for another place: where the client does not err, the operator has
    /// named another address than the one it calls.
    #[error("the proof of the device key is wrong: htu is “{came}”, and must be {expected}")]
    Elsewhere {
        /// For people.
        expected: String,
        /// What the proof says, shortened and without control characters.
        came: String,
    },
}

/// Where a proof must be meant for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The endpoint's path.
    pub path: &'a str,
    /// The address that clients use, where the operator has named it; without a slash at the end.
    pub public_url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    #[serde(rename = "iat")]
    _issued: serde_json::Number,
    #[serde(default)]
    nonce: Option<String>,
}

/// Reads a device's public key as it introduces itself: 32 bytes in unpadded base64url.
pub fn device_key(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// The nonce of this time, in seconds since 1970. Stateless: any process of this server knows it.
pub fn nonce(key: &hmac::Key, now: u64) -> String {
    window_nonce(key, now / WINDOW)
}

/// Checks that `proof` was made by the device key for this target, with a nonce that is good now.
pub fn check(
    key: &hmac::Key,
    device: &[u8; 32],
    proof: &str,
    target: Target<'_>,
    now: u64,
) -> Result<(), Refused> {
    let wrong = Refused::Invalid;
    let header = jsonwebtoken::decode_header(proof).map_err(|_| wrong("it is no JWT"))?;
    if header.typ.as_deref() != Some("dpop+jwt") || header.alg != Algorithm::EdDSA {
        return Err(wrong("typ must be dpop+jwt and alg EdDSA"));
    }
    let shown = match header.jwk.map(|jwk| jwk.algorithm) {
        Some(AlgorithmParameters::OctetKeyPair(jwk)) if jwk.curve == EllipticCurve::Ed25519 => {
            device_key(&jwk.x)
        }
        _ => None,
    };
    if shown.as_ref() != Some(device) {
        return Err(wrong("jwk is not the key of this sign-in"));
    }
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(proof, &DecodingKey::from_ed_der(device), &rules)
        .map_err(|_| wrong("the signature or a claim is missing or wrong"))?
        .claims;
    if claims.jti.is_empty() || claims.jti.len() > 128 {
        return Err(wrong("jti must have 1 to 128 characters"));
    }
    if claims.htm != "POST" {
        return Err(wrong("htm must be POST"));
    }
    if !target.is(&claims.htu) {
        let came: String = claims.htu.chars().take(LONGEST_HTU).collect();
        return Err(Refused::Elsewhere {
            expected: target.words(),
            came: text::clean_line(&came).into_owned(),
        });
    }
    match claims.nonce {
        Some(nonce) if known_nonce(key, &nonce, now) => Ok(()),
        _ => Err(Refused::Nonce),
    }
}

impl Target<'_> {
    fn words(&self) -> String {
        match self.public_url {
            Some(public) => format!("“{public}{}”", self.path),
            None => format!("an address that ends in {}", self.path),
        }
    }

    fn is(&self, htu: &str) -> bool {
        let Ok(uri) = htu.parse::<Uri>() else {
            return false;
        };
        match (self.public_url, uri.scheme_str(), uri.authority()) {
            (_, None, _) | (_, _, None) => false,
            (None, Some(_), Some(_)) => uri.path() == self.path,
            (Some(public), Some(scheme), Some(host)) => {
                let called = format!("{scheme}://{host}{}", uri.path());
                called.eq_ignore_ascii_case(&format!("{public}{}", self.path))
            }
        }
    }
}

fn window_nonce(key: &hmac::Key, window: u64) -> String {
    let tag = hmac::sign(key, &window.to_be_bytes());
    URL_SAFE_NO_PAD.encode(&tag.as_ref()[..NONCE])
}

fn known_nonce(key: &hmac::Key, nonce: &str, now: u64) -> bool {
    let window = now / WINDOW;
    // A nonce is handed to anybody who asks, so how long the comparison takes tells nothing.
    [window, window.saturating_sub(1)]
        .iter()
        .any(|window| window_nonce(key, *window) == nonce)
}

#[cfg(test)]
mod tests;
