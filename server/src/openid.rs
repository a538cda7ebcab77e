//! Signing in with an account of somebody else's: OpenID Connect 1.0 (Core), with the authorization code
//! flow, PKCE (RFC 7636), state and nonce, at the one provider that the operator names.
//!
//! Not by the `openidconnect` crate: it brings `rsa` (RUSTSEC-2023-0071) and a second set of curves
//! along. What a provider signs is checked by what checks our own tokens.
//!
//! Nothing is kept here between the two halves of a sign-in, and nothing of the provider's either: what
//! it says of itself and its keys are read anew each time, which costs two requests and no state.

mod reach;
mod token;

use std::{fmt, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::jwk::JwkSet;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use self::reach::Reach;
use crate::keys::random;

/// The provider, as the operator names it.
#[derive(Debug)]
pub struct Options {
    /// Its address, exactly as it says it itself.
    pub issuer: String,
    /// Whom it knows us as.
    pub client_id: String,
    /// What we prove it with; a public client has none.
    pub client_secret: Option<SecretString>,
    /// What people call it.
    pub name: String,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// How it is set up.
    #[error(
        "the provider “{0}” cannot be used: it must be an https address (http on this machine only)"
    )]
    Issuer(String),
    /// The certificates of authorities.
    #[error("the provider cannot be asked over TLS: {0}")]
    Client(String),
    /// It could not be asked, or did not answer as it should.
    #[error("the provider {what} ({why})")]
    Provider {
        /// What it did.
        what: &'static str,
        /// Why, without anything secret.
        why: String,
    },
    /// What it said of the person is not to be believed.
    #[error("what the provider says of the person does not hold: {0}")]
    Token(#[from] token::TokenError),
}

fn fault(what: &'static str, why: impl fmt::Display) -> OpenIdError {
    OpenIdError::Provider {
        what,
        why: why.to_string(),
    }
}

/// What one half of a sign-in leaves for the other; it lies with the browser, sealed.
pub struct Flow {
    /// Comes back in the address.
    pub state: [u8; 16],
    /// Comes back in what the provider signs.
    pub nonce: [u8; 16],
    /// Shows that whoever redeems the code is whoever asked for it.
    pub verifier: Zeroizing<[u8; 32]>,
}

impl Flow {
    /// Drawn anew for each sign-in.
    pub fn draw() -> Self {
        Self {
            state: random(),
            nonce: random(),
            verifier: Zeroizing::new(random()),
        }
    }
}

/// Who somebody is at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person there: never another one's, never another.
    pub subject: String,
    /// Their address, if the provider has verified it.
    pub email: Option<String>,
}

/// What the provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as we need it.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: At,
    token_endpoint: At,
    jwks_uri: At,
    userinfo_endpoint: Option<At>,
    /// Basic where it says nothing.
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// An address.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct At(Url);

impl TryFrom<String> for At {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = text.parse().map_err(|_| "that is no address");
        url.map(Self)
    }
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Redeemed {
    id_token: String,
    access_token: String,
}

/// What it tells of a person besides (Core, section 5.3.2).
#[derive(Deserialize)]
struct Told {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
}

/// The provider.
pub struct Provider {
    options: Options,
    reach: Reach,
}

impl Provider {
    /// Nothing is asked of it yet.
    pub fn new(options: Options) -> Result<Arc<Self>, OpenIdError> {
        let unfit = || OpenIdError::Issuer(options.issuer.clone());
        let issuer: Url = options.issuer.parse().map_err(|_| unfit())?;
        let reach = Reach::to(&issuer).ok_or_else(unfit)??;
        Ok(Arc::new(Self { options, reach }))
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.options.name
    }

    /// Its address.
    pub fn issuer(&self) -> &str {
        &self.options.issuer
    }

    /// Where the browser is sent, to come back to `back`.
    pub async fn begin(&self, flow: &Flow, back: &str) -> Result<String, OpenIdError> {
        let mut url = self.discover().await?.authorization_endpoint.0;
        let challenge = digest(&SHA256, verifier(flow).as_bytes());
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.options.client_id)
            .append_pair("redirect_uri", back)
            .append_pair("scope", "openid email")
            .append_pair("state", &URL_SAFE_NO_PAD.encode(flow.state))
            .append_pair("nonce", &URL_SAFE_NO_PAD.encode(flow.nonce))
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Who came back from it with this code, at this time in seconds since 1970.
    pub async fn finish(
        &self,
        flow: &Flow,
        code: &str,
        back: &str,
        now: u64,
    ) -> Result<Identity, OpenIdError> {
        let provider = self.discover().await?;
        let request = self.redeem(&provider, flow, code, back)?;
        let text = self.reach.text(request).await?;
        let redeemed: Redeemed = serde_json::from_slice(&text)
            .map_err(|_| fault("redeemed the code, but signed nothing", "no id_token"))?;
        let request = self.reach.get(&provider.jwks_uri.0)?;
        let keys: JwkSet = serde_json::from_slice(&self.reach.text(request).await?)
            .map_err(|error| fault("has keys that cannot be read", error))?;
        let expected = token::Expected {
            issuer: &self.options.issuer,
            client: &self.options.client_id,
            nonce: &URL_SAFE_NO_PAD.encode(flow.nonce),
            now,
        };
        let claims = token::check(&redeemed.id_token, &keys, &expected)?;
        let email = match (claims.email, &provider.userinfo_endpoint) {
            (None, Some(At(url))) => self.ask(url, &redeemed, &claims.subject).await?,
            (email, _) => email,
        };
        Ok(Identity {
            issuer: self.options.issuer.clone(),
            subject: claims.subject,
            email,
        })
    }

    /// The verified address of a person, from a provider that does not sign it.
    async fn ask(
        &self,
        url: &Url,
        redeemed: &Redeemed,
        subject: &str,
    ) -> Result<Option<String>, OpenIdError> {
        let request = self.reach.get(url)?;
        let request = request.bearer_auth(&redeemed.access_token);
        let told: Told = serde_json::from_slice(&self.reach.text(request).await?)
            .map_err(|error| fault("does not say who somebody is", error))?;
        // Nothing else says that both are one answer.
        let same = told.sub == subject && told.email_verified;
        Ok(told.email.filter(|_| same))
    }

    async fn discover(&self) -> Result<Discovered, OpenIdError> {
        let issuer = self.options.issuer.trim_end_matches('/');
        let url = format!("{issuer}/.well-known/openid-configuration");
        let url: Url = url.parse().map_err(|_| OpenIdError::Issuer(url))?;
        let text = self.reach.text(self.reach.get(&url)?).await?;
        let found: Discovered = serde_json::from_slice(&text)
            .map_err(|error| fault("does not say what it is", error))?;
        if found.issuer != self.options.issuer {
            return Err(fault("says that it is another one", found.issuer));
        }
        // The browser goes there: never to a scheme of another kind.
        if !self.reach.may(&found.authorization_endpoint.0) {
            return Err(fault(
                "sends browsers where they must not go",
                found.authorization_endpoint.0,
            ));
        }
        Ok(found)
    }

    fn redeem(
        &self,
        provider: &Discovered,
        flow: &Flow,
        code: &str,
        back: &str,
    ) -> Result<RequestBuilder, OpenIdError> {
        let verifier = verifier(flow);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", &verifier),
        ];
        let mut request = self.reach.post(&provider.token_endpoint.0)?;
        let client = &self.options.client_id;
        let secret = self.options.client_secret.as_ref();
        let secret = secret.map(ExposeSecret::expose_secret);
        let methods = provider.token_endpoint_auth_methods_supported.as_deref();
        let basic = methods.is_none_or(|it| it.iter().any(|it| it == "client_secret_basic"));
        match secret {
            // RFC 6749, section 2.3.1: each is encoded as a form's field first.
            Some(secret) if basic => {
                let field = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                let pair = Zeroizing::new(format!("{}:{}", field(client), field(secret)));
                let pair = Zeroizing::new(STANDARD.encode(&*pair));
                request = request.header("authorization", format!("Basic {}", &*pair));
            }
            Some(secret) => form.extend([("client_id", &**client), ("client_secret", secret)]),
            None => form.push(("client_id", client)),
        }
        let body =
            serde_urlencoded::to_string(&form).map_err(|error| fault("cannot be asked", error))?;
        Ok(request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body))
    }
}

fn verifier(flow: &Flow) -> Zeroizing<String> {
    Zeroizing::new(URL_SAFE_NO_PAD.encode(*flow.verifier))
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.options.issuer)
    }
}
