use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

const NOW: u64 = 1_800_000_000;

struct Signer {
    private: EncodingKey,
    public: Value,
}

fn signer(kid: &str) -> Signer {
    let pair = Ed25519KeyPair::generate().unwrap();
    let public = pair.public_key().as_ref();
    Signer {
        private: EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref()),
        public: json!({
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "alg": "EdDSA",
            "x": URL_SAFE_NO_PAD.encode(public),
        }),
    }
}

fn keys(all: &[&Signer]) -> JwkSet {
    let keys: Vec<_> = all.iter().map(|it| it.public.clone()).collect();
    serde_json::from_value(json!({ "keys": keys })).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example", "sub": "s1", "aud": "redtag", "exp": NOW + 300, "iat": NOW,
        "nonce": "n1", "email": "ann@example.com", "email_verified": true,
    })
}

fn signed(signer: &Signer, kid: &str, claims: &Value) -> String {
    let header = Header {
        kid: Some(kid.to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    jsonwebtoken::encode(&header, claims, &signer.private).unwrap()
}

fn look(text: &str, keys: &JwkSet) -> Result<Believed, TokenError> {
    let expected = Expected {
        issuer: "https://id.example",
        client: "redtag",
        nonce: "n1",
        now: NOW,
    };
    check(text, keys, &expected)
}

#[test]
fn what_is_whole_is_believed_and_each_fault_is_not() {
    let one = signer("k1");
    let all = keys(&[&one]);
    let believed = look(&signed(&one, "k1", &claims()), &all).unwrap();
    assert_eq!(believed.subject, "s1");
    assert_eq!(believed.email.as_deref(), Some("ann@example.com"));
    for (name, value, wanted) in [
        ("iss", json!("https://id.example/"), TokenError::Invalid),
        ("iss", json!("https://evil.example"), TokenError::Invalid),
        ("aud", json!("other"), TokenError::Invalid),
        ("aud", json!(["other", "third"]), TokenError::Invalid),
        ("aud", json!(["redtag", "other"]), TokenError::Party),
        ("azp", json!("other"), TokenError::Party),
        ("exp", json!(NOW - 60), TokenError::Time),
        ("iat", json!(NOW + 61), TokenError::Time),
        ("nonce", json!("n2"), TokenError::Nonce),
        ("nonce", Value::Null, TokenError::Nonce),
        ("sub", json!(""), TokenError::Subject),
        ("sub", json!("s".repeat(256)), TokenError::Subject),
    ] {
        let mut faulty = claims();
        faulty[name] = value.clone();
        let found = look(&signed(&one, "k1", &faulty), &all);
        assert_eq!(found, Err(wanted), "{name}: {value}");
    }
    for name in ["iss", "sub", "aud", "exp", "iat"] {
        let mut faulty = claims();
        faulty.as_object_mut().unwrap().remove(name);
        assert!(look(&signed(&one, "k1", &faulty), &all).is_err(), "{name}");
    }
    let mut several = claims();
    several["aud"] = json!(["redtag", "other"]);
    several["azp"] = json!("redtag");
    assert!(look(&signed(&one, "k1", &several), &all).is_ok());
}

#[test]
fn an_address_that_is_not_verified_is_none() {
    let one = signer("k1");
    for verified in [json!(false), Value::Null] {
        let mut said = claims();
        if verified.is_null() {
            said.as_object_mut().unwrap().remove("email_verified");
        } else {
            said["email_verified"] = verified;
        }
        let believed = look(&signed(&one, "k1", &said), &keys(&[&one])).unwrap();
        assert_eq!(believed.email, None);
    }
}

#[test]
fn only_a_key_of_the_providers_that_signs_is_taken_and_no_shared_secret() {
    let (one, other) = (signer("k1"), signer("k2"));
    let both = keys(&[&one, &other]);
    assert!(look(&signed(&other, "k2", &claims()), &both).is_ok());
    // Another's signature under this name, and a name that nobody has.
    let text = signed(&other, "k1", &claims());
    assert_eq!(look(&text, &both), Err(TokenError::Invalid));
    let text = signed(&one, "k3", &claims());
    assert_eq!(look(&text, &both), Err(TokenError::Key));
    let mut seals = signer("k4");
    seals.public["use"] = json!("enc");
    let text = signed(&seals, "k4", &claims());
    assert_eq!(look(&text, &keys(&[&seals])), Err(TokenError::Key));
    // By what everybody can read, as a secret; and by nothing.
    let secret = EncodingKey::from_secret(one.public["x"].as_str().unwrap().as_bytes());
    let header = Header {
        kid: Some("k1".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    let text = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
    assert_eq!(look(&text, &both), Err(TokenError::Unread));
    let part = |it: &Value| URL_SAFE_NO_PAD.encode(it.to_string());
    let none = format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims()));
    assert_eq!(look(&none, &both), Err(TokenError::Unread));
}
