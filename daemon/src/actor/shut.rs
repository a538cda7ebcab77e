//! Accounts whose cache is not open: at the start, while the keyring is locked, after damage.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use redtag_protocol::ipc::{Failure, FailureCode};

use super::{
    Actor,
    account::Account,
    clock,
    copies::Copied,
    event::{Event, News},
    hands::Hands,
    home::AccountFile,
    lease::Lease,
    line,
    lock::Tries,
    open::{self, Ready},
};
use crate::{
    cache::{self, Cache},
    core::{Input, State},
    secret,
};

/// How long to leave what cannot be opened alone.
const AGAIN: Duration = Duration::from_secs(10);

impl Actor {
    /// Opens every account's cache. One that cannot be opened does not keep the others shut.
    pub(super) async fn open_all(&mut self) -> anyhow::Result<()> {
        let files = self.home.list().context("the accounts cannot be listed")?;
        if files.is_empty() {
            return Ok(());
        }
        for file in files {
            self.shut.insert(
                file.id.clone(),
                (file, not_open("its cache is not open yet")),
            );
        }
        self.open_shut().await;
        Ok(())
    }

    /// Opens a cache again that was found damaged: it is set aside then, and what is unsent is
    /// taken over.
    pub(super) async fn open_anew(&mut self, id: &str) {
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
        let why = not_open("its cache is damaged");
        self.shut.insert(id.to_owned(), (file, why));
        self.tried = None;
        self.open_shut().await;
    }

    /// Tries to open what is shut, such as after the keyring was unlocked; not at every request,
    /// for a keyring that does not answer costs seconds.
    pub(super) async fn open_shut(&mut self) {
        if self.signing_in.is_some() {
            // It may be opening one of them.
            return;
        }
        if self.tried.is_some_and(|tried| tried.elapsed() < AGAIN) {
            return;
        }
        self.tried = Some(Instant::now());
        let paths = Arc::clone(&self.setup.paths);
        if self.secrets.is_none() {
            let found = tokio::task::spawn_blocking(move || secret::Store::open(&paths)).await;
            let failure = match found {
                Ok(Ok(Some(store))) => {
                    self.secrets = Some(store);
                    None
                }
                Ok(Ok(None)) => Some(not_open(
                    "the record of the secret store is gone, so the cache's key cannot be read",
                )),
                Ok(Err(error)) => Some(error.into()),
                Err(error) => Some(not_open(error)),
            };
            if let Some(failure) = failure {
                for (_, why) in self.shut.values_mut() {
                    why.clone_from(&failure);
                }
                tracing::error!("{failure}");
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
                Ok(Err(failure)) => Err(failure),
                Err(error) => Err(not_open(error)),
            };
            if let Err(failure) = attached {
                tracing::error!(account = %id, "{failure}");
                self.shut.insert(id, (file, failure));
            }
        }
    }

    /// Gives an open cache its runtime and begins to synchronise.
    pub(super) fn attach(
        &mut self,
        mut file: AccountFile,
        ready: Ready,
    ) -> Result<&mut Account, Failure> {
        let remote = line::of(&self.home, &mut file, self.ca().as_deref()).map_err(not_open)?;
        let store = ready.store;
        let meta = store.meta();
        let (waiting, _) = store.pending().unsettled();
        let machine = State::new(meta.refresh.is_some(), meta.registered, waiting, meta.seq);
        let shop = meta.shop;
        let lease = store.contact(clock::wall()).map_err(not_open)?;
        let tries = meta.lock.as_ref().map(|lock| Tries::new(lock.failures));
        let (events, id) = (self.events.clone(), file.id.clone());
        let open = Arc::new(());
        let of = Arc::downgrade(&open);
        let damaged = move || {
            // The actor may have ended; then the next start finds the damage, or the next work.
            let _ = events.send(Event::Account(id.clone(), News::Damaged(of.clone())));
        };
        let (cache, end) = Cache::spawn(store, damaged).map_err(not_open)?;
        let hands = Hands {
            account: file.id.clone(),
            cache: cache.clone(),
            remote,
            shop,
            bench: self.setup.bench.clone(),
            copied: Copied::of(file.copy, self.secrets.as_ref()),
            page: Arc::default(),
            left_in: Arc::default(),
            events: self.events.clone(),
        };
        let mut account = Account::new(
            file.clone(),
            machine,
            (cache, end, open),
            hands,
            (ready.notices, Lease::new(lease)),
        );
        account.tries = tries;
        account.step(Input::Pace(self.pace()));
        Ok(self
            .accounts
            .entry(file.id)
            .insert_entry(account)
            .into_mut())
    }
}

fn not_open(why: impl std::fmt::Display) -> Failure {
    Failure::new(FailureCode::Internal, why.to_string())
}
