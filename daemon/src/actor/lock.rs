//! PINs on a bench that several people use: an account that has one is open for the connections that
//! have shown it, each for as long as a person is at it. The PIN itself lies in the account's cache.

mod tries;

use std::time::Duration;

use redtag_protocol::ipc::{Failure, FailureCode, FromDaemon, Lock, Pin, Push, Reply};

pub(super) use self::tries::Tries;
use self::tries::pause;
use super::{Account, Actor, Listens, clock, event::Event, named::not_signed_in, requests::Answer};
use crate::{
    cache::{MOST, Tried},
    ipc::ConnId,
};

/// How long after showing the PIN another one can be set.
const FRESH: Duration = Duration::from_mins(1);
/// How often it is looked whether somebody is still there: a timer stands still while the machine
/// sleeps, and what is on a screen is not to outlast the night by five minutes.
const GLANCE: Duration = Duration::from_secs(5);

/// What a connection has shown of an account. Times are since the machine started.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// When the PIN was last typed, or the person signed in.
    proved: Duration,
    /// When a person last did something.
    active: Duration,
}

/// What the cache's thread did with a PIN.
pub(super) enum Handled {
    /// It was tried.
    Tried(Result<Tried, Failure>),
    /// It was set, or taken away.
    Set(Result<bool, Failure>),
}

impl Actor {
    /// Whether this connection may see the account.
    pub(super) fn is_open(&self, conn: ConnId, at: &str) -> bool {
        let lapsed = self
            .accounts
            .get(at)
            .is_some_and(|it| it.lease.has_lapsed());
        !lapsed && self.is_shown(conn, at)
    }

    /// Whether this connection has shown the PIN, where there is one.
    pub(super) fn is_shown(&self, conn: ConnId, at: &str) -> bool {
        let locked = self.accounts.get(at).is_some_and(|it| it.tries.is_some());
        !locked || self.shown(conn, at).is_some()
    }

    fn shown(&self, conn: ConnId, at: &str) -> Option<Shown> {
        self.conns.get(&conn)?.shown.get(at).copied()
    }

    /// How the lock of an account stands for this connection; none where there is none.
    pub(super) fn lock_of(&self, conn: ConnId, at: &str) -> Option<Lock> {
        let account = self.accounts.get(at)?;
        if account.lease.has_lapsed() {
            return Some(Lock::Lapsed);
        }
        let tries = account.tries.as_ref()?;
        if self.shown(conn, at).is_some() {
            return Some(Lock::Open);
        }
        Some(tries.state())
    }

    /// Has the cache's thread try a PIN.
    pub(super) fn unlock(&mut self, conn: ConnId, id: u64, named: Option<&str>, pin: Pin) {
        let at = match self.resolve(named) {
            Ok(at) => at,
            Err(failure) => return self.reply(conn, id, Err(failure)),
        };
        let Some(account) = self.accounts.get_mut(&at) else {
            return self.reply(conn, id, Err(not_signed_in()));
        };
        let refused = match &mut account.tries {
            None => return self.reply_status(conn, id, Some(&at)),
            Some(tries) if tries.busy => true,
            Some(tries) => {
                tries.busy = tries.state() == Lock::Locked;
                !tries.busy
            }
        };
        if refused {
            let failure = refusal(account);
            return self.reply(conn, id, Err(failure));
        }
        let Some((answer, hands)) = self.answering(conn, id, &at) else {
            return;
        };
        let events = self.events.clone();
        drop(hands.cache.call(move |store| {
            let tried = store.try_pin(&pin).map_err(Failure::from);
            let _ = events.send(Event::Pin {
                conn,
                account: at,
                request: id,
                answer,
                handled: Handled::Tried(tried),
            });
        }));
    }

    /// Gives an account another PIN, or takes it away.
    pub(super) fn set_pin(&mut self, conn: ConnId, id: u64, at: &str, pin: Option<Pin>) {
        let Some(account) = self.accounts.get_mut(at) else {
            return self.reply(conn, id, Err(not_signed_in()));
        };
        let has = account.tries.is_some();
        let fresh = self.conns.get(&conn).and_then(|it| it.shown.get(at));
        if has && fresh.is_none_or(|it| clock::since_boot() > it.proved + FRESH) {
            let failure = Failure::new(
                FailureCode::Locked,
                "type the PIN once more: another one is set, or it is removed, only right after it \
                 was shown",
            );
            return self.reply(conn, id, Err(failure));
        }
        if pin.is_some() && !account.file.pinned {
            // Before the PIN: where the cache is lost, the account is not to be open to everybody.
            account.file.pinned = true;
            if let Err(error) = self.home.update(&account.file) {
                account.file.pinned = false;
                let failure = Failure::new(
                    FailureCode::Internal,
                    format!("the account cannot be noted, so nothing was changed: {error}"),
                );
                return self.reply(conn, id, Err(failure));
            }
        }
        let Some((answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let (events, account) = (self.events.clone(), at.to_owned());
        drop(hands.cache.call(move |store| {
            let set = store.set_pin(pin.as_ref()).map(|()| pin.is_some());
            let _ = events.send(Event::Pin {
                conn,
                account,
                request: id,
                answer,
                handled: Handled::Set(set),
            });
        }));
    }

    /// The cache's thread is done with a PIN.
    pub(super) fn pin_handled(
        &mut self,
        (conn, id): (ConnId, u64),
        at: &str,
        mut answer: Answer,
        handled: Handled,
    ) {
        let Some(account) = self.accounts.get_mut(at) else {
            return answer.give(Err(not_signed_in()));
        };
        match handled {
            Handled::Tried(Ok(tried)) => {
                let before = account.tries.as_ref().map(|it| it.failures);
                match tried {
                    Tried::Wrong(failures) => {
                        tracing::warn!(account = %at, failures, "a wrong PIN");
                        account.tries = Some(Tries::new(failures));
                        let failure = wrong(account, failures);
                        return answer.give(Err(failure));
                    }
                    Tried::Right => account.tries = Some(Tries::new(0)),
                    Tried::None => account.tries = None,
                }
                self.prove(conn, at);
                answer.forgo();
                self.reply_status(conn, id, Some(at));
                if before != Some(0) {
                    self.door_turned(at);
                }
            }
            Handled::Tried(Err(failure)) => {
                if let Some(tries) = &mut account.tries {
                    tries.busy = false;
                }
                answer.give(Err(failure));
            }
            Handled::Set(Ok(has)) => {
                account.tries = has.then(|| Tries::new(0));
                tracing::info!(account = %at, has, "the PIN was set or taken away");
                if account.file.pinned != has {
                    account.file.pinned = has;
                    // Said of an account without one it only costs a sign-in, should the cache be lost.
                    if let Err(error) = self.home.update(&account.file) {
                        tracing::error!(account = %at, %error, "the account cannot be noted");
                    }
                }
                self.prove(conn, at);
                if has {
                    let others: Vec<ConnId> = self.conns.keys().copied().collect();
                    for other in others.into_iter().filter(|other| *other != conn) {
                        self.lock(other, at);
                    }
                }
                self.door_turned(at);
                answer.give(Ok(Reply::Done));
            }
            Handled::Set(Err(failure)) => answer.give(Err(failure)),
        }
    }

    /// A person has shown on this connection who they are.
    pub(super) fn prove(&mut self, conn: ConnId, at: &str) {
        let now = clock::since_boot();
        if let Some(it) = self.conns.get_mut(&conn) {
            let shown = Shown {
                proved: now,
                active: now,
            };
            it.shown.insert(at.to_owned(), shown);
        }
    }

    /// A person asked for the lock.
    pub(super) fn lock_now(&mut self, conn: ConnId, id: u64, named: Option<&str>) {
        let result = self.resolve(named).and_then(|at| {
            if self.accounts.get(&at).is_some_and(|it| it.tries.is_none()) {
                return Err(Failure::new(
                    FailureCode::Invalid,
                    "this account has no PIN, so it cannot be locked; `redtag pin set` gives it one",
                ));
            }
            Ok(at)
        });
        match result {
            Ok(at) => {
                self.lock(conn, &at);
                self.reply_status(conn, id, Some(&at));
            }
            Err(failure) => self.reply(conn, id, Err(failure)),
        }
    }

    /// Locks an account for a connection. What was on its way to or from it goes.
    fn lock(&mut self, conn: ConnId, at: &str) {
        let Some(it) = self.conns.get_mut(&conn) else {
            return;
        };
        it.shown.remove(at);
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        let waited = account.waits_of(conn);
        let why = refusal(account);
        for request in waited {
            self.reply(conn, request, Err(why.clone()));
        }
        self.hush(conn, at);
    }

    /// The lock of an account, or its lease, stands otherwise than before: whoever listens hears how,
    /// those too for whom it stays shut.
    pub(super) fn door_turned(&mut self, at: &str) {
        if let Some(account) = self.accounts.get_mut(at) {
            // Told the same as before or not.
            account.told = None;
            account.want_status = true;
        }
        let conns = self.conns.keys().copied();
        let shut: Vec<ConnId> = conns.filter(|it| !self.is_open(*it, at)).collect();
        for conn in shut {
            self.hush(conn, at);
        }
    }

    /// Nothing of an account is told to a connection any more; it hears so.
    fn hush(&mut self, conn: ConnId, at: &str) {
        let shown = self.is_shown(conn, at);
        let Some(it) = self.conns.get_mut(&conn) else {
            return;
        };
        if !shown {
            it.parts = super::parts::Parts::default();
        }
        if it.watches.as_deref() == Some(at) {
            self.unwatch(conn);
        }
        let Some(it) = self.conns.get(&conn) else {
            return;
        };
        let Listens::To(named) = &it.listens else {
            return;
        };
        if self.resolve(named.as_deref()).as_deref() == Ok(at) {
            it.outbox.send(FromDaemon::Push(Push::Locked {
                account: at.to_owned(),
            }));
        }
    }

    /// A person did something on this connection.
    pub(super) fn active(&mut self, conn: ConnId) {
        let now = clock::since_boot();
        if let Some(it) = self.conns.get_mut(&conn) {
            for shown in it.shown.values_mut() {
                shown.active = now;
            }
        }
    }

    /// Locks what nobody is at any more.
    pub(super) fn lock_idle(&mut self) {
        let (now, idle) = (clock::since_boot(), self.idle_lock());
        let mut due = Vec::new();
        for (conn, it) in &self.conns {
            let listens = &it.listens;
            let over = it.shown.iter().filter(|(at, shown)| {
                let account = self.accounts.get(*at);
                let has = account.is_none_or(|it| it.tries.is_some());
                // Whoever waits for a synchronisation is there, and has nothing to press.
                let waits = account.is_some_and(|it| it.waits_for(*conn));
                has && !(waits && matches!(listens, Listens::No))
                    && now.saturating_sub(shown.active) >= idle
            });
            due.extend(over.map(|(at, _)| (*conn, at.clone())));
        }
        for (conn, at) in due {
            tracing::info!(account = %at, conn = conn.0, "nobody is there; locked");
            self.lock(conn, &at);
        }
    }

    /// Has it looked again, as long as a connection has an account with a PIN open.
    pub(super) fn watch_idle(&mut self) {
        if self.glance.is_some() {
            return;
        }
        let (now, idle) = (clock::since_boot(), self.idle_lock());
        let left = self.conns.values().flat_map(|it| {
            let guarded = |at: &String| {
                let account = self.accounts.get(at);
                account.is_some_and(|it| it.tries.is_some())
            };
            let shown = it.shown.iter().filter(move |(at, _)| guarded(at));
            shown.map(|(_, shown)| (shown.active + idle).saturating_sub(now))
        });
        let Some(left) = left.min() else { return };
        let events = self.events.clone();
        let wait = left.clamp(Duration::from_millis(10), GLANCE);
        self.glance = Some(tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            // The actor may have ended.
            let _ = events.send(Event::Glance);
        }));
    }

    fn idle_lock(&self) -> Duration {
        self.setup.settings.borrow().config.idle_lock
    }
}

/// Why a locked account does not answer, and what to do.
pub(super) fn refusal(account: &Account) -> Failure {
    let who = redtag_protocol::text::clean_line(&account.file.email);
    if account.lease.has_lapsed() {
        return Failure::new(
            FailureCode::Locked,
            format!(
                "this machine has not heard from the API for too long, so it shows nobody its copy \
                 of {who}'s shop. What is unsent is kept and goes out by itself: bring the machine \
                 to a network (`redtag sync --wait`), or sign in again with `redtag login {} --email \
                 {who}`",
                account.file.url
            ),
        );
    }
    let words = match account.tries.as_ref().map(Tries::state) {
        Some(Lock::Spent) => format!(
            "the PIN of {who} was wrong {MOST} times, so only a full sign-in opens the account: \
             `redtag login {} --email {who}`. What is unsent stays here and goes out by itself",
            account.file.url
        ),
        Some(Lock::Waiting { seconds }) => format!(
            "{who} is locked, and after so many wrong PINs the next one is taken in {seconds} \
             seconds. What is unsent goes out meanwhile"
        ),
        _ => format!("{who} is locked; its PIN opens it. What is unsent goes out meanwhile"),
    };
    Failure::new(FailureCode::Locked, words)
}

fn wrong(account: &Account, failures: u32) -> Failure {
    let left = MOST.saturating_sub(failures);
    if left == 0 {
        return refusal(account);
    }
    let pause = pause(failures).as_secs();
    let wait = if pause > 0 {
        format!(", the next one in {pause} seconds")
    } else {
        String::new()
    };
    let tries = if left == 1 { "try is" } else { "tries are" };
    Failure::new(
        FailureCode::Locked,
        format!("that is not the PIN; {left} {tries} left{wait}"),
    )
}
