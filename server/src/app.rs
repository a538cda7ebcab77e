//! What every request handler can reach.

use std::{
    fmt,
    net::IpAddr,
    ops::Deref,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use redtag_protocol::{
    api::live,
    event::{Access, Actor},
    ids::{PersonId, ShopId},
    stamp::{Seq, Stamp},
};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{
        limit::{Limiter, Quota},
        password::Passwords,
    },
    core::{access, push::Recent},
    error::ApiError,
    hub::Hub,
    keys::ServerKeys,
    mail::Outbox,
    openid::Provider,
    proxy::Network,
    signer::Signer,
    storage::{Storage, postgres::hints::Notifier},
};

/// The parts of a running API, shared by all requests. It holds no state that another process on
/// the same database would need: signing keys lie in the database and are read again when a token
/// names an unknown one, the nonces of proofs are computed from the master key, a sign-in moves on
/// by a comparison in the database. What stays here is a matter of one process: who listens
/// ([`Hub`]), and how often who may ask ([`Limits`]).
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// See [`App`].
pub struct Parts {
    /// The database.
    pub storage: Arc<dyn Storage>,
    /// Derived from the master key.
    pub keys: Arc<ServerKeys>,
    /// Signs and checks access tokens.
    pub signer: Signer,
    /// Checks passwords, a few at a time.
    pub passwords: Passwords,
    /// How often who may ask.
    pub limits: Limits,
    /// Who waits for news.
    pub hub: Hub,
    /// The way to the other processes on the same database, where there can be any.
    pub notifier: Option<Notifier>,
    /// What the last pushes left in memory.
    pub recent: Recent,
    /// The time.
    pub clock: Clock,
    /// Cancelled when the server is to end; streams end with it.
    pub ending: CancellationToken,
    /// What the operator said at start.
    pub settings: Settings,
}

/// What the operator said at start, as far as answers depend on it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that clients use, without a slash at the end, where it was named.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<Network>,
    /// Whether answers go out over TLS, ours or a trusted proxy's.
    pub secure: bool,
    /// What `/readyz` says about the place of the master key.
    pub key_caution: Option<&'static str>,
    /// What `/readyz` calls the database, such as `PostgreSQL`; it is public, so never its address.
    pub engine: &'static str,
    /// Who else is believed about people; nobody by itself.
    pub openid: Option<Arc<Provider>>,
    /// Where mail is put; without it none goes out.
    pub mail: Option<Outbox>,
    /// How often a silent live stream says that it is there, and looks whether a hint was lost.
    pub heartbeat: Duration,
    /// How long a long poll waits for something to tell.
    pub poll: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            proxies: Vec::new(),
            secure: false,
            key_caution: None,
            engine: "embedded",
            mail: None,
            openid: None,
            heartbeat: live::HEARTBEAT,
            poll: live::POLL,
        }
    }
}

/// The time of day, which tests move.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Stamp + Send + Sync>);

/// The limits on how often. Each process counts for itself: behind a balancer over n processes
/// somebody may try n times as often, which the lockout of an account still makes slow.
#[derive(Debug)]
pub struct Limits {
    /// Every request, by address.
    pub requests: Limiter,
    /// Sign-ins that did not succeed, by account.
    pub account: Limiter,
    /// Sign-ins that did not succeed, by address.
    pub address: Limiter,
    /// Devices that ask to be let in, by address.
    pub devices: Limiter,
    /// Codes that nobody waits under, by the address of who typed them.
    pub codes: Limiter,
    /// Links that are not good, by the address of who opened them.
    pub links: Limiter,
    /// New passwords that were asked for, by the address of who asked.
    pub forgotten: Limiter,
    /// The same by the address that the mail would go to.
    pub mails: Limiter,
    /// Questions to an OpenID provider, by the address of whose browser makes us ask.
    pub providers: Limiter,
    /// Codes of a second factor that were wrong, by person: whoever guesses at them has the password.
    pub code: Limiter,
}

impl App {
    /// An API that has its database to itself.
    pub fn new(
        storage: Arc<dyn Storage>,
        keys: Arc<ServerKeys>,
        passwords: Passwords,
        clock: Clock,
        settings: Settings,
    ) -> Self {
        Self::beside_others(storage, keys, passwords, clock, settings, None)
    }

    /// An API over a database that other processes may serve too, with the way to them.
    pub fn beside_others(
        storage: Arc<dyn Storage>,
        keys: Arc<ServerKeys>,
        passwords: Passwords,
        clock: Clock,
        settings: Settings,
        notifier: Option<Notifier>,
    ) -> Self {
        Self(Arc::new(Parts {
            storage,
            signer: Signer::new(Arc::clone(&keys.wrapping)),
            keys,
            passwords,
            limits: Limits::default(),
            hub: Hub::default(),
            notifier,
            recent: Recent::default(),
            clock,
            ending: CancellationToken::new(),
            settings,
        }))
    }

    /// Says to everybody who listens, here and at the other processes, that a shop has moved on to
    /// a sequence. Only after the commit: it carries no truth, but it must not run ahead of it.
    pub fn announce(&self, shop: ShopId, seq: Seq) {
        self.hub.tell(shop, seq);
        if let Some(notifier) = &self.notifier {
            notifier.tell(shop, seq);
        }
    }
}

impl App {
    /// Tells in all shops of a person what was done about how they get in, and announces it.
    pub async fn tell_access(&self, person: PersonId, by: Actor, deed: Access) {
        let now = self.clock.now();
        let told = access::tell_everywhere(&*self.storage, person, by, deed, now);
        for (shop, seq) in told.await {
            self.announce(shop, seq);
        }
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl Clock {
    /// The system's.
    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            Stamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
        })
    }

    /// Any other.
    pub fn new(now: impl Fn() -> Stamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> Stamp {
        (self.0)()
    }

    /// Seconds since 1970.
    pub fn seconds(&self) -> u64 {
        self.now().0 / 1000
    }
}

impl Limits {
    /// One more guess at a person's code; it is [put back](Limiter::put_back) where it was right.
    pub fn guess(&self, person: PersonId, now: Stamp) -> Result<(), ApiError> {
        self.code.take(person, now.0).map_err(ApiError::slow_down)
    }
}

impl Default for Limits {
    fn default() -> Self {
        let limiter = |burst, every| Limiter::new(Quota { burst, every });
        Self {
            // A bench sends some requests for each edit; a shop's benches share one address.
            requests: limiter(5000, 1),
            account: limiter(10, 30_000),
            address: limiter(50, 5000),
            devices: limiter(30, 10_000),
            codes: limiter(10, 30_000),
            links: limiter(20, 30_000),
            forgotten: limiter(10, 60_000),
            // Nobody fills another one's mailbox.
            mails: limiter(3, 1_200_000),
            providers: limiter(20, 10_000),
            // Some three hundred guesses a day at a million codes of which three are good.
            code: limiter(5, 300_000),
        }
    }
}

/// The part of an address that one subscriber cannot change at will: all of IPv4, the network half
/// of IPv6.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(network.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}
