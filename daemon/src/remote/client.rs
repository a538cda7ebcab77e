//! One API: its calls.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use redtag_protocol::{
    api::{
        devices, live, ops, sign_in, token,
        version::{UNDERSTOOD, Version},
    },
    entity::EntityRef,
    ids::ShopId,
    stamp::Seq,
};
use reqwest::{
    Method, RequestBuilder, Response,
    header::{ACCEPT, CONTENT_TYPE},
};
use zeroize::Zeroize;

use super::{
    AccessToken, Address, Changes, Dated, DeviceKey, Live, RefreshToken, RemoteError, SignedIn,
    Tokens, Trust, body, transport, trust,
};

/// To a listening port.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection on which nothing arrives for so long is dead. Long enough for a batch of a
/// mebibyte on a poor line.
const SILENCE: Duration = Duration::from_mins(1);

/// One call that is not a stream, from first to last byte.
const CALL: Duration = Duration::from_mins(2);

/// Where a server tells the nonce for the next proof (RFC 9449, section 8).
const NONCE: &str = "dpop-nonce";

/// A client of one API. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Remote {
    address: Address,
    http: reqwest::Client,
    /// Why no call may be made at all.
    unusable: Option<Arc<str>>,
    memory: Arc<Memory>,
}

/// What one answer says for the next call; nothing of it outlives the program.
#[derive(Default)]
struct Memory {
    /// Whether the versions were compared since the connection last broke.
    compared: AtomicBool,
    /// The newest edits that the API takes, as it said last.
    schema: AtomicU16,
    nonce: Mutex<Option<String>>,
}

impl Remote {
    /// A client for the API at `url` (`https://…`, or `http://` on loopback), trusting also the
    /// certificates in `ca`. Makes no call.
    pub fn new(url: &str, ca: Option<&Trust>) -> Result<Self, RemoteError> {
        let address = Address::parse(url)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("redtagd/", env!("CARGO_PKG_VERSION")))
            .tls_backend_rustls()
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .tls_certs_only(trust::roots(ca)?)
            // A redirect would carry tokens to a place that nobody checked.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .tcp_nodelay(true);
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| RemoteError::Address {
            words: format!("no safe connections can be made with these certificates: {error}"),
        })?;
        Ok(Self {
            address,
            http,
            unusable: None,
            memory: Arc::default(),
        })
    }

    /// A client that makes no call, for the certificates that it needs are not there: every call
    /// fails with `words`.
    pub fn unusable(url: &str, words: &str) -> Result<Self, RemoteError> {
        let mut remote = Self::new(url, None)?;
        remote.unusable = Some(words.into());
        Ok(remote)
    }

    /// The API's address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What the server speaks, compared with what this program speaks. The other calls ask by
    /// themselves, once per connection.
    pub async fn version(&self) -> Result<Dated<Version>, RemoteError> {
        let request = self.request(Method::GET, &["v1", "version"]).timeout(CALL);
        let answer = self.send(request).await?;
        let found: Dated<Version> = body::json(&self.address, answer).await?;
        if found.value.name != "redtag-server" {
            return Err(body::foreign(&self.address));
        }
        if UNDERSTOOD.common(found.value.api).is_none() {
            let words = if found.value.api.min > UNDERSTOOD.max {
                "this program is older than the API; upgrade redtag"
            } else {
                "this program is newer than the API; have the API upgraded"
            };
            return Err(RemoteError::Upgrade {
                words: format!("{words} ({}). What was saved here waits.", self.address),
            });
        }
        let takes = found.value.schema.max;
        self.memory.schema.store(takes, Ordering::Relaxed);
        self.memory.compared.store(true, Ordering::Relaxed);
        Ok(found)
    }

    /// Has the next call ask anew what the server speaks: another one may answer by now.
    pub fn doubt(&self) {
        self.memory.compared.store(false, Ordering::Relaxed);
    }

    /// The newest [`redtag_protocol::op::SCHEMA`] that the API takes, as it said last; 0 before any
    /// call was answered.
    pub fn takes(&self) -> u16 {
        self.memory.schema.load(Ordering::Relaxed)
    }

    /// Signs in. The password in `request` is wiped.
    pub async fn sign_in(
        &self,
        mut request: sign_in::Request,
    ) -> Result<Dated<SignedIn>, RemoteError> {
        let body = serde_json::to_vec(&request).map_err(|_| unwritable());
        request.password.zeroize();
        self.ready().await?;
        let call = self
            .request(Method::POST, &["v1", "sign-in"])
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(body?);
        let answer = self.send(call).await?;
        self.keep_nonce(&answer);
        let found: Dated<sign_in::SignedIn> = body::json(&self.address, answer).await?;
        let it = found.value;
        Ok(Dated {
            date: found.date,
            value: SignedIn {
                person: it.person,
                name: it.name,
                membership: it.membership,
                tokens: it.tokens.into(),
                last_number: it.last_number,
            },
        })
    }

    /// A refresh token for new tokens, proven by the device key. A first try without the server's
    /// nonce costs a second one.
    pub async fn refresh(
        &self,
        token: &RefreshToken,
        key: &DeviceKey,
    ) -> Result<Dated<Tokens>, RemoteError> {
        self.ready().await?;
        let first = self.try_refresh(token, key).await;
        let again = matches!(&first, Err(RemoteError::Rejected { code, .. })
            if code == redtag_protocol::api::error::code::USE_DPOP_NONCE);
        if again {
            self.try_refresh(token, key).await
        } else {
            first
        }
    }

    /// Opens one page of the change stream; no cursor is the bootstrap. The page's size is the
    /// server's choice where `limit` is none.
    pub async fn changes(
        &self,
        access: &AccessToken,
        shop: ShopId,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Dated<Changes>, RemoteError> {
        self.ready().await?;
        let mut url = self
            .address
            .at(&["v1", "shops", &shop.to_string(), "changes"]);
        if let Some(cursor) = cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        if let Some(limit) = limit {
            url.query_pairs_mut()
                .append_pair("limit", &limit.to_string());
        }
        let call = self.http.get(url).bearer_auth(access.expose());
        let answer = self.send(call).await?;
        let answer = body::success(&self.address, answer).await?;
        Ok(Dated {
            date: body::date(&answer),
            value: Changes::new(self.address.clone(), answer),
        })
    }

    /// Hands in a batch, as the bytes of a [`redtag_protocol::api::ops::Batch`].
    pub async fn ops(
        &self,
        access: &AccessToken,
        shop: ShopId,
        batch: Vec<u8>,
    ) -> Result<Dated<ops::Answer>, RemoteError> {
        self.ready().await?;
        let call = self
            .shop(Method::POST, access, shop, "ops")
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(batch);
        body::json(&self.address, self.send(call).await?).await
    }

    /// Opens the live channel.
    pub async fn live(
        &self,
        access: &AccessToken,
        shop: ShopId,
    ) -> Result<Dated<Live>, RemoteError> {
        self.ready().await?;
        let call = self
            .shop(Method::GET, access, shop, "live")
            .header(ACCEPT, "text/event-stream");
        let answer = body::success(&self.address, self.send(call).await?).await?;
        Ok(Dated {
            date: body::date(&answer),
            value: Live::new(self.address.clone(), answer),
        })
    }

    /// Asks how far the shop is: answered once it is past `after`, or with what it is when
    /// [`live::POLL`] is over.
    pub async fn poll(
        &self,
        access: &AccessToken,
        shop: ShopId,
        after: Seq,
    ) -> Result<Dated<Seq>, RemoteError> {
        self.ready().await?;
        let mut url = self.address.at(&["v1", "shops", &shop.to_string(), "live"]);
        url.query_pairs_mut()
            .append_pair("after", &after.0.to_string());
        let call = self
            .http
            .get(url)
            .bearer_auth(access.expose())
            .timeout(live::POLL + live::SILENCE)
            .header(ACCEPT, "application/json");
        let found: Dated<live::News> = body::json(&self.address, self.send(call).await?).await?;
        Ok(Dated {
            date: found.date,
            value: found.value.seq,
        })
    }

    /// All events of one document, as a page of the change stream.
    pub async fn timeline(
        &self,
        access: &AccessToken,
        shop: ShopId,
        of: &EntityRef,
    ) -> Result<Dated<Changes>, RemoteError> {
        self.ready().await?;
        let (shop, id) = (shop.to_string(), of.id_text());
        let path = ["v1", "shops", &shop, "timeline", of.kind().as_str(), &id];
        let call = self
            .request(Method::GET, &path)
            .bearer_auth(access.expose());
        let answer = body::success(&self.address, self.send(call).await?).await?;
        Ok(Dated {
            date: body::date(&answer),
            value: Changes::new(self.address.clone(), answer),
        })
    }

    /// Registers a further device id under the present sign-in.
    pub async fn register_device(
        &self,
        access: &AccessToken,
        shop: ShopId,
        request: &devices::Request,
    ) -> Result<Dated<devices::Registered>, RemoteError> {
        self.ready().await?;
        let call = self
            .shop(Method::POST, access, shop, "devices")
            .timeout(CALL)
            .json(request);
        body::json(&self.address, self.send(call).await?).await
    }

    async fn try_refresh(
        &self,
        token: &RefreshToken,
        key: &DeviceKey,
    ) -> Result<Dated<Tokens>, RemoteError> {
        let url = self.address.at(&["v1", "token"]);
        let nonce = self.nonce().clone();
        let mut unique = [0; 16];
        getrandom::fill(&mut unique).map_err(|_| unwritable())?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let at = now.map_or(0, |since| since.as_secs());
        let proof = key.proof(url.as_str(), nonce.as_deref(), at, unique);
        // Neither half of the form holds a character that a form would have to escape: the
        // token is base64url, which is checked here because it came from outside.
        let token = token.expose();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b == b'.';
        if !token.bytes().all(plain) {
            return Err(unwritable());
        }
        let call = self
            .http
            .request(Method::POST, url)
            .timeout(CALL)
            .header("dpop", proof)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("grant_type=refresh_token&refresh_token={token}"));
        let answer = self.send(call).await?;
        self.keep_nonce(&answer);
        let found: Dated<token::Tokens> = body::json(&self.address, answer).await?;
        Ok(Dated {
            date: found.date,
            value: found.value.into(),
        })
    }

    async fn ready(&self) -> Result<(), RemoteError> {
        if !self.memory.compared.load(Ordering::Relaxed) {
            self.version().await?;
        }
        Ok(())
    }

    fn shop(
        &self,
        method: Method,
        access: &AccessToken,
        shop: ShopId,
        what: &str,
    ) -> RequestBuilder {
        self.request(method, &["v1", "shops", &shop.to_string(), what])
            .bearer_auth(access.expose())
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.http.request(method, self.address.at(path))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, RemoteError> {
        if let Some(words) = &self.unusable {
            let words = words.to_string();
            return Err(RemoteError::Untrusted { words });
        }
        request.send().await.map_err(|error| {
            self.doubt();
            let failure = transport::failure(&self.address, &error);
            tracing::debug!(error = %chain(&error.without_url()), "a call got no answer");
            failure
        })
    }

    fn keep_nonce(&self, answer: &Response) {
        let told = answer.headers().get(NONCE).and_then(|v| v.to_str().ok());
        if let Some(told) = told {
            *self.nonce() = Some(told.to_owned());
        }
    }

    fn nonce(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        // A text is whole whatever happened to the thread that put it there.
        self.memory
            .nonce
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({})", self.address)
    }
}

impl From<token::Tokens> for Tokens {
    fn from(it: token::Tokens) -> Self {
        Self {
            access: AccessToken::new(it.access_token),
            expires_in: it.expires_in,
            refresh: RefreshToken::new(it.refresh_token),
            seal_to: it.seal_to,
        }
    }
}

/// A request that cannot be put together; never seen with what this program makes itself.
fn unwritable() -> RemoteError {
    RemoteError::Garbage {
        words: "the request could not be written; sign in again".into(),
    }
}

/// An error with its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}
