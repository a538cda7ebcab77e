//! The sole owner of the daemon's state: everything that happens arrives as an event and is
//! matched once; remote calls run as tasks of their own and come back as events.
//!
//! It opens and chooses the secret store itself, for a sign-in may choose one.

mod account;
mod clock;
mod conflicts;
mod event;
mod hands;
mod history;
mod home;
mod leave;
mod line;
mod named;
mod network;
mod news;
mod open;
mod parts;
mod reads;
mod requests;
mod sign_in;
mod sign_out;
mod unsent;

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use redtag_protocol::ipc::{Failure, FailureCode, Push};
use tokio::{
    sync::{mpsc, watch},
    task::{AbortHandle, JoinHandle},
};
use tokio_util::sync::CancellationToken;

use self::{
    account::Account,
    event::{Event, News},
    hands::Hands,
    home::{AccountFile, Home},
    open::Ready,
};
use crate::{
    cache::{self, Cache},
    config::Settings,
    core::{Input, Pace, State},
    ipc::{ConnId, Inbound, Outbox},
    paths::Paths,
    secret,
};

/// What the actor is given at the start.
pub struct Setup {
    /// Where things lie.
    pub paths: Arc<Paths>,
    /// The log's directory, for people who ask.
    pub log: Option<PathBuf>,
    /// What a person calls this bench, such as the host name.
    pub bench: String,
    /// The configuration in force, which may change while running: `ca`, `pull_every`,
    /// `max_backoff`, and `problem` for the notices.
    pub settings: watch::Receiver<Settings>,
}

/// Owns the accounts and answers `inbound` until `shutdown` is cancelled or a client says `Stop`.
/// When it returns, every cache is closed and nothing is half-written.
pub async fn run(
    setup: Setup,
    mut inbound: mpsc::Receiver<Inbound>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let home = Home::open(&setup.paths).context("the accounts' directory cannot be used")?;
    let (events, mut news) = mpsc::unbounded_channel();
    let mut settings = setup.settings.clone();
    let left = leave::sealed(&setup.paths);
    let mut actor = Actor {
        default: home.default(),
        home,
        setup,
        events,
        secrets: None,
        accounts: BTreeMap::new(),
        shut: BTreeMap::new(),
        tried: None,
        conns: HashMap::new(),
        signing_in: None,
        left,
        clock: clock::Watch::new(),
        network: None,
        stopping: false,
    };
    actor.open_all().await?;
    while !actor.stopping {
        let event = tokio::select! {
            () = shutdown.cancelled() => break,
            it = inbound.recv() => match it {
                Some(it) => Event::Inbound(it),
                None => break,
            },
            // The actor holds a sender itself, so this never ends.
            Some(event) = news.recv() => event,
            Ok(()) = settings.changed() => Event::Settings,
        };
        actor.on(event).await;
    }
    actor.close().await;
    Ok(())
}

/// How long to leave what cannot be opened alone.
const AGAIN: Duration = Duration::from_secs(10);

/// A connection.
struct Conn {
    outbox: Outbox,
    listens: Listens,
    /// Texts that are larger than a message.
    parts: parts::Parts,
}

/// Whether a connection wants pushes.
#[derive(PartialEq, Eq)]
enum Listens {
    /// It does not.
    No,
    /// Those of this account; where none is named, of the default one, whichever that is.
    To(Option<String>),
}

struct Actor {
    setup: Setup,
    home: Home,
    events: mpsc::UnboundedSender<Event>,
    secrets: Option<secret::Store>,
    accounts: BTreeMap<String, Account>,
    /// Accounts whose cache cannot be opened at the moment, and why.
    shut: BTreeMap<String, (AccountFile, String)>,
    /// When opening what is shut was last tried.
    tried: Option<Instant>,
    default: Option<String>,
    conns: HashMap<ConnId, Conn>,
    /// The sign-in that is on its way; it holds the caches that it may continue.
    signing_in: Option<JoinHandle<()>>,
    /// What became of memberships that ended, for people.
    left: Vec<leave::Left>,
    clock: clock::Watch,
    /// Looks at the network, while something waits for its next try.
    network: Option<AbortHandle>,
    stopping: bool,
}

impl Actor {
    async fn on(&mut self, event: Event) {
        self.correct_clocks();
        match event {
            Event::Inbound(Inbound::Opened { conn, outbox, .. }) => {
                let it = Conn {
                    outbox,
                    listens: Listens::No,
                    parts: parts::Parts::default(),
                };
                self.conns.insert(conn, it);
            }
            Event::Inbound(Inbound::Closed { conn }) => {
                self.conns.remove(&conn);
                for account in self.accounts.values_mut() {
                    account.forget(conn);
                }
            }
            Event::Inbound(Inbound::Request { conn, request }) => {
                self.request(conn, request).await;
            }
            Event::Account(id, News::StatusDue) => self.status_due(&id),
            Event::Account(id, News::Left) => self.leave(&id).await,
            Event::Account(id, News::Damaged) => self.open_anew(&id).await,
            Event::Account(id, news) => self.news(&id, news),
            Event::Network => {
                tracing::info!("the network changed; what waits is tried at once");
                for account in self.accounts.values_mut() {
                    account.step(Input::NetworkChanged);
                }
            }
            Event::SignIn {
                conn,
                request,
                result,
            } => self.signed_in(conn, request, result),
            Event::Exported {
                conn,
                answer,
                result,
            } => self.exported(conn, answer, result),
            Event::Settings => {
                let pace = self.pace();
                for account in self.accounts.values_mut() {
                    account.step(Input::Pace(pace));
                }
            }
        }
        self.tell_all();
        self.watch_network();
    }

    /// Stamps go on as they were when somebody sets this machine's clock.
    fn correct_clocks(&mut self) {
        let Some(by) = self.clock.jumped() else {
            return;
        };
        tracing::warn!(by, "this machine's clock was set, in milliseconds");
        for account in self.accounts.values() {
            // Done in its turn, before whatever is saved from here on.
            drop(account.cache.call(move |store| store.clock_jumped(by)));
        }
    }

    fn watch_network(&mut self) {
        let wanted = self.accounts.values().any(Account::waits);
        match &self.network {
            None if wanted => self.network = Some(network::watch(self.events.clone())),
            Some(watch) if !wanted => {
                watch.abort();
                self.network = None;
            }
            _ => {}
        }
    }

    fn news(&mut self, id: &str, news: News) {
        let Some(account) = self.accounts.get_mut(id) else {
            return;
        };
        match news {
            News::Input(input) => account.step(input),
            News::Token(access, lifetime) => {
                account.token(access);
                account.step(Input::Refreshed { lifetime });
            }
            News::Sent | News::Left | News::Damaged | News::StatusDue => account.want_status = true,
            News::Changed(documents) => {
                account.want_status = true;
                self.push(id, &news::changed(documents));
            }
            News::NoStatus => account.asking_status = false,
            News::Status(status) => self.status_came(id, status),
        }
    }

    /// Opens every account's cache. One that cannot be opened does not keep the others shut.
    async fn open_all(&mut self) -> anyhow::Result<()> {
        let files = self.home.list().context("the accounts cannot be listed")?;
        if files.is_empty() {
            return Ok(());
        }
        for file in files {
            self.shut.insert(
                file.id.clone(),
                (file, "its cache is not open yet".to_owned()),
            );
        }
        self.open_shut().await;
        Ok(())
    }

    /// Opens a cache again that was found damaged: it is set aside then, and what is unsent is
    /// taken over.
    async fn open_anew(&mut self, id: &str) {
        if self.signing_in.is_some() {
            // It holds the caches. The next call that fails says so again.
            return;
        }
        if let Err(error) = cache::note_damage(&self.home.at(id)) {
            tracing::error!(%error, "a cache is damaged and could not be marked so");
            return;
        }
        let why = Failure::new(
            FailureCode::Internal,
            "this machine's copy is damaged and is fetched anew; what is unsent is taken over. Try \
             again in a moment",
        );
        self.wait_no_more(id, &why);
        let Some(account) = self.accounts.remove(id) else {
            return;
        };
        let file = account.file.clone();
        account.close().await;
        let why = "its cache is damaged".to_owned();
        self.shut.insert(id.to_owned(), (file, why));
        self.tried = None;
        self.open_shut().await;
    }

    /// Tries to open what is shut, such as after the keyring was unlocked; not at every request,
    /// for a keyring that does not answer costs seconds.
    async fn open_shut(&mut self) {
        if self.tried.is_some_and(|tried| tried.elapsed() < AGAIN) {
            return;
        }
        self.tried = Some(Instant::now());
        let paths = Arc::clone(&self.setup.paths);
        if self.secrets.is_none() {
            let found = tokio::task::spawn_blocking(move || secret::Store::open(&paths)).await;
            let words = match found {
                Ok(Ok(Some(store))) => {
                    self.secrets = Some(store);
                    None
                }
                Ok(Ok(None)) => Some(
                    "the record of the secret store is gone, so the cache's key cannot be read"
                        .to_owned(),
                ),
                Ok(Err(error)) => Some(error.to_string()),
                Err(error) => Some(error.to_string()),
            };
            if let Some(words) = words {
                for (_, why) in self.shut.values_mut() {
                    why.clone_from(&words);
                }
                tracing::error!("{words}");
                return;
            }
        }
        let Some(secrets) = self.secrets.clone() else {
            return;
        };
        for (id, (file, _)) in std::mem::take(&mut self.shut) {
            let (home, secrets, known) = (self.home.clone(), secrets.clone(), file.clone());
            let opened = tokio::task::spawn_blocking(move || {
                open::open(&home, &secrets, &known, clock::wall())
            });
            let attached = match opened.await {
                Ok(Ok(ready)) => self.attach(file.clone(), ready).map(drop),
                Ok(Err(failure)) => Err(failure.words),
                Err(error) => Err(error.to_string()),
            };
            if let Err(words) = attached {
                tracing::error!(account = %id, "{words}");
                self.shut.insert(id, (file, words));
            }
        }
    }

    /// Gives an open cache its runtime and begins to synchronise.
    fn attach(&mut self, mut file: AccountFile, ready: Ready) -> Result<&mut Account, String> {
        let remote = line::of(&self.home, &mut file, self.ca().as_deref())
            .map_err(|error| error.to_string())?;
        let store = ready.store;
        let meta = store.meta();
        let (waiting, _) = store.pending().unsettled();
        let machine = State::new(meta.refresh.is_some(), meta.registered, waiting, meta.seq);
        let shop = meta.shop;
        let (cache, end) = Cache::spawn(store).map_err(|error| error.to_string())?;
        let hands = Hands {
            account: file.id.clone(),
            cache: cache.clone(),
            remote,
            shop,
            bench: self.setup.bench.clone(),
            page: Arc::default(),
            events: self.events.clone(),
        };
        let mut account = Account::new(file.clone(), machine, (cache, end), hands, ready.notices);
        account.step(Input::Pace(self.pace()));
        Ok(self
            .accounts
            .entry(file.id)
            .insert_entry(account)
            .into_mut())
    }

    fn ca(&self) -> Option<PathBuf> {
        self.setup.settings.borrow().config.ca.clone()
    }

    fn pace(&self) -> Pace {
        let millis = |it: std::time::Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        let config = &self.setup.settings.borrow().config;
        Pace {
            pull_every: millis(config.pull_every),
            max_backoff: millis(config.max_backoff),
        }
    }

    async fn close(mut self) {
        if let Some(network) = self.network.take() {
            network.abort();
        }
        if let Some(signing_in) = self.signing_in.take() {
            // It would hold up the caches' end for as long as the API does not answer. An account
            // that it has made already is found at the next start.
            signing_in.abort();
            let _ = signing_in.await;
        }
        for conn in self.conns.values() {
            if conn.listens != Listens::No {
                conn.outbox
                    .send(redtag_protocol::ipc::FromDaemon::Push(Push::Stopping));
            }
        }
        for (_, account) in self.accounts {
            account.close().await;
        }
    }
}

#[cfg(test)]
mod tests;
