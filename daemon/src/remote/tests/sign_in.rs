use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::{
    api::sign_in::{Device, Request},
    ids::DeviceId,
};
use serde_json::Value;

use super::*;

fn request() -> Request {
    Request {
        email: "ann@example.com".into(),
        password: "right".into(),
        code: None,
        shop: None,
        device: Device {
            id: DeviceId::from_parts(1, [1; 10]),
            name: "bench 1".into(),
            key: DeviceKey::from_seed(&[7; 32]).unwrap().public(),
        },
    }
}

const TOKENS: &str =
    r#"{"access_token":"at","token_type":"Bearer","expires_in":600,"refresh_token":"rt-2"}"#;

#[tokio::test]
async fn a_sign_in_gives_tokens() {
    let (_server, remote) = api(|asked| {
        assert_eq!(asked.path, "/v1/sign-in");
        let body: Request = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(body.password, "right");
        Reply::json(
            200,
            &format!(
                r#"{{"person":"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b","name":"Ann",
                "membership":{{"shop":"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5c","name":"Shop",
                "role":"owner"}},"tokens":{TOKENS},"last_number":0}}"#
            ),
        )
    })
    .await;
    let found = remote.sign_in(request()).await.unwrap().value;
    assert_eq!(found.name, "Ann");
    assert_eq!(found.tokens.refresh.expose(), "rt-2");
}

#[tokio::test]
async fn a_wrong_password_and_a_choice_of_shops_are_told_apart() {
    let (_server, remote) = api(|_| Reply::error(401, "bad_credentials")).await;
    let error = remote.sign_in(request()).await.unwrap_err();
    assert!(
        matches!(&error, RemoteError::Rejected { code, .. } if code == "bad_credentials"),
        "{error}"
    );

    let (_server, remote) = api(|_| {
        Reply::json(
            409,
            r#"{"error":"choose_shop","message":"which?","shops":[{"shop":
            "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5c","name":"Shop","role":"owner"}]}"#,
        )
    })
    .await;
    match remote.sign_in(request()).await.unwrap_err() {
        RemoteError::Rejected { shops, .. } => assert_eq!(shops[0].name, "Shop"),
        other => panic!("{other}"),
    }
}

/// The claims of a proof, after everything else of it was checked.
fn claims(asked: &Asked, key: &DeviceKey) -> Value {
    let proof = asked.header("dpop").unwrap();
    let (signed, signature) = proof.rsplit_once('.').unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let read = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let head = read(head);
    assert_eq!(head["typ"], "dpop+jwt");
    assert_eq!(head["alg"], "EdDSA");
    assert_eq!(head["jwk"]["x"], key.public());
    UnparsedPublicKey::new(&ED25519, URL_SAFE_NO_PAD.decode(key.public()).unwrap())
        .verify(
            signed.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .unwrap();
    read(claims)
}

#[tokio::test]
async fn a_refresh_proves_the_device_with_the_servers_nonce() {
    let (server, remote) = api(|asked| {
        let key = DeviceKey::from_seed(&[7; 32]).unwrap();
        let claims = claims(asked, &key);
        assert_eq!(claims["htm"], "POST");
        assert!(claims["htu"].as_str().unwrap().ends_with("/v1/token"));
        assert_eq!(asked.body, "grant_type=refresh_token&refresh_token=rt-1");
        if claims["nonce"] == "n-1" {
            return Reply::with(200, "dpop-nonce: n-2\r\n", TOKENS.as_bytes());
        }
        let body = br#"{"error":"use_dpop_nonce","message":"again"}"#;
        Reply::with(400, "dpop-nonce: n-1\r\n", body)
    })
    .await;
    let key = DeviceKey::from_seed(&[7; 32]).unwrap();
    let token = RefreshToken::new("rt-1".into());
    let found = remote.refresh(&token, &key).await.unwrap().value;
    assert_eq!(found.access.expose(), "at");
    assert_eq!(found.expires_in, 600);

    // The nonce of the success is the next one's; this server wants the first again, once.
    remote.refresh(&token, &key).await.unwrap();
    drop(server);
}

#[tokio::test]
async fn a_server_that_always_wants_another_nonce_is_asked_twice_and_not_for_ever() {
    let (_server, remote) = api(|_| {
        let body = br#"{"error":"use_dpop_nonce","message":"again"}"#;
        Reply::with(400, "dpop-nonce: n\r\n", body)
    })
    .await;
    let key = DeviceKey::generate().unwrap();
    let token = RefreshToken::new("rt-1".into());
    let error = remote.refresh(&token, &key).await.unwrap_err();
    assert!(matches!(error, RemoteError::Rejected { .. }), "{error}");
}

#[tokio::test]
async fn only_a_definite_answer_signs_out() {
    let key = DeviceKey::generate().unwrap();
    let token = RefreshToken::new("rt-1".into());
    for (status, code, out) in [
        (400, "invalid_grant", true),
        (400, "invalid_dpop_proof", false),
        (401, "unauthorized", false),
        (429, "slow_down", false),
        (500, "internal", false),
        (502, "", false),
    ] {
        let (_server, remote) = api(move |_| Reply::error(status, code)).await;
        let error = remote.refresh(&token, &key).await.unwrap_err();
        assert_eq!(
            matches!(error, RemoteError::SignedOut { .. }),
            out,
            "{status} {error}"
        );
    }
}
