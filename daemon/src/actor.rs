//! The sole owner of the daemon's state: everything that happens arrives as an event and is
//! matched once; remote calls run as tasks of their own and come back as events.
//!
//! It opens and chooses the secret store itself, for a sign-in may choose one.

mod account;
mod clock;
mod conflicts;
mod copies;
mod event;
mod examine;
mod gate;
mod hands;
mod history;
mod home;
mod lease;
mod leave;
mod line;
mod lock;
mod looks;
mod named;
mod network;
mod news;
mod open;
mod pairing;
mod parts;
mod person;
mod reads;
mod requests;
mod shut;
mod sign_in;
mod sign_out;
mod unsent;
mod watched;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use anyhow::Context as _;
use redtag_protocol::ipc::{Failure, Push};
use tokio::{
    sync::{mpsc, watch},
    task::{AbortHandle, JoinHandle},
};
use tokio_util::sync::CancellationToken;

use self::{
    account::Account,
    event::{Event, News},
    home::{AccountFile, Home},
};
use crate::{
    config::Settings,
    core::{Input, Pace},
    ipc::{ConnId, Inbound, Outbox, Turned},
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
    /// `max_backoff`, `idle_lock`, `lease`, and `problem` for the notices.
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
        reminded: Instant::now(),
        conns: HashMap::new(),
        signing_in: None,
        guests: VecDeque::new(),
        left,
        clock: clock::Watch::new(),
        examined_for: Vec::new(),
        network: None,
        glance: None,
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

/// A connection.
struct Conn {
    outbox: Outbox,
    listens: Listens,
    /// Texts that are larger than a message.
    parts: parts::Parts,
    /// The account of the inspection that is on its screen.
    watches: Option<String>,
    /// The accounts whose PIN it has shown.
    shown: HashMap<String, lock::Shown>,
    /// What it waits to be let in with.
    offer: Option<Box<pairing::Offer>>,
    /// What is done for it alone, and ends with it.
    work: Option<pairing::Work>,
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
    shut: BTreeMap<String, (AccountFile, Failure)>,
    /// When opening what is shut was last tried.
    tried: Option<Instant>,
    /// When what guards the keys was last reminded of them.
    reminded: Instant,
    default: Option<String>,
    conns: HashMap<ConnId, Conn>,
    /// The sign-in that is on its way; it holds the caches that it may continue.
    signing_in: Option<JoinHandle<()>>,
    /// Those that were let in meanwhile.
    guests: VecDeque<(ConnId, u64, Box<sign_in::Guest>)>,
    /// What became of memberships that ended, for people.
    left: Vec<leave::Left>,
    clock: clock::Watch,
    /// Who waits for what an examination finds that is on its way.
    examined_for: Vec<requests::Answer>,
    /// Looks at the network, while somebody is signed in.
    network: Option<AbortHandle>,
    /// Looks whether somebody is still there, while an account with a PIN is open.
    glance: Option<JoinHandle<()>>,
    stopping: bool,
}

impl Actor {
    async fn on(&mut self, event: Event) {
        self.correct_clocks();
        self.lock_idle();
        self.watch_leases();
        self.remind_keys();
        match event {
            Event::Inbound(Inbound::Opened { conn, outbox, .. }) => {
                let it = Conn {
                    outbox,
                    listens: Listens::No,
                    parts: parts::Parts::default(),
                    watches: None,
                    shown: HashMap::new(),
                    offer: None,
                    work: None,
                };
                self.conns.insert(conn, it);
            }
            Event::Inbound(Inbound::Closed { conn }) => {
                self.unwatch(conn);
                self.conns.remove(&conn);
                for account in self.accounts.values_mut() {
                    account.forget(conn);
                }
            }
            Event::Inbound(Inbound::Request { conn, request }) => {
                self.request(conn, request).await;
            }
            Event::Inbound(Inbound::Turn { answer }) => {
                let _ = answer.send(Turned {
                    open: self.accounts.len(),
                    shut: self.shut.len(),
                });
                // Nothing has happened that anybody could be told.
                return;
            }
            Event::Account(id, News::StatusDue) => self.status_due(&id),
            Event::Account(id, News::Left) => self.leave(&id).await,
            Event::Account(id, News::Damaged(of)) => {
                if of.strong_count() > 0 {
                    self.open_anew(&id).await;
                }
            }
            Event::Account(id, news) => self.news(&id, news),
            Event::Network { slept } => {
                if slept {
                    self.remind();
                }
                for account in self.accounts.values_mut() {
                    account.network_changed(slept);
                }
            }
            Event::Offered {
                conn,
                request,
                result,
            } => self.offered(conn, request, result),
            Event::LetIn {
                conn,
                request,
                result,
            } => self.let_in(conn, request, result),
            Event::SignIn {
                conn,
                request,
                result,
            } => self.signed_in(conn, request, result),
            Event::Exported {
                conn,
                account,
                answer,
                result,
            } => self.exported(conn, &account, answer, result),
            Event::Examined(found) => self.examined(found.as_deref()),
            Event::Pin {
                conn,
                account,
                request,
                answer,
                handled,
            } => self.pin_handled((conn, request), &account, answer, handled),
            Event::Glance => self.glance = None,
            Event::Settings => {
                let pace = self.pace();
                for account in self.accounts.values_mut() {
                    account.step(Input::Pace(pace));
                }
            }
        }
        // Of what has just been heard.
        self.watch_leases();
        self.tell_all();
        self.watch_network();
        self.watch_idle();
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
        let wanted = self.accounts.values().any(Account::talks);
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
            News::Sent | News::Left | News::Damaged(_) | News::StatusDue => {
                account.want_status = true;
            }
            News::Changed(documents, differences) => {
                account.want_status = true;
                self.push_changed(id, documents, differences);
            }
            News::NoStatus => account.asking_status = false,
            News::Heard(api) => account.lease.heard(api),
            News::Status(status) => self.status_came(id, status),
        }
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
        if let Some(glance) = self.glance.take() {
            glance.abort();
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
