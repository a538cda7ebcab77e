//! An OpenID provider that a test holds in its hand: it believes what it is told about whoever comes,
//! looks at every proof that a client must give, and can be made to lie.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    openid::{Options, Provider},
    testing::NOW,
};

const CLIENT: &str = "redtag client";
const SECRET: &str = "client secret: ü";

/// Who comes, and what is wrong about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account<'a> {
    pub(super) subject: &'a str,
    pub(super) email: &'a str,
    pub(super) verified: bool,
    /// Signed in the place of the right one.
    pub(super) nonce: Option<&'a str>,
    pub(super) audience: Option<&'a str>,
    /// The code is another client's, whose proof it wants.
    pub(super) unproven: bool,
    /// The address is told when asked, and not signed.
    pub(super) told: bool,
}

impl<'a> Account<'a> {
    pub(super) fn of(subject: &'a str, email: &'a str) -> Self {
        Self {
            subject,
            email,
            verified: true,
            nonce: None,
            audience: None,
            unproven: false,
            told: false,
        }
    }
}

/// A code that waits to be redeemed.
struct Granted {
    challenge: String,
    back: String,
    claims: Value,
    told: Value,
}

struct Inside {
    issuer: String,
    key: Ed25519KeyPair,
    granted: Mutex<HashMap<String, Granted>>,
    told: Mutex<HashMap<String, Value>>,
}

/// Where it listens.
pub(super) struct At {
    inside: Arc<Inside>,
    task: JoinHandle<()>,
}

impl At {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let inside = Arc::new(Inside {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            key: Ed25519KeyPair::generate().unwrap(),
            granted: Mutex::default(),
            told: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/token", post(token))
            .route("/keys", get(keys))
            .route("/who", get(who))
            .with_state(Arc::clone(&inside));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inside, task }
    }

    pub(super) fn provider(&self) -> Arc<Provider> {
        let options = Options {
            issuer: self.inside.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(SecretString::from(SECRET)),
            name: "Example ID".to_owned(),
        };
        Provider::new(options).unwrap()
    }

    pub(super) fn stop(self) {
        self.task.abort();
    }

    /// What the person does there, who was sent to this address; gives the path that they come back to.
    pub(super) fn allows(&self, url: &str, account: Account<'_>) -> String {
        let url: Url = url.parse().unwrap();
        assert!(url.as_str().starts_with(&self.inside.issuer), "{url}");
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|it| it == "openid"));
        let mut granted = self.inside.granted.lock().unwrap();
        let code = format!("code {}", granted.len());
        let mut claims = json!({
            "iss": self.inside.issuer, "sub": account.subject,
            "aud": account.audience.unwrap_or(CLIENT), "iat": NOW / 1000,
            "exp": NOW / 1000 + 3600, "nonce": account.nonce.unwrap_or(&asked["nonce"]),
        });
        let mut told = json!({"sub": account.subject});
        let says = if account.told { &mut told } else { &mut claims };
        says["email"] = account.email.into();
        says["email_verified"] = account.verified.into();
        let challenge = if account.unproven {
            "another".to_owned()
        } else {
            asked["code_challenge"].clone()
        };
        let back = asked["redirect_uri"].clone();
        granted.insert(
            code.clone(),
            Granted {
                challenge,
                back: back.clone(),
                claims,
                told,
            },
        );
        let mut back: Url = back.parse().unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked["state"]);
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}

impl Drop for At {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Answer = Result<Json<Value>, StatusCode>;

async fn discovery(State(it): State<Arc<Inside>>) -> Json<Value> {
    let issuer = &it.issuer;
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/who"), "response_types_supported": ["code"],
    }))
}

async fn keys(State(it): State<Arc<Inside>>) -> Json<Value> {
    let public = URL_SAFE_NO_PAD.encode(it.key.public_key().as_ref());
    Json(json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "k1", "alg": "EdDSA", "x": public},
        {"kty": "of a kind that nobody knows yet"},
    ]}))
}

async fn token(State(it): State<Arc<Inside>>, headers: HeaderMap, body: String) -> Answer {
    let pair = "redtag%20client:client%20secret%3A%20%C3%BC";
    let basic = format!("Basic {}", STANDARD.encode(pair));
    if headers["authorization"] != basic.as_str() {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let asked: HashMap<String, String> = serde_urlencoded::from_str(&body).unwrap();
    let granted = it.granted.lock().unwrap().remove(&asked["code"]);
    let granted = granted.ok_or(StatusCode::BAD_REQUEST)?;
    let proof = digest(&SHA256, asked["code_verifier"].as_bytes());
    let right = asked["grant_type"] == "authorization_code"
        && asked["redirect_uri"] == granted.back
        && URL_SAFE_NO_PAD.encode(proof) == granted.challenge;
    if !right {
        return Err(StatusCode::BAD_REQUEST);
    }
    let header = Header {
        kid: Some("k1".to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    let key = EncodingKey::from_ed_der(it.key.to_pkcs8().unwrap().as_ref());
    let signed = jsonwebtoken::encode(&header, &granted.claims, &key).unwrap();
    let access = format!("access-{}", it.told.lock().unwrap().len());
    it.told.lock().unwrap().insert(access.clone(), granted.told);
    Ok(Json(json!({
        "access_token": access, "token_type": "Bearer", "id_token": signed,
    })))
}

async fn who(State(it): State<Arc<Inside>>, headers: HeaderMap) -> Answer {
    let access = headers["authorization"].to_str().unwrap();
    let access = access.strip_prefix("Bearer ").unwrap();
    let told = it.told.lock().unwrap().get(access).cloned();
    Ok(Json(told.ok_or(StatusCode::UNAUTHORIZED)?))
}
