//! A whole API in this process, on a free port, with a clock that the test moves.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redtag_protocol::{
    api::{live, sign_in},
    entity::EntityRef,
    ids::{CustomerId, DeviceId, PersonId, ShopId},
    role::Role,
    stamp::{Seq, Stamp},
};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::Bench;
use crate::{
    app::{App, Clock, Settings},
    auth::password::{self, Passwords},
    core::{
        members,
        shops::{self, Templates},
    },
    keys::{MasterKey, ServerKeys, random},
    mail::{self, Mailer},
    openid::Provider,
    serve,
    storage::{
        Person, Storage,
        postgres::{Address, hints},
        sqlite::{Options, SqliteStorage},
    },
};

/// When every test begins, in milliseconds since 1970.
pub const NOW: u64 = 1_800_000_000_000;

/// Everybody's.
pub const PASSWORD: &str = "correct horse battery";

pub struct Server {
    pub url: String,
    pub app: App,
    pub http: Client,
    clock: Arc<AtomicU64>,
    task: JoinHandle<()>,
    hints: Option<JoinHandle<()>>,
    ended: CancellationToken,
    /// Where the embedded database lies.
    dir: Option<TempDir>,
}

/// A server's place among others on its database.
#[derive(Debug, Default)]
pub struct Place {
    /// Where the others are heard and told; without it none are.
    pub others: Option<Address>,
    /// How often a live stream looks for itself; as in life where nothing is said.
    pub heartbeat: Option<Duration>,
    /// How long a long poll waits.
    pub poll: Option<Duration>,
    /// Whether a proxy in front speaks TLS.
    pub secure: bool,
    /// Who else is believed about people.
    pub openid: Option<Arc<Provider>>,
    /// Where mail goes out, and how long is waited between tries.
    pub mailer: Option<(Mailer, &'static [Duration])>,
}

/// A sign-in, with what its bench needs to go on.
pub struct SignedIn {
    pub bench: Bench,
    pub device: DeviceId,
    pub shop: ShopId,
    pub person: PersonId,
    pub access: String,
    pub refresh: String,
    pub nonce: String,
}

impl Server {
    /// An API over an embedded database of its own.
    pub async fn start() -> Self {
        Self::start_in(Place::default()).await
    }

    /// As [`start`](Self::start), with another heartbeat.
    pub async fn start_in(place: Place) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = Arc::new(ServerKeys::derive(&MasterKey::of([7; 32])));
        let storage = SqliteStorage::open(Options {
            dir: dir.path().to_owned(),
            control_key: keys.control.clone(),
            wrap: keys.wrapping.clone(),
        })
        .await
        .unwrap();
        let mut server = Self::start_on(Arc::new(storage), keys, place).await;
        server.dir = Some(dir);
        server
    }

    /// An API over any database, which it has to itself.
    pub async fn over(storage: Arc<dyn Storage>, keys: Arc<ServerKeys>) -> Self {
        Self::start_on(storage, keys, Place::default()).await
    }

    /// An API over any database, in its place among others.
    pub async fn start_on(storage: Arc<dyn Storage>, keys: Arc<ServerKeys>, place: Place) -> Self {
        let clock = Arc::new(AtomicU64::new(NOW));
        let hands = Arc::clone(&clock);
        let (notifier, outbox) = hints::outbox();
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (mails, asked) = mail::outbox();
        let app = App::beside_others(
            storage,
            keys,
            Passwords::new().unwrap(),
            Clock::new(move || Stamp(hands.load(Ordering::SeqCst))),
            Settings {
                heartbeat: place.heartbeat.unwrap_or(live::HEARTBEAT),
                poll: place.poll.unwrap_or(live::POLL),
                secure: place.secure,
                public_url: (place.mailer.is_some() || place.openid.is_some()).then(|| url.clone()),
                openid: place.openid,
                mail: place.mailer.as_ref().map(|_| mails),
                ..Settings::default()
            },
            place.others.is_some().then_some(notifier),
        );
        let ended = CancellationToken::new();
        let hints = place
            .others
            .map(|address| tokio::spawn(hints::run(address, outbox, app.clone(), ended.clone())));
        if let Some((mailer, pauses)) = place.mailer {
            tokio::spawn(mail::run(app.clone(), mailer, asked, pauses));
        }
        let task = tokio::spawn(serve::serve(app.clone(), listener, None));
        let http = Client::builder().tls_certs_only([]).build().unwrap();
        Self {
            url,
            app,
            http,
            clock,
            task,
            hints,
            ended,
            dir: None,
        }
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Ends the server and waits for it.
    pub async fn stop(self) {
        self.app.ending.cancel();
        self.task.await.unwrap();
        self.ended.cancel();
        if let Some(hints) = self.hints {
            hints.await.unwrap();
        }
    }

    pub async fn shop(&self) -> ShopId {
        let now = self.app.clock.now();
        shops::create(&*self.app.storage, "A shop", Templates::None, now)
            .await
            .unwrap()
    }

    /// What a document's timeline tells of how people get in: by whom, and what.
    pub async fn deeds(&self, shop: ShopId, key: EntityRef) -> Vec<(Value, Value)> {
        let events = self.app.storage.timeline(shop, key, Seq(0), 100).await;
        let told = |event: crate::storage::Event| {
            let happening: Value = serde_json::from_str(&event.payload).unwrap();
            let deed = happening["what"]["deed"].clone();
            (!deed.is_null()).then(|| (happening["actor"].clone(), deed))
        };
        events.unwrap().into_iter().filter_map(told).collect()
    }

    /// Makes the person with this address a member.
    pub async fn member(&self, shop: ShopId, email: &str, role: Role) -> PersonId {
        // One hash for all: making one costs tens of milliseconds.
        static HASH: OnceLock<String> = OnceLock::new();
        let hash = HASH.get_or_init(|| password::hash(&SecretString::from(PASSWORD)).unwrap());
        let (storage, now) = (&*self.app.storage, self.app.clock.now());
        let known = storage.person_by_email(email.to_owned()).await.unwrap();
        let id = if let Some(person) = known {
            person.id
        } else {
            let id = PersonId::from_parts(now.0, random());
            let person = Person {
                id,
                email: email.to_owned(),
                name: "A person".to_owned(),
                password: hash.clone(),
                created: now,
            };
            storage.person_create(person).await.unwrap();
            id
        };
        members::put(storage, shop, id, "A person", role, now)
            .await
            .unwrap();
        id
    }

    pub async fn remove(&self, shop: ShopId, person: PersonId) {
        let now = self.app.clock.now();
        let changed = members::remove(&*self.app.storage, shop, person, now).await;
        self.app.announce(shop, changed.unwrap().unwrap());
    }

    /// The answer to a sign-in with these fields changed.
    pub async fn try_sign_in(&self, bench: &Bench, fields: Value) -> Response {
        let device = DeviceId::from_parts(NOW, random());
        let mut body = json!({
            "email": "", "password": PASSWORD,
            "device": {"id": device, "name": "bench", "key": bench.text()},
        });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        let request = self.http.post(format!("{}/v1/sign-in", self.url));
        request.json(&body).send().await.unwrap()
    }

    pub async fn sign_in(&self, email: &str) -> SignedIn {
        self.sign_in_with(email, PASSWORD).await
    }

    /// With a password that is not everybody's.
    pub async fn sign_in_with(&self, email: &str, password: &str) -> SignedIn {
        let bench = Bench::new();
        let device = DeviceId::from_parts(NOW, random());
        let id = json!({"id": device, "name": "bench", "key": bench.text()});
        let answer = self
            .try_sign_in(
                &bench,
                json!({"email": email, "password": password, "device": id}),
            )
            .await;
        assert_eq!(answer.status(), StatusCode::OK);
        let nonce = nonce(&answer);
        let body: sign_in::SignedIn = answer.json().await.unwrap();
        SignedIn {
            bench,
            device,
            shop: body.membership.shop,
            person: body.person,
            access: body.tokens.access_token,
            refresh: body.tokens.refresh_token,
            nonce,
        }
    }

    /// A request to a path of a shop, with a token.
    pub fn get(&self, shop: ShopId, path: &str, access: &str) -> RequestBuilder {
        let url = format!("{}/v1/shops/{shop}/{path}", self.url);
        self.http.get(url).bearer_auth(access)
    }
}

impl SignedIn {
    /// The claims of a good proof.
    pub fn claims(&self, server: &Server) -> Value {
        json!({
            "jti": "1", "htm": "POST", "htu": format!("{}/v1/token", server.url),
            "iat": 1, "nonce": self.nonce,
        })
    }

    /// The status and the answer to a batch of operations.
    pub async fn push(&self, server: &Server, batch: &Value) -> (StatusCode, Value) {
        let url = format!("{}/v1/shops/{}/ops", server.url, self.shop);
        let request = server.http.post(url).bearer_auth(&self.access);
        let answer = request.json(batch).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Makes a customer, by the device's operation of this number.
    pub async fn push_customer(&self, server: &Server, number: u64) {
        let batch = json!({"device": self.device, "ops": [customer(number)]});
        let (status, body) = self.push(server, &batch).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let verdict = &body["outcomes"][0]["outcome"]["verdict"];
        assert_eq!(*verdict, "applied", "{body}");
    }

    /// The answer to a renewal with a refresh token and a proof.
    pub async fn renew_with(
        &self,
        server: &Server,
        refresh: &str,
        proof: Option<String>,
    ) -> Response {
        let mut request = server
            .http
            .post(format!("{}/v1/token", server.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("grant_type=refresh_token&refresh_token={refresh}"));
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        request.send().await.unwrap()
    }

    /// The answer to a renewal with a refresh token, proven as it should be.
    pub async fn renew(&self, server: &Server, refresh: &str) -> (StatusCode, Value) {
        let proof = self.bench.sign(&self.claims(server));
        let answer = self.renew_with(server, refresh, Some(proof)).await;
        (answer.status(), answer.json().await.unwrap())
    }
}

/// The nonce that an answer brings.
pub fn nonce(answer: &Response) -> String {
    answer.headers()["dpop-nonce"].to_str().unwrap().to_owned()
}

/// An operation that makes a customer.
pub fn customer(number: u64) -> Value {
    let id = CustomerId::from_parts(1, random());
    json!({
        "number": number, "group": number, "stamp": 1, "base": 0, "schema": 1,
        "edit": {"do": "create_customer", "id": id, "name": "Pat Example"},
    })
}
