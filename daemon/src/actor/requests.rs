//! What clients ask, each answered exactly once.

use redtag_protocol::{
    ipc::{
        Account as AccountView, Failure, FailureCode, FromClient, FromDaemon, Push, Reply, Request,
    },
    op::Edit,
};

use super::{
    Actor, Listens, clock,
    event::{Event, News},
    home::AccountFile,
    reads,
    sign_in::{self, Arrived, Desk},
};
use crate::{
    cache::{Clock, Store},
    core::Input,
    ipc::ConnId,
};

impl Actor {
    pub(super) async fn request(&mut self, conn: ConnId, asked: FromClient) {
        let FromClient {
            id,
            account,
            request,
        } = asked;
        if !self.shut.is_empty() && !matches!(request, Request::Stop) {
            self.open_shut().await;
        }
        let named = account.as_deref();
        let request = match request {
            Request::SignIn(ask) => return self.begin_sign_in(conn, id, ask),
            Request::Accounts => return self.reply(conn, id, Ok(Reply::Accounts(self.views()))),
            Request::Use { account } => return self.use_account(conn, id, &account),
            Request::Stop => {
                self.stopping = true;
                return self.reply(conn, id, Ok(Reply::Done));
            }
            Request::Subscribe => {
                if let Some(it) = self.conns.get_mut(&conn) {
                    it.listens = Listens::To(account.clone());
                }
                return self.status(conn, id, named);
            }
            Request::Status => return self.status(conn, id, named),
            other => other,
        };
        let at = match self.resolve(named) {
            Ok(at) => at,
            Err(failure) => return self.reply(conn, id, Err(failure)),
        };
        match request {
            Request::Edit { edits } => self.edit(conn, id, &at, edits),
            Request::Sync { wait } => self.sync(conn, id, &at, wait),
            Request::SignOut { discard } => self.sign_out(conn, id, &at, discard).await,
            other => match reads::look(other) {
                Ok(look) => self.read(conn, id, &at, look),
                Err(_) => self.reply(
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
        let Some(outbox) = self.conns.get(&conn).map(|conn| conn.outbox.clone()) else {
            return;
        };
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        let looked = account.cache.call(look);
        // Not one of the account's tasks: it is answered even if the account closes meanwhile.
        tokio::spawn(async move {
            let result = looked
                .await
                .map_err(Failure::from)
                .and_then(|result| result);
            outbox.send(FromDaemon::Reply { id, result });
        });
    }

    fn status(&mut self, conn: ConnId, id: u64, named: Option<&str>) {
        match self.resolve(named) {
            Ok(at) => self.reply_status(conn, id, Some(&at)),
            Err(_) if named.is_none() => self.reply_status(conn, id, None),
            Err(failure) => self.reply(conn, id, Err(failure)),
        }
    }

    fn edit(&mut self, conn: ConnId, id: u64, at: &str, edits: Vec<Edit>) {
        let Some(outbox) = self.conns.get(&conn).map(|conn| conn.outbox.clone()) else {
            return;
        };
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        let clock = Clock(clock::wall());
        let hands = account.hands.clone();
        let saved = account.cache.call(move |store| {
            let saved = store.save(edits, clock)?;
            // Told by the cache's thread, in the order in which the outbox changes.
            let (waiting, _) = store.pending().unsettled();
            hands.tell(News::Input(Input::Edited { waiting }));
            hands.tell(News::Changed(saved.touched));
            Ok(Reply::Saved {
                first: saved.first,
                last: saved.last,
                inspection: saved.inspection,
            })
        });
        tokio::spawn(async move {
            let result = saved.await.map_err(Failure::from).and_then(|it| it);
            outbox.send(FromDaemon::Reply { id, result });
        });
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
            Ok(Reply::Account(self.account(&account.file)))
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
        let desk = Desk {
            paths: self.setup.paths.clone(),
            home: self.home.clone(),
            bench: self.setup.bench.clone(),
            ca: self.ca(),
            accounts: self
                .accounts
                .values()
                .map(|account| (account.file.clone(), account.cache.clone()))
                .collect(),
        };
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

    pub(super) fn signed_in(
        &mut self,
        conn: ConnId,
        id: u64,
        result: Result<Box<Arrived>, Failure>,
    ) {
        self.signing_in = None;
        let result = result.and_then(|arrived| self.arrive(*arrived));
        self.reply(conn, id, result);
    }

    fn arrive(&mut self, arrived: Arrived) -> Result<Reply, Failure> {
        let Arrived {
            file,
            ready,
            remote,
            secrets,
            access,
            lifetime,
        } = arrived;
        self.secrets = Some(secrets);
        let internal = |words| Failure::new(FailureCode::Internal, words);
        let account = if let Some(ready) = ready {
            self.attach(file.clone(), ready).map_err(internal)?
        } else {
            let account = self.accounts.get_mut(&file.id).ok_or_else(not_signed_in)?;
            account.file = file.clone();
            account.hands.remote = remote;
            account
        };
        account.token(access);
        account.step(Input::SignedIn {
            lifetime,
            // Signing in told the API of the device.
            registered: true,
        });
        // Who has just signed in is who works here now: nobody's work goes under another's name.
        if self.default.as_ref() != Some(&file.id) {
            self.home
                .set_default(&file.id)
                .map_err(|error| internal(error.to_string()))?;
            self.default = Some(file.id.clone());
        }
        tracing::info!(account = %file.id, "signed in");
        Ok(Reply::Account(self.account(&file)))
    }

    async fn sign_out(&mut self, conn: ConnId, id: u64, at: &str, discard: bool) {
        let result = self.try_sign_out(at, discard).await;
        self.reply(conn, id, result.map(|()| Reply::Done));
    }

    async fn try_sign_out(&mut self, at: &str, discard: bool) -> Result<(), Failure> {
        if self.signing_in.is_some() {
            return Err(Failure::new(
                FailureCode::Invalid,
                "a sign-in is on its way; nothing was removed. Try again when it has ended",
            ));
        }
        let account = self.accounts.get(at).ok_or_else(not_signed_in)?;
        let unsent = account
            .cache
            .call(|store| {
                let (waiting, sent) = store.pending().unsettled();
                waiting + sent + store.refusals()
            })
            .await?;
        let listened: Vec<ConnId> = self
            .conns
            .iter()
            .filter(|(_, conn)| match &conn.listens {
                Listens::No => false,
                Listens::To(named) => self.resolve(named.as_deref()).as_deref() == Ok(at),
            })
            .map(|(id, _)| *id)
            .collect();
        let damaged = self.home.has_damaged(at);
        if !discard && (unsent > 0 || damaged) {
            let what = if unsent > 0 {
                let (edits, are) = if unsent == 1 {
                    ("edit", "is")
                } else {
                    ("edits", "are")
                };
                format!("{unsent} {edits} {are} not acknowledged by the API")
            } else {
                "a damaged cache was set aside and may hold unsent edits".to_owned()
            };
            return Err(Failure::new(
                FailureCode::Unsent,
                format!(
                    "{what}, so nothing was removed. Synchronise first (`redtag sync --wait`), or \
                     sign out with --discard to lose them"
                ),
            ));
        }
        if let Some(account) = self.accounts.remove(at) {
            account.close().await;
        }
        let failed = |error: String| {
            Failure::new(
                FailureCode::Internal,
                format!("the account was closed, but its files could not be removed: {error}"),
            )
        };
        self.home
            .remove(at)
            .map_err(|error| failed(error.to_string()))?;
        if let Some(secrets) = &self.secrets {
            secrets
                .forget(at)
                .map_err(|error| failed(error.to_string()))?;
        }
        if self.default.as_deref() == Some(at) {
            self.default = self.accounts.keys().next().cloned();
            if let Some(next) = &self.default {
                self.home
                    .set_default(next)
                    .map_err(|error| failed(error.to_string()))?;
            }
        }
        // Those who listened to it; those of other accounts have nothing to do with it.
        let status = Box::new(self.standing(None).alone());
        for conn in listened.iter().filter_map(|conn| self.conns.get(conn)) {
            conn.outbox
                .send(FromDaemon::Push(Push::Status(status.clone())));
        }
        // Who named none listens to the new default one, and hears how that stands.
        if let Ok(next) = self.resolve(None)
            && let Some(account) = self.accounts.get_mut(&next)
        {
            account.told = None;
            account.want_status = true;
        }
        Ok(())
    }

    /// The account that a request means: by id, by e-mail address, or the default one.
    pub(super) fn resolve(&self, named: Option<&str>) -> Result<String, Failure> {
        let Some(named) = named else {
            // Nobody who means the default account may end up in another shop.
            if let Some((file, why)) = self.default.as_ref().and_then(|id| self.shut.get(id)) {
                return Err(self.cannot_open(file, why));
            }
            let default = self
                .default
                .clone()
                .filter(|id| self.accounts.contains_key(id));
            return default
                .or_else(|| self.accounts.keys().next().cloned())
                .ok_or_else(|| self.shut_or_signed_out());
        };
        if self.accounts.contains_key(named) {
            return Ok(named.to_owned());
        }
        let mut found = self
            .accounts
            .values()
            .filter(|account| account.file.email.eq_ignore_ascii_case(named));
        match (found.next(), found.next()) {
            (Some(account), None) => Ok(account.file.id.clone()),
            (Some(_), Some(_)) => Err(Failure::new(
                FailureCode::Invalid,
                format!(
                    "several accounts have the address {named}; name one by its id (`redtag accounts`)"
                ),
            )),
            (None, _) => {
                let shut = self
                    .shut
                    .values()
                    .find(|(file, _)| file.id == named || file.email.eq_ignore_ascii_case(named));
                Err(match shut {
                    Some((file, why)) => self.cannot_open(file, why),
                    None if self.accounts.is_empty() => self.shut_or_signed_out(),
                    None => Failure::new(
                        FailureCode::NotSignedIn,
                        format!(
                            "no account here is called {}; `redtag accounts` lists those there are",
                            redtag_protocol::text::clean_line(named)
                        ),
                    ),
                })
            }
        }
    }

    /// The account that commands which name none would mean, where it cannot be opened.
    pub(super) fn shut_instead(&self) -> Option<&AccountFile> {
        let default = self.default.as_ref().and_then(|id| self.shut.get(id));
        let (file, _) = match default {
            Some(shut) => shut,
            None if self.accounts.is_empty() => self.shut.values().next()?,
            None => return None,
        };
        Some(file)
    }

    fn shut_or_signed_out(&self) -> Failure {
        match self.shut.values().next() {
            Some((file, why)) => self.cannot_open(file, why),
            None => not_signed_in(),
        }
    }

    /// What to do with an account whose cache cannot be opened: it is never removed from here, for
    /// nobody can tell whether it holds unsent work.
    fn cannot_open(&self, file: &AccountFile, why: &str) -> Failure {
        Failure::new(
            FailureCode::NoSecretStore,
            format!(
                "the account {} in {} cannot be opened: {why}. Nothing of it was removed, and \
                 unsent work, if there is any, is still in {}. Mend that and try again. If the \
                 key is gone for good, `redtag login` makes a new account beside it; the old one \
                 goes when you stop the daemon and remove that directory",
                redtag_protocol::text::clean_line(&file.email),
                redtag_protocol::text::clean_line(&file.shop_name),
                self.home.at(&file.id).display(),
            ),
        )
    }

    fn views(&self) -> Vec<AccountView> {
        let open = self.accounts.values().map(|account| &account.file);
        let shut = self.shut.values().map(|(file, _)| file);
        open.chain(shut).map(|file| self.account(file)).collect()
    }

    /// An account as clients see it.
    pub(super) fn account(&self, file: &AccountFile) -> AccountView {
        let clean = |text: &str| redtag_protocol::text::clean_line(text).into_owned();
        AccountView {
            id: file.id.clone(),
            email: clean(&file.email),
            person: file.person,
            name: clean(&file.name),
            shop: file.shop,
            shop_name: clean(&file.shop_name),
            role: file.role,
            url: file.url.clone(),
            default: match self.resolve(None) {
                Ok(id) => id == file.id,
                Err(_) => self.shut_instead().is_some_and(|it| it.id == file.id),
            },
            secret: self.secrets.as_ref().map_or_else(
                || "the secret store cannot be read".to_owned(),
                |secrets| secrets.rung().words().to_owned(),
            ),
            shut: self
                .shut
                .get(&file.id)
                .map(|(file, why)| self.cannot_open(file, why).words),
        }
    }
}

fn not_signed_in() -> Failure {
    Failure::new(
        FailureCode::NotSignedIn,
        "nobody is signed in; use `redtag login URL`",
    )
}
