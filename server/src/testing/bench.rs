use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A device key, as a bench has one.
pub struct Bench(Ed25519KeyPair);

impl Bench {
    pub fn new() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    pub fn public(&self) -> [u8; 32] {
        self.0.public_key().as_ref().try_into().unwrap()
    }

    /// The public half as a device introduces itself.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.public())
    }

    /// A proof with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": self.text()});
        let header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }
}
