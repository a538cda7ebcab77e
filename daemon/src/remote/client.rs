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
use serde::de::DeserializeOwned;
use zeroize::Zeroize;

use super::{
    AccessToken, Address, Changes, Dated, DeviceKey, Live, RefreshToken, RemoteError, SignedIn,
    Tokens, Trust, body,
    lines::{Line, Lines, over},
    transport,
};

/// One call that is not a stream, from first to last byte.
pub(super) const CALL: Duration = Duration::from_mins(2);

/// Where a server tells the nonce for the next proof (RFC 9449, section 8).
const NONCE: &str = "dpop-nonce";

/// A client of one API. Cloning is cheap and shares the connections.
#[derive(Clone)]
pub struct Remote {
    address: Address,
    lines: Arc<Lines>,
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
        let lines = Arc::new(Lines::new(&address, ca)?);
        Ok(Self {
            address,
            lines,
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

    /// Whether this machine reaches the API from another place than before.
    pub fn moved(&self) -> bool {
        self.lines.moved()
    }

    /// Ends every call that is on its way, and begins with new connections: the network that they
    /// went over is gone. What the API did with them is not known, as after a broken line.
    pub fn renew(&self) {
        self.doubt();
        self.lines.renew();
    }

    /// What the server speaks, compared with what this program speaks. The other calls ask by
    /// themselves, once per connection.
    pub async fn version(&self) -> Result<Dated<Version>, RemoteError> {
        let line = self.lines.present();
        let request = self.request(&line, Method::GET, &["v1", "version"]);
        let found: Dated<Version> = self.json(&line, request.timeout(CALL)).await?;
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
        let line = self.ready().await?;
        let call = self
            .request(&line, Method::POST, &["v1", "sign-in"])
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(body?);
        self.begun(&line, call).await
    }

    pub(super) async fn begun(
        &self,
        line: &Line,
        call: RequestBuilder,
    ) -> Result<Dated<SignedIn>, RemoteError> {
        let found: Dated<sign_in::SignedIn> = self.json(line, call).await?;
        let it = found.value;
        Ok(Dated {
            date: found.date,
            value: SignedIn {
                person: it.person,
                name: it.name,
                email: it.email,
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
        let line = self.ready().await?;
        let first = self.try_refresh(&line, token, key).await;
        let again = matches!(&first, Err(RemoteError::Rejected { code, .. })
            if code == redtag_protocol::api::error::code::USE_DPOP_NONCE);
        if again {
            self.try_refresh(&line, token, key).await
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
        let line = self.ready().await?;
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
        let call = line.http.get(url).bearer_auth(access.expose());
        let answer = self.stream(&line, call).await?;
        Ok(Dated {
            date: body::date(&answer),
            value: Changes::new(self.address.clone(), answer, line.ended),
        })
    }

    /// Hands in a batch, as the bytes of a [`redtag_protocol::api::ops::Batch`].
    pub async fn ops(
        &self,
        access: &AccessToken,
        shop: ShopId,
        batch: Vec<u8>,
    ) -> Result<Dated<ops::Answer>, RemoteError> {
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::POST, access, shop, "ops")
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(batch);
        self.json(&line, call).await
    }

    /// Opens the live channel.
    pub async fn live(
        &self,
        access: &AccessToken,
        shop: ShopId,
    ) -> Result<Dated<Live>, RemoteError> {
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::GET, access, shop, "live")
            .header(ACCEPT, "text/event-stream");
        let answer = self.stream(&line, call).await?;
        Ok(Dated {
            date: body::date(&answer),
            value: Live::new(self.address.clone(), answer, line.ended),
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
        let line = self.ready().await?;
        let mut url = self.address.at(&["v1", "shops", &shop.to_string(), "live"]);
        url.query_pairs_mut()
            .append_pair("after", &after.0.to_string());
        let call = line
            .http
            .get(url)
            .bearer_auth(access.expose())
            .timeout(live::POLL + live::SILENCE)
            .header(ACCEPT, "application/json");
        let found: Dated<live::News> = self.json(&line, call).await?;
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
        let line = self.ready().await?;
        let (shop, id) = (shop.to_string(), of.id_text());
        let path = ["v1", "shops", &shop, "timeline", of.kind().as_str(), &id];
        let call = self
            .request(&line, Method::GET, &path)
            .bearer_auth(access.expose());
        let answer = self.stream(&line, call).await?;
        Ok(Dated {
            date: body::date(&answer),
            value: Changes::new(self.address.clone(), answer, line.ended),
        })
    }

    /// Registers a further device id under the present sign-in.
    pub async fn register_device(
        &self,
        access: &AccessToken,
        shop: ShopId,
        request: &devices::Request,
    ) -> Result<Dated<devices::Registered>, RemoteError> {
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::POST, access, shop, "devices")
            .timeout(CALL)
            .json(request);
        self.json(&line, call).await
    }

    async fn try_refresh(
        &self,
        line: &Line,
        token: &RefreshToken,
        key: &DeviceKey,
    ) -> Result<Dated<Tokens>, RemoteError> {
        let before = "grant_type=refresh_token&";
        let call = self.proven(line, &["v1", "token"], before, token, key)?;
        let found: Dated<token::Tokens> = self.json(line, call).await?;
        Ok(Dated {
            date: found.date,
            value: found.value.into(),
        })
    }

    /// A form that ends with the refresh token, with the device key's proof.
    pub(super) fn proven(
        &self,
        line: &Line,
        path: &[&str],
        before: &str,
        token: &RefreshToken,
        key: &DeviceKey,
    ) -> Result<RequestBuilder, RemoteError> {
        let url = self.address.at(path);
        let proof = self.proof(url.as_str(), key)?;
        // Neither half of the form holds a character that a form would have to escape: the
        // token is base64url, which is checked here because it came from outside.
        let token = token.expose();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b == b'.';
        if !token.bytes().all(plain) {
            return Err(unwritable());
        }
        Ok(line
            .http
            .post(url)
            .timeout(CALL)
            .header("dpop", proof)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("{before}refresh_token={token}")))
    }

    /// A proof of the device key for one `POST` to `url`, with the newest nonce that is known.
    pub(super) fn proof(&self, url: &str, key: &DeviceKey) -> Result<String, RemoteError> {
        let nonce = self.nonce().clone();
        let mut unique = [0; 16];
        getrandom::fill(&mut unique).map_err(|_| unwritable())?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let at = now.map_or(0, |since| since.as_secs());
        Ok(key.proof(url, nonce.as_deref(), at, unique))
    }

    /// The connections to use, to an API that speaks what this program does.
    pub(super) async fn ready(&self) -> Result<Line, RemoteError> {
        if !self.memory.compared.load(Ordering::Relaxed) {
            self.version().await?;
        }
        Ok(self.lines.present())
    }

    pub(super) fn shop(
        &self,
        line: &Line,
        method: Method,
        access: &AccessToken,
        shop: ShopId,
        what: &str,
    ) -> RequestBuilder {
        self.request(line, method, &["v1", "shops", &shop.to_string(), what])
            .bearer_auth(access.expose())
    }

    pub(super) fn request(&self, line: &Line, method: Method, path: &[&str]) -> RequestBuilder {
        line.http.request(method, self.address.at(path))
    }

    /// A call whose answer is read whole.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        line: &Line,
        request: RequestBuilder,
    ) -> Result<Dated<T>, RemoteError> {
        let call = async {
            let answer = self.send(request).await?;
            self.keep_nonce(&answer);
            body::json(&self.address, answer).await
        };
        over(&line.ended, &self.address, call).await
    }

    /// A call whose answer has begun.
    async fn stream(&self, line: &Line, request: RequestBuilder) -> Result<Response, RemoteError> {
        let call = async { body::success(&self.address, self.send(request).await?).await };
        over(&line.ended, &self.address, call).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, RemoteError> {
        if let Some(words) = &self.unusable {
            let words = words.to_string();
            return Err(RemoteError::Untrusted { words });
        }
        let answer = request.send().await.map_err(|error| {
            self.doubt();
            let failure = transport::failure(&self.address, &error);
            tracing::debug!(error = %chain(&error.without_url()), "a call got no answer");
            failure
        })?;
        if let Some(peer) = answer.remote_addr() {
            self.lines.reached(peer);
        }
        Ok(answer)
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
pub(super) fn unwritable() -> RemoteError {
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
