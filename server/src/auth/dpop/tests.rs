use serde_json::{Value, json};

use super::*;
use crate::testing::Bench;

const NOW: u64 = 1_800_000_000;
const TARGET: Target<'_> = Target {
    path: "/v1/token",
    public_url: None,
};

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &[1; 32])
}

fn claims(nonce: &str) -> Value {
    json!({
        "jti": "1", "htm": "POST", "htu": "https://shop.example:8443/v1/token?x=1",
        "iat": 5, "nonce": nonce,
    })
}

fn try_at(bench: &Bench, claims: &Value, now: u64) -> Result<(), Refused> {
    check(&key(), &bench.public(), &bench.sign(claims), TARGET, now)
}

#[test]
fn a_proof_with_our_nonce_is_good_for_two_windows_whatever_its_clock() {
    let bench = Bench::new();
    let start = NOW - NOW % WINDOW;
    let claims = claims(&nonce(&key(), start));
    assert_eq!(try_at(&bench, &claims, start), Ok(()));
    assert_eq!(try_at(&bench, &claims, start + 2 * WINDOW - 1), Ok(()));
    let late = try_at(&bench, &claims, start + 2 * WINDOW);
    assert_eq!(late, Err(Refused::Nonce));
}

#[test]
fn without_a_nonce_or_with_a_made_up_one_the_answer_is_to_use_one() {
    let bench = Bench::new();
    let mut bare = claims("");
    assert_eq!(try_at(&bench, &bare, NOW), Err(Refused::Nonce));
    bare.as_object_mut().unwrap().remove("nonce");
    assert_eq!(try_at(&bench, &bare, NOW), Err(Refused::Nonce));
}

#[test]
fn a_proof_by_another_key_or_for_another_place_is_refused() {
    let (bench, other) = (Bench::new(), Bench::new());
    let good = claims(&nonce(&key(), NOW));
    let by_other = check(&key(), &bench.public(), &other.sign(&good), TARGET, NOW);
    assert!(matches!(by_other, Err(Refused::Invalid(_))));
    for (name, value) in [
        ("htm", json!("GET")),
        ("htu", json!("https://shop.example/v1/sign-in")),
        ("htu", json!("/v1/token")),
        ("htu", json!("")),
        ("jti", json!("")),
        ("jti", Value::Null),
        ("iat", json!("now")),
    ] {
        let mut altered = good.clone();
        altered[name] = value;
        let answer = try_at(&bench, &altered, NOW);
        let elsewhere = matches!(answer, Err(Refused::Elsewhere { .. }));
        assert_eq!(elsewhere, name == "htu", "{altered}");
        assert!(
            elsewhere || matches!(answer, Err(Refused::Invalid(_))),
            "{altered}"
        );
    }
    let proof = bench.sign(&good);
    for wrong in ["", "a.b.c", &proof[..proof.len() - 4]] {
        let answer = check(&key(), &bench.public(), wrong, TARGET, NOW);
        assert!(matches!(answer, Err(Refused::Invalid(_))), "{wrong}");
    }
}

#[test]
fn a_named_public_address_must_be_the_one_that_was_meant() {
    let bench = Bench::new();
    let proof = bench.sign(&claims(&nonce(&key(), NOW)));
    let at = |public_url| Target {
        public_url: Some(public_url),
        ..TARGET
    };
    let named = |url| check(&key(), &bench.public(), &proof, at(url), NOW);
    assert_eq!(named("https://Shop.example:8443"), Ok(()));
    let other = named("https://shop.example").unwrap_err().to_string();
    assert!(other.contains("“https://shop.example/v1/token”"), "{other}");
    assert!(
        other.contains("“https://shop.example:8443/v1/token?x=1”"),
        "{other}"
    );
    assert!(named("http://shop.example:8443").is_err());
}
