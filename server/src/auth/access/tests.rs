use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};

use super::*;
use crate::auth::signing::{SigningKey, TENURE, generate};

const NOW: u64 = 1_800_000_000;

fn grant() -> Grant {
    Grant {
        person: PersonId::from_parts(1, [1; 10]),
        shop: ShopId::from_parts(1, [2; 10]),
        session: SessionId::from_parts(1, [3; 10]),
        device: DeviceId::from_parts(1, [4; 10]),
    }
}

fn key(created: u64) -> SigningKey {
    SigningKey::new(&generate(created).unwrap()).unwrap()
}

fn rewrite(token: &str, part: usize, change: impl Fn(&mut Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&parts[part]).unwrap()).unwrap();
    change(&mut value);
    parts[part] = URL_SAFE_NO_PAD.encode(value.to_string());
    parts.join(".")
}

#[test]
fn a_token_is_good_for_ten_minutes() {
    let keys = SigningKeys::new(vec![key(NOW)]);
    let token = sign(&keys, grant(), NOW).unwrap();
    let checked = check(&keys, &token, NOW + LIFE - 1).unwrap();
    assert_eq!((checked.grant, checked.expires), (grant(), NOW + LIFE));
    assert_eq!(check(&keys, &token, NOW + LIFE), Err(Refused::Expired));
}

#[test]
fn what_was_altered_is_refused() {
    let keys = SigningKeys::new(vec![key(NOW)]);
    let token = sign(&keys, grant(), NOW).unwrap();
    let shop = ShopId::from_parts(9, [9; 10]).to_string();
    let signature = token.rfind('.').unwrap() + 1;
    let unsigned = rewrite(&token, 0, |header| header["alg"] = json!("none"));
    let wrong = [
        rewrite(&token, 1, |claims| claims["shop"] = json!(shop)),
        rewrite(&token, 1, |claims| claims["exp"] = json!(NOW * 2)),
        unsigned.clone(),
        unsigned[..=unsigned.rfind('.').unwrap()].to_owned(),
        rewrite(&token, 0, |header| header["alg"] = json!("HS256")),
        rewrite(&token, 0, |header| header["typ"] = json!("dpop+jwt")),
        token[..signature].to_owned(),
        token[..signature - 1].to_owned(),
        String::new(),
        "a.b.c".to_owned(),
    ];
    for wrong in wrong {
        assert_eq!(check(&keys, &wrong, NOW), Err(Refused::Invalid), "{wrong}");
    }
    let strange = rewrite(&token, 0, |header| header["kid"] = json!("other"));
    assert_eq!(check(&keys, &strange, NOW), Err(Refused::UnknownKey));
}

#[test]
fn another_audience_or_issuer_is_refused_even_when_signed_by_us() {
    let made = generate(NOW).unwrap();
    let keys = SigningKeys::new(vec![SigningKey::new(&made).unwrap()]);
    let token = sign(&keys, grant(), NOW).unwrap();
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(&token).unwrap();
    for (name, value) in [
        ("aud", json!("other")),
        ("iss", json!("other")),
        ("aud", Value::Null),
        ("sub", json!("me")),
    ] {
        let mut claims = claims.clone();
        claims[name] = value;
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(made.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let private = EncodingKey::from_ed_der(&made.pkcs8);
        let token = jsonwebtoken::encode(&header, &claims, &private).unwrap();
        assert_eq!(check(&keys, &token, NOW), Err(Refused::Invalid), "{name}");
    }
}

#[test]
fn an_old_key_stays_good_until_its_last_token_has_ended() {
    let (old, new) = (generate(NOW).unwrap(), generate(NOW + TENURE).unwrap());
    let load = |made| SigningKey::new(made).unwrap();
    let before = SigningKeys::new(vec![load(&old)]);
    let last = NOW + TENURE - 1;
    let token = sign(&before, grant(), last).unwrap();
    assert_eq!(
        sign(&before, grant(), NOW + TENURE),
        None,
        "a new key is due"
    );
    let after = SigningKeys::new(vec![load(&old), load(&new)]);
    assert!(check(&after, &token, last + LIFE - 1).is_ok());
    let header = jsonwebtoken::decode_header(sign(&after, grant(), NOW + TENURE).unwrap()).unwrap();
    assert_eq!(header.kid, Some(new.kid), "the newest signs");
    let late = NOW + TENURE + 2 * LIFE + 1;
    assert_eq!(check(&after, &token, late), Err(Refused::UnknownKey));
}
