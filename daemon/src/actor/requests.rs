//! What clients ask, each answered exactly once.

use redtag_protocol::ipc::{Failure, FailureCode, FromClient, FromDaemon, Reply, Request};

use super::{
    Actor, Listens, clock,
    event::{Event, News},
    hands::Hands,
    lock::Tries,
    named::not_signed_in,
    reads,
    sign_in::{self, Arrived, Desk},
};
use crate::{
    cache::{CacheError, Clock, Saved, Store},
    core::Input,
    ipc::{ConnId, Outbox},
};

impl Actor {
    pub(super) async fn request(&mut self, conn: ConnId, asked: FromClient) {
        if !self.shut.is_empty() && !matches!(asked.request, Request::Stop) {
            self.open_shut().await;
        }
        // After that, for an account that was shut until now may have a PIN.
        if let Err(failure) = self.admit(conn, &asked) {
            return self.reply(conn, asked.id, Err(failure));
        }
        // A command asks because somebody has just called it; of a screen only its keys tell.
        if self
            .conns
            .get(&conn)
            .is_some_and(|it| it.listens == Listens::No)
        {
            self.active(conn);
        }
        let FromClient {
            id,
            account,
            request,
        } = asked;
        let named = account.as_deref();
        let Some(request) = self.of_this_machine(conn, id, named, request) else {
            return;
        };
        let at = match self.resolve(named) {
            Ok(at) => at,
            Err(failure) => return self.reply(conn, id, Err(failure)),
        };
        let Some(request) = self.about_person(conn, id, &at, request) else {
            return;
        };
        match request {
            Request::Edit { edits } => {
                let clock = Clock(clock::wall());
                self.change(conn, id, &at, move |store, hands| {
                    let saved = store.save(edits, clock)?;
                    Ok(tell_saved(store, hands, saved))
                });
            }
            Request::Retry { number } => {
                let clock = Clock(clock::wall());
                self.change(conn, id, &at, move |store, hands| {
                    let saved = store.retry(number, clock)?;
                    Ok(tell_saved(store, hands, saved))
                });
            }
            Request::Discard { number } => self.change(conn, id, &at, move |store, hands| {
                let touched = store.discard(number)?;
                hands.changed(store, touched);
                Ok(Reply::Done)
            }),
            Request::SetPin { pin } => self.set_pin(conn, id, &at, pin),
            Request::Watch { id: of } => self.watch(conn, id, &at, of),
            Request::Sync { wait } => self.sync(conn, id, &at, wait),
            Request::SignOut { discard, exported } => {
                self.sign_out(conn, id, &at, discard, exported).await;
            }
            Request::Export { number, passphrase } => {
                self.export(conn, id, &at, number, passphrase);
            }
            Request::ExportRest { at: given } => self.export_rest(conn, id, given),
            Request::AdoptPart { text, at: given } => self.adopt_part(conn, id, &text, given),
            Request::Adopt {
                text,
                after,
                passphrase,
            } => self.adopt(conn, id, &at, (text, after), passphrase),
            Request::Settle {
                entity,
                field,
                choice,
            } => self.settle(conn, id, &at, (entity, field), choice),
            Request::Timeline { id: of } => self.timeline(conn, id, &at, of),
            Request::History { of } => self.history(conn, id, &at, of),
            Request::Undo { inspection, number } => self.undo(conn, id, &at, inspection, number),
            Request::Redo { inspection } => self.redo(conn, id, &at, inspection),
            Request::Draft {
                inspection,
                of,
                text,
            } => self.change(conn, id, &at, move |store, _| {
                store.draft(inspection, of, text, Clock(clock::wall()))?;
                Ok(Reply::Done)
            }),
            other => match reads::look(other) {
                Some(look) => self.read(conn, id, &at, look),
                None => self.reply(
                    conn,
                    id,
                    Err(Failure::new(
                        FailureCode::Invalid,
                        "this daemon does not know that request; restart it with `redtag daemon \
                         restart`",
                    )),
                ),
            },
        }
    }

    /// Answers what is about this machine or this connection, and gives back what is about an account.
    fn of_this_machine(
        &mut self,
        conn: ConnId,
        id: u64,
        named: Option<&str>,
        request: Request,
    ) -> Option<Request> {
        match request {
            Request::SignIn(ask) => self.begin_sign_in(conn, id, ask),
            Request::Pair(ask) => self.pair(conn, id, ask),
            Request::Paired => self.paired(conn, id),
            Request::SecondFactor { who, wish } => self.second_factor(conn, id, who, wish),
            Request::Accounts => {
                self.reply(conn, id, Ok(Reply::Accounts(self.views(conn))));
            }
            Request::Use { account } => self.use_account(conn, id, &account),
            Request::Stop => self.stop(conn, id),
            Request::Subscribe => {
                if let Some(it) = self.conns.get_mut(&conn) {
                    it.listens = Listens::To(named.map(str::to_owned));
                }
                self.status(conn, id, named);
            }
            Request::Status => self.status(conn, id, named),
            Request::Settings => self.settings(conn, id),
            Request::Examine => self.examine(conn, id),
            Request::Unwatch => self.watch_no_more(conn, id),
            Request::Unlock { account, pin } => {
                self.unlock(conn, id, account.as_deref().or(named), pin);
            }
            Request::Lock => self.lock_now(conn, id, named),
            Request::Active => {
                self.active(conn);
                self.reply(conn, id, Ok(Reply::Done));
            }
            other => return Some(other),
        }
        None
    }

    fn settings(&mut self, conn: ConnId, id: u64) {
        let told = self.setup.settings.borrow().told.clone();
        self.reply(conn, id, Ok(Reply::Settings(told)));
    }

    fn stop(&mut self, conn: ConnId, id: u64) {
        if self.setup.paths.system {
            let failure = Failure::new(
                FailureCode::NotAllowed,
                "this daemon is the machine's own and serves others too; an administrator stops \
                 it with `systemctl stop redtagd.socket redtagd.service` and restarts it with \
                 `systemctl restart redtagd.service`",
            );
            return self.reply(conn, id, Err(failure));
        }
        self.stopping = true;
        self.reply(conn, id, Ok(Reply::Done));
    }

    /// Answers a request.
    pub(super) fn reply(&self, conn: ConnId, id: u64, result: Result<Reply, Failure>) {
        if let Some(conn) = self.conns.get(&conn) {
            conn.outbox.send(FromDaemon::Reply { id, result });
        }
    }

    /// Answers with what a look into an account's cache gives.
    pub(super) fn read(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        look: impl FnOnce(&mut Store) -> Result<Reply, Failure> + Send + 'static,
    ) {
        if let Some((mut answer, hands)) = self.answering(conn, id, at) {
            // By the cache's own thread, whether the account closes meanwhile or not.
            drop(hands.cache.call(move |store| answer.give(look(store))));
        }
    }

    /// The answer that is owed, and the account's hands to find it with.
    pub(super) fn answering(&self, conn: ConnId, id: u64, at: &str) -> Option<(Answer, Hands)> {
        let outbox = self.conns.get(&conn)?.outbox.clone();
        let hands = self.accounts.get(at)?.hands.clone();
        Some((Answer::new(outbox, id), hands))
    }

    /// The answer that is owed.
    pub(super) fn owed(&self, conn: ConnId, id: u64) -> Option<Answer> {
        let outbox = self.conns.get(&conn)?.outbox.clone();
        Some(Answer::new(outbox, id))
    }

    fn status(&mut self, conn: ConnId, id: u64, named: Option<&str>) {
        match self.resolve(named) {
            Ok(at) => self.reply_status(conn, id, Some(&at)),
            Err(_) if named.is_none() => self.reply_status(conn, id, None),
            Err(failure) => self.reply(conn, id, Err(failure)),
        }
    }

    /// Has the cache's thread change something, and answers once that is durable.
    pub(super) fn change(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        change: impl FnOnce(&mut Store, &Hands) -> Result<Reply, Failure> + Send + 'static,
    ) {
        if let Some((mut answer, hands)) = self.answering(conn, id, at) {
            let cache = hands.cache.clone();
            drop(cache.call(move |store| answer.give(change(store, &hands))));
        }
    }

    fn sync(&mut self, conn: ConnId, id: u64, at: &str, wait: bool) {
        if let Some(account) = self.accounts.get_mut(at) {
            if wait {
                account.wait(conn, id);
            }
            account.step(Input::SyncWanted);
        }
        if !wait {
            self.reply_status(conn, id, Some(at));
        }
    }

    fn use_account(&mut self, conn: ConnId, id: u64, named: &str) {
        let result = self.resolve(Some(named)).and_then(|at| {
            self.home.set_default(&at).map_err(|error| {
                Failure::new(
                    FailureCode::Internal,
                    format!("the default account cannot be noted: {error}"),
                )
            })?;
            self.default = Some(at.clone());
            let account = self.accounts.get(&at).ok_or_else(not_signed_in)?;
            Ok(Reply::Account(self.account_for(conn, &account.file)))
        });
        self.reply(conn, id, result);
    }

    fn begin_sign_in(&mut self, conn: ConnId, id: u64, ask: redtag_protocol::ipc::SignIn) {
        if self.signing_in.is_some() {
            let failure = Failure::new(
                FailureCode::Invalid,
                "another sign-in is on its way; try again when it has ended",
            );
            return self.reply(conn, id, Err(failure));
        }
        let desk = self.desk();
        let events = self.events.clone();
        self.signing_in = Some(tokio::spawn(async move {
            let result = sign_in::sign_in(desk, ask).await.map(Box::new);
            // The actor may have ended meanwhile; the account is found at the next start.
            let _ = events.send(Event::SignIn {
                conn,
                request: id,
                result,
            });
        }));
    }

    /// What a sign-in stands on now.
    pub(super) fn desk(&self) -> Desk {
        Desk {
            paths: self.setup.paths.clone(),
            home: self.home.clone(),
            bench: self.setup.bench.clone(),
            ca: self.ca(),
            accounts: self
                .accounts
                .values()
                .map(|account| (account.file.clone(), account.cache.clone()))
                .collect(),
            forgotten: self
                .shut
                .values()
                .filter(|(_, why)| why.code == FailureCode::NotSignedIn)
                .map(|(file, _)| file.clone())
                .collect(),
            secrets: self.secrets.clone(),
        }
    }

    pub(super) fn signed_in(
        &mut self,
        conn: ConnId,
        id: u64,
        result: Result<Box<Arrived>, Failure>,
    ) {
        self.signing_in = None;
        let result = result.and_then(|arrived| self.arrive(conn, *arrived));
        // Memberships that ended while it was on its way.
        for account in self.accounts.values().filter(|it| it.has_left()) {
            account.hands.tell(News::Left);
        }
        self.reply(conn, id, result);
        if let Some((conn, id, guest)) = self.guests.pop_front() {
            self.take_in(conn, id, guest);
        }
    }

    fn arrive(&mut self, conn: ConnId, arrived: Arrived) -> Result<Reply, Failure> {
        let Arrived {
            file,
            ready,
            remote,
            secrets,
            access,
            lifetime,
            has_pin,
            registered,
        } = arrived;
        self.secrets = Some(secrets);
        let internal = |words| Failure::new(FailureCode::Internal, words);
        // Of which the key is there again, where it was.
        self.shut.remove(&file.id);
        let account = if let Some(ready) = ready {
            match self.attach(file.clone(), ready) {
                Ok(_) => {}
                Err(failure) => {
                    self.shut.insert(file.id.clone(), (file, failure.clone()));
                    return Err(failure);
                }
            }
            self.accounts.get_mut(&file.id).ok_or_else(not_signed_in)?
        } else {
            let account = self.accounts.get_mut(&file.id).ok_or_else(not_signed_in)?;
            account.file = file.clone();
            account.hands.remote = remote;
            account
        };
        account.tries = has_pin.then(|| Tries::new(0));
        account.token(access);
        account.step(Input::SignedIn {
            lifetime,
            registered,
        });
        self.joined(&file);
        // Who has just signed in is who works here now: nobody's work goes under another's name.
        if self.default.as_ref() != Some(&file.id) {
            self.home
                .set_default(&file.id)
                .map_err(|error| internal(error.to_string()))?;
            self.default = Some(file.id.clone());
        }
        self.prove(conn, &file.id);
        self.door_turned(&file.id);
        tracing::info!(account = %file.id, "signed in");
        Ok(Reply::Account(self.account_for(conn, &file)))
    }
}

/// The one answer to a request; a failure where nothing else was given, such as after a fault.
pub(super) struct Answer {
    outbox: Option<Outbox>,
    id: u64,
}

impl Answer {
    fn new(outbox: Outbox, id: u64) -> Self {
        let outbox = Some(outbox);
        Self { outbox, id }
    }

    pub(super) fn give(&mut self, result: Result<Reply, Failure>) {
        if let Some(outbox) = self.outbox.take() {
            outbox.send(FromDaemon::Reply {
                id: self.id,
                result,
            });
        }
    }
}

impl Answer {
    /// Somebody else answers.
    pub(super) fn forgo(mut self) {
        self.outbox = None;
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.outbox.is_some() {
            self.give(Err(CacheError::Closed.into()));
        }
    }
}

/// Told by the cache's thread, in the order in which the outbox changes.
pub(super) fn tell_saved(store: &mut Store, hands: &Hands, saved: Saved) -> Reply {
    let (waiting, _) = store.pending().unsettled();
    hands.tell(News::Input(Input::Edited { waiting }));
    hands.changed(store, saved.touched);
    Reply::Saved {
        first: saved.first,
        last: saved.last,
        inspection: saved.inspection,
    }
}
