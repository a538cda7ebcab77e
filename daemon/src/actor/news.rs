//! What subscribers are told: changes at once, the status when it is another. At most one status
//! of an account is being worked out and one wanted.

use std::{collections::BTreeMap, time::Duration};

use redtag_protocol::{
    entity::EntityRef,
    ipc::{Difference, Failure, FromDaemon, Push, Status},
};

use super::{Actor, Conn, Listens, event::News};
use crate::{
    ipc::ConnId,
    view::{self, Standing},
};

/// More documents than this are not named.
const NAMED: usize = 200;

/// How long a status may wait for more to happen: less than a person notices.
const MOMENT: Duration = Duration::from_millis(25);

impl Actor {
    /// Tells everybody what is due after an event.
    pub(super) fn tell_all(&mut self) {
        let ids: Vec<String> = self.accounts.keys().cloned().collect();
        for id in ids {
            self.answer_waiters(&id);
            self.ask_status(&id);
        }
    }

    fn answer_waiters(&mut self, id: &str) {
        let Some(account) = self.accounts.get_mut(id) else {
            return;
        };
        for (waiter, result) in account.over() {
            match result {
                Ok(()) => self.reply_level(waiter.conn, waiter.request, id),
                Err(failure) => self.reply(waiter.conn, waiter.request, Err(failure)),
            }
        }
    }

    /// Whoever waited hears that everything is in, and what it opened.
    fn reply_level(&mut self, conn: ConnId, request: u64, id: &str) {
        let standing = self.standing(Some(id));
        self.read(conn, request, id, move |store| {
            let mut status = view::status(store, standing)?;
            status.opened = store.opened()?;
            Ok(super::reads::status(status))
        });
    }

    /// The account goes from here, or is begun anew: whoever waits for it hears so.
    pub(super) fn wait_no_more(&mut self, id: &str, why: &Failure) {
        let waiters = self.accounts.get_mut(id).map(super::Account::waiters);
        for waiter in waiters.unwrap_or_default() {
            self.reply(waiter.conn, waiter.request, Err(why.clone()));
        }
    }

    /// Has the status worked out where it may be another and somebody wants to know: a moment
    /// later, so that what people wait for goes first, and not without end while much happens.
    fn ask_status(&mut self, id: &str) {
        let Some(account) = self.accounts.get_mut(id) else {
            return;
        };
        if !account.want_status || account.asking_status {
            return;
        }
        if !self.conns.values().any(|conn| conn.listens != Listens::No) {
            return;
        }
        account.asking_status = true;
        let hands = account.hands.clone();
        account.spawn(async move {
            tokio::time::sleep(MOMENT).await;
            hands.tell(News::StatusDue);
        });
    }

    /// Works the status out.
    pub(super) fn status_due(&mut self, id: &str) {
        let standing = self.standing(Some(id));
        let Some(account) = self.accounts.get_mut(id) else {
            return;
        };
        account.want_status = false;
        let hands = account.hands.clone();
        drop(account.cache.call(move |store| {
            hands.tell(match view::status(store, standing) {
                Ok(status) => News::Status(Box::new(status)),
                Err(failure) => {
                    tracing::error!("{failure}");
                    News::NoStatus
                }
            });
        }));
    }

    /// A status came; those who listen hear it if it is another than the last.
    pub(super) fn status_came(&mut self, id: &str, status: Box<Status>) {
        let Some(account) = self.accounts.get_mut(id) else {
            return;
        };
        account.asking_status = false;
        if account.told.as_deref() != Some(&*status) {
            account.told = Some(status.clone());
            self.push(id, &Push::Status(status));
        }
    }

    /// Tells those who listen to an account which documents changed, and whoever watches one of them
    /// what became of it.
    pub(super) fn push_changed(
        &self,
        id: &str,
        mut documents: Vec<EntityRef>,
        differences: Vec<(ConnId, Box<Difference>)>,
    ) {
        if documents.len() > NAMED {
            documents.clear();
        }
        let mut differences: BTreeMap<ConnId, Box<Difference>> = differences.into_iter().collect();
        for (at, conn) in self.listeners(id) {
            let changed = Push::Changed {
                documents: documents.clone(),
                difference: differences.remove(&at),
            };
            conn.outbox.send(FromDaemon::Push(changed));
        }
    }

    /// Pushes to those who listen to an account.
    pub(super) fn push(&self, id: &str, push: &Push) {
        for (_, conn) in self.listeners(id) {
            // A client that does not read is cut off by its outbox.
            conn.outbox.send(FromDaemon::Push(push.clone()));
        }
    }

    fn listeners(&self, id: &str) -> impl Iterator<Item = (ConnId, &Conn)> {
        self.conns.iter().filter_map(move |(at, conn)| {
            let Listens::To(account) = &conn.listens else {
                return None;
            };
            let its = self.resolve(account.as_deref()).as_deref() == Ok(id);
            (its && self.is_open(*at, id)).then_some((*at, conn))
        })
    }

    /// What the actor adds to an account's status.
    pub(super) fn standing(&self, id: Option<&str>) -> Standing {
        let account = id.and_then(|id| self.accounts.get(id));
        let mut notices = account.map_or_else(Vec::new, |account| account.notices.clone());
        if account.is_some_and(super::Account::silenced) {
            notices.push(
                "The live channel opens and stays silent: a proxy on the way to the API holds it \
                 back. Changes are asked for in its place, which costs more calls; whoever runs \
                 the proxy can let `/v1/shops/*/live` through unbuffered."
                    .to_owned(),
            );
        }
        let rung = self.secrets.as_ref().map(crate::secret::Store::rung);
        notices.extend(
            rung.and_then(crate::secret::Rung::notice)
                .map(ToOwned::to_owned),
        );
        notices.extend(self.setup.settings.borrow().problem.clone());
        let left = self.left.iter().filter_map(super::leave::Left::notice);
        notices.extend(left.map(ToOwned::to_owned));
        notices.extend(self.shut.values().map(|(file, why)| {
            format!(
                "The account {} in {} cannot be opened: {why}",
                file.email, file.shop_name
            )
        }));
        Standing {
            account: match (id, account) {
                (None, _) => self.shut_instead().map(|file| self.account(file)),
                (_, account) => account.map(|account| self.account(&account.file)),
            },
            connection: account.map_or(
                redtag_protocol::ipc::Connection::NoAccount,
                super::Account::connection,
            ),
            log: self.setup.log.as_ref().map(|log| log.display().to_string()),
            notices,
            held: account.and_then(super::Account::held),
            next_try: account.and_then(super::Account::next_try),
        }
    }

    /// Answers with an account's status.
    pub(super) fn reply_status(&mut self, conn: ConnId, request: u64, id: Option<&str>) {
        let mut standing = self.standing(id);
        if let (Some(at), Some(account)) = (id, &mut standing.account) {
            account.lock = self.lock_of(conn, at);
            account.lease = self.lease_of(at);
        }
        match id {
            Some(at) if !self.is_open(conn, at) => {
                standing.notices.clear();
                self.read(conn, request, at, move |store| {
                    Ok(super::reads::status(view::locked(store, standing)))
                });
            }
            Some(id) => self.read(conn, request, id, move |store| {
                view::status(store, standing).map(super::reads::status)
            }),
            None => self.reply(conn, request, Ok(super::reads::status(standing.alone()))),
        }
    }
}
