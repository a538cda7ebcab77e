//! One account while it runs: its cache, its machine, and the effects of the machine.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use redtag_protocol::{
    ipc::{Connection, Failure, FailureCode, Status},
    stamp::Stamp,
};
use tokio::task::{AbortHandle, JoinSet};

use super::{
    clock,
    event::News,
    hands::{CallError, Hands},
    home::AccountFile,
    lease::Lease,
    lock::Tries,
};
use crate::{
    cache::{Cache, End},
    core::{Effect, Input, LaneName, Line, Session, State, Trouble},
    ipc::ConnId,
    remote::AccessToken,
};

/// Who waits for the cache to be level with the API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiter {
    pub(super) conn: ConnId,
    pub(super) request: u64,
    /// What had happened when the wait began.
    pulls: u64,
    failures: u64,
}

/// A running account.
pub(super) struct Account {
    pub(super) file: AccountFile,
    pub(super) cache: Cache,
    pub(super) hands: Hands,
    /// What the person should know.
    pub(super) notices: Vec<String>,
    /// The last status that was told to subscribers.
    pub(super) told: Option<Box<Status>>,
    pub(super) asking_status: bool,
    pub(super) want_status: bool,
    /// Of its PIN; none where it has none.
    pub(super) tries: Option<Tries>,
    /// How long its copy is shown without the API.
    pub(super) lease: Lease,
    machine: State,
    access: Option<AccessToken>,
    waiters: Vec<Waiter>,
    tasks: JoinSet<()>,
    live: Option<AbortHandle>,
    timer: Option<AbortHandle>,
    /// Held by whoever takes an export over.
    adoptions: Arc<()>,
    end: End,
    /// Goes with the cache that is open.
    _open: Arc<()>,
    begin: Instant,
}

impl Account {
    pub(super) fn new(
        file: AccountFile,
        machine: State,
        cache: (Cache, End, Arc<()>),
        hands: Hands,
        (notices, lease): (Vec<String>, Lease),
    ) -> Self {
        let (cache, end, open) = cache;
        Self {
            file,
            cache,
            hands,
            notices,
            told: None,
            asking_status: false,
            want_status: false,
            tries: None,
            lease,
            machine,
            access: None,
            waiters: Vec::new(),
            tasks: JoinSet::new(),
            live: None,
            timer: None,
            adoptions: Arc::new(()),
            end,
            _open: open,
            begin: Instant::now(),
        }
    }

    /// A new access token.
    pub(super) fn token(&mut self, access: AccessToken) {
        self.access = Some(access);
    }

    /// The access token, where there is one that may still be good.
    pub(super) fn access_token(&self) -> Option<AccessToken> {
        self.access.clone()
    }

    /// Whether the membership has ended, as far as was heard.
    pub(super) fn has_left(&self) -> bool {
        matches!(self.machine.session(), Session::Left(_))
    }

    /// Whether that is because somebody took the sign-in from this machine.
    pub(super) fn was_revoked(&self) -> bool {
        self.machine.revoked()
    }

    /// Takes an input in and does what the machine says.
    pub(super) fn step(&mut self, input: Input) {
        let moment = clock::moment(self.begin);
        let before = (self.machine.session().clone(), self.machine.line().clone());
        for effect in self.machine.step(input, moment) {
            self.perform(effect);
        }
        let (session, line) = (self.machine.session(), self.machine.line());
        if before.0 != *session || before.1 != *line {
            tracing::info!(account = %self.file.id, ?session, ?line, "the line changed");
            self.tell_cache();
        }
        self.want_status = true;
    }

    /// Tells the cache whether the API is reached, for the words of what is on its way.
    fn tell_cache(&self) {
        let online = self.connection() == Connection::Online;
        let hands = self.hands.clone();
        // Done in its turn whether anybody waits for it or not.
        drop(self.cache.call(move |store| {
            let touched = store.set_online(online);
            if !touched.is_empty() {
                hands.changed(store, touched);
            }
        }));
    }

    fn perform(&mut self, effect: Effect) {
        // Tasks that have ended need no keeping.
        while self.tasks.try_join_next().is_some() {}
        let hands = self.hands.clone();
        match effect {
            Effect::Refresh => self.spawn_call(LaneName::Refresh, 0, async move {
                let (access, lifetime) = hands.refresh().await?;
                hands.tell(News::Token(access, lifetime));
                Ok(None)
            }),
            Effect::Pull { token } => {
                let Some(access) = self.access(LaneName::Pull, token) else {
                    return;
                };
                self.spawn_call(LaneName::Pull, token, async move {
                    hands.pull(&access, token).await.map(Some)
                });
            }
            Effect::Push { token, most } => {
                let Some(access) = self.access(LaneName::Push, token) else {
                    return;
                };
                self.spawn_call(LaneName::Push, token, async move {
                    hands.push(&access, most).await.map(|()| None)
                });
            }
            Effect::Fork { device } => self.spawn_call(LaneName::Push, 0, async move {
                hands.fork(device).await.map(|()| None)
            }),
            Effect::GiveUp => self.spawn_call(LaneName::Push, 0, async move {
                hands.give_up().await.map(|()| None)
            }),
            Effect::Register { token } => {
                let Some(access) = self.access(LaneName::Register, token) else {
                    return;
                };
                self.spawn_call(LaneName::Register, token, async move {
                    hands.register(&access).await.map(|()| None)
                });
            }
            Effect::OpenLive { token } => {
                let Some(access) = self.access(LaneName::Live, token) else {
                    return;
                };
                let task = self.spawn_call_handle(LaneName::Live, token, async move {
                    hands.live(&access).await.map(Some)
                });
                self.keep_live(Some(task));
            }
            Effect::Poll { token, after } => {
                let Some(access) = self.access(LaneName::Live, token) else {
                    return;
                };
                let task = self.spawn_call_handle(LaneName::Live, token, async move {
                    hands.poll(&access, after).await.map(Some)
                });
                self.keep_live(Some(task));
            }
            Effect::CloseLive => self.keep_live(None),
            Effect::Seal => hands.tell(News::Left),
            Effect::Wake { at } => {
                if let Some(timer) = self.timer.take() {
                    timer.abort();
                }
                let when = self.begin + Duration::from_millis(at);
                self.timer = Some(self.tasks.spawn(async move {
                    tokio::time::sleep_until(when.into()).await;
                    hands.tell(News::Input(Input::Timer));
                }));
            }
        }
    }

    /// At most one channel or question is open.
    fn keep_live(&mut self, next: Option<AbortHandle>) {
        if let Some(before) = std::mem::replace(&mut self.live, next) {
            before.abort();
        }
    }

    /// The access token; without one the call fails as if it had not been taken.
    fn access(&self, lane: LaneName, token: u64) -> Option<AccessToken> {
        if self.access.is_none() {
            self.hands.report(
                lane,
                token,
                Err(crate::remote::RemoteError::Unauthorized.into()),
            );
        }
        self.access.clone()
    }

    fn spawn_call(
        &mut self,
        lane: LaneName,
        token: u64,
        call: impl Future<Output = Result<Option<Input>, CallError>> + Send + 'static,
    ) {
        self.spawn_call_handle(lane, token, call);
    }

    fn spawn_call_handle(
        &mut self,
        lane: LaneName,
        token: u64,
        call: impl Future<Output = Result<Option<Input>, CallError>> + Send + 'static,
    ) -> AbortHandle {
        let hands = self.hands.clone();
        self.tasks.spawn(async move {
            match AssertUnwindSafe(call).catch_unwind().await {
                Ok(Ok(Some(input))) => hands.report(lane, token, Ok(input)),
                Ok(Ok(None)) => {}
                Ok(Err(error)) => hands.report(lane, token, Err(error)),
                // A fault must not leave the lane running for ever.
                Err(_) => hands.tell(News::Input(Input::Failed {
                    lane,
                    token,
                    trouble: Trouble::Passing("a fault in this program; the log has it".to_owned()),
                })),
            }
        })
    }

    /// Runs work that ends with the account.
    pub(super) fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        while self.tasks.try_join_next().is_some() {}
        self.tasks.spawn(work);
    }

    /// Takes an export over; see [`Self::adopts`].
    pub(super) fn adopt(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        let (hands, holds) = (self.hands.clone(), Arc::clone(&self.adoptions));
        self.spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!("a fault while an export was taken over");
            }
            drop(holds);
            // Where the membership has ended meanwhile, that waited for this.
            hands.tell(News::Left);
        });
    }

    /// Whether an export is being taken over: edits are saved that nobody has counted yet, so the
    /// account must not go.
    pub(super) fn adopts(&self) -> bool {
        Arc::strong_count(&self.adoptions) > 1
    }

    /// Whether somebody waits so on this connection.
    pub(super) fn waits_for(&self, conn: ConnId) -> bool {
        self.waiters.iter().any(|it| it.conn == conn)
    }

    /// Someone waits until the cache is level with the API.
    pub(super) fn wait(&mut self, conn: ConnId, request: u64) {
        self.waiters.push(Waiter {
            conn,
            request,
            pulls: self.machine.pulls(),
            failures: self.machine.failures(),
        });
    }

    /// A connection is gone and waits no more.
    pub(super) fn forget(&mut self, conn: ConnId) {
        self.waiters.retain(|waiter| waiter.conn != conn);
    }

    /// The requests of a connection that wait; they do no more after this.
    pub(super) fn waits_of(&mut self, conn: ConnId) -> Vec<u64> {
        let of = self.waiters.extract_if(.., |waiter| waiter.conn == conn);
        of.map(|waiter| waiter.request).collect()
    }

    /// Those whose wait is over, and how it ended.
    pub(super) fn over(&mut self) -> Vec<(Waiter, Result<(), Failure>)> {
        let machine = &self.machine;
        let end = |waiter: &Waiter| match (machine.session(), machine.line()) {
            (Session::Out(words), _) => {
                Some(Err(Failure::new(FailureCode::NotSignedIn, words.clone())))
            }
            (Session::Left(words), _) => {
                let words = format!(
                    "{words}. Nothing more is exchanged with the shop; “redtag status” says what \
                     becomes of what was unsent"
                );
                Some(Err(Failure::new(FailureCode::NotAllowed, words)))
            }
            (Session::In, line) if machine.failures() > waiter.failures => {
                let why = match (machine.held(), line) {
                    (Some(why), _) => why,
                    (None, Line::Offline(why)) => why.as_str(),
                    (None, Line::Connecting | Line::Online) => "the API could not be asked",
                };
                let words = format!("{why}. What was saved here is safe and goes out later");
                Some(Err(Failure::new(FailureCode::Offline, words)))
            }
            (Session::In, _) => {
                (machine.settled() && machine.pulls() > waiter.pulls).then_some(Ok(()))
            }
        };
        let mut over = Vec::new();
        self.waiters.retain(|waiter| match end(waiter) {
            Some(result) => {
                over.push((*waiter, result));
                false
            }
            None => true,
        });
        over
    }

    /// Everybody who waits; nobody does after this.
    pub(super) fn waiters(&mut self) -> Vec<Waiter> {
        std::mem::take(&mut self.waiters)
    }

    /// How the line stands, for people.
    pub(super) fn connection(&self) -> Connection {
        match (self.machine.session(), self.machine.line()) {
            (Session::Out(why) | Session::Left(why), _) => {
                Connection::SignedOut { why: why.clone() }
            }
            (Session::In, Line::Connecting) => Connection::Connecting,
            (Session::In, Line::Online) => Connection::Online,
            (Session::In, Line::Offline(why)) => Connection::Offline {
                why: why.clone(),
                next_try: self.next_try(),
            },
        }
    }

    /// Whether something on the way to the API keeps the live channel back.
    pub(super) fn silenced(&self) -> bool {
        self.machine.silenced()
    }

    /// Why nothing of what waits is sent.
    pub(super) fn held(&self) -> Option<String> {
        self.machine.held().map(ToOwned::to_owned)
    }

    /// Whether it may talk to the API, so that it matters over which network.
    pub(super) fn talks(&self) -> bool {
        *self.machine.session() == Session::In
    }

    /// This machine's network is another, or it `slept`. Calls on their way end where theirs is gone:
    /// a push that was taken all the same gets its outcomes again, a page is asked for anew.
    pub(super) fn network_changed(&mut self, slept: bool) {
        let moved = slept || self.hands.remote.moved();
        if moved {
            self.hands.remote.renew();
        }
        // Elsewhere on the machine networks come and go.
        if moved || self.machine.waits() {
            tracing::info!(account = %self.file.id, "the network changed; what waits is tried at once");
            self.step(Input::NetworkChanged);
        }
    }

    /// When the next try is, on this machine's clock.
    pub(super) fn next_try(&self) -> Option<Stamp> {
        let now = clock::moment(self.begin);
        let at = self.machine.next_try()?;
        Some(Stamp(now.wall.0.saturating_add(at.saturating_sub(now.now))))
    }

    /// Ends every task, lets the cache finish what it was given, and closes it.
    pub(super) async fn close(mut self) {
        self.tasks.shutdown().await;
        drop(self.cache);
        drop(self.hands);
        self.end.wait().await;
    }
}
