//! Tokens and the device's key. None of them prints itself, all of them are wiped when dropped.

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Takes the token from text.
            pub fn new(text: String) -> Self {
                Self(SecretString::from(text))
            }

            /// The token as text, for the one place that needs it.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

token!(
    /// The ten-minute token for every endpoint but the token endpoint. Lives in memory only.
    AccessToken
);
token!(
    /// The rotating token for the token endpoint. At rest it lies only in the encrypted cache.
    RefreshToken
);

/// The Ed25519 key of one account on one bench, which proves the device (RFC 9449).
pub struct DeviceKey {
    seed: Zeroizing<[u8; 32]>,
    pair: Ed25519KeyPair,
}

/// Bytes that are no Ed25519 seed, or no randomness to make one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the device key cannot be used; sign out and in again to make a new one")]
pub struct DeviceKeyError;

impl DeviceKey {
    /// Makes a key from the system's randomness.
    pub fn generate() -> Result<Self, DeviceKeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| DeviceKeyError)?;
        Self::from_seed(&seed)
    }

    /// The key of a seed kept earlier.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, DeviceKeyError> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| DeviceKeyError)?;
        Ok(Self {
            seed: Zeroizing::new(*seed),
            pair,
        })
    }

    /// The seed, to be kept in the encrypted cache.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public half in unpadded base64url, as a sign-in carries it.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key())
    }

    /// A proof for one `POST` to `url` (RFC 9449, section 4.2). Freshness comes from the nonce;
    /// `at` (seconds since 1970) is there because the standard wants it, and `unique` tells two
    /// proofs apart.
    pub fn proof(&self, url: &str, nonce: Option<&str>, at: u64, unique: [u8; 16]) -> String {
        let header = json!({
            "typ": "dpop+jwt",
            "alg": "EdDSA",
            "jwk": { "kty": "OKP", "crv": "Ed25519", "x": self.public() },
        });
        let mut claims = json!({
            "jti": URL_SAFE_NO_PAD.encode(unique),
            "htm": "POST",
            "htu": url,
            "iat": at,
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.pair.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({})", self.public())
    }
}
