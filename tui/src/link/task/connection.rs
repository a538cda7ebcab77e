//! The requests of one connection: numbered, answered, or handed back when it ends.

use std::collections::BTreeMap;

use redtag_protocol::ipc::{
    Failure, FailureCode, FromClient, FromDaemon, Push, Reply, Request, Status, frame,
};
use tokio::sync::mpsc;

use crate::link::{Ask, Error, Event, Options};

/// The number of the request for news, which nobody waits for. Requests count from 1.
const SUBSCRIPTION: u64 = 0;
/// How often a request that only looks is asked where daemons take it and do not answer: it may be
/// what ends them.
const TRIES: u32 = 3;

/// A connection that stands.
pub(super) struct Connection<'a> {
    options: &'a mut Options,
    /// Whether it keeps to the account that is the default one when it first asks.
    keeps: bool,
    /// Whether the answer to the request for news says which account that is; requests wait for it.
    settling: bool,
    held: Vec<Ask>,
    frames: mpsc::Sender<(u64, Vec<u8>)>,
    next: u64,
    pending: BTreeMap<u64, Ask>,
    events: &'a mpsc::UnboundedSender<Event>,
}

impl<'a> Connection<'a> {
    /// A connection on which nothing was asked yet, and the frames to be written.
    pub(super) fn new(
        options: &'a mut Options,
        keeps: bool,
        events: &'a mpsc::UnboundedSender<Event>,
    ) -> (Self, mpsc::Receiver<(u64, Vec<u8>)>) {
        let (frames, written) = mpsc::channel(64);
        let connection = Self {
            options,
            keeps,
            settling: false,
            held: Vec::new(),
            frames,
            next: SUBSCRIPTION + 1,
            pending: BTreeMap::new(),
            events,
        };
        (connection, written)
    }

    /// Asks for news, where they are wanted, and then what waited for the connection.
    pub(super) async fn begin(&mut self, waited: Vec<Ask>) {
        if self.options.subscribe {
            self.subscribe().await;
        }
        for ask in waited {
            self.ask(ask).await;
        }
    }

    /// Asks, once it is clear which account is meant.
    pub(super) async fn ask(&mut self, ask: Ask) {
        if self.settling {
            self.held.push(ask);
            return;
        }
        let id = self.next;
        self.next += 1;
        match self.frame(id, ask.request.clone()) {
            Ok(frame) => {
                self.pending.insert(id, ask);
                let _ = self.frames.send((id, frame)).await;
            }
            Err(words) => {
                let _ = ask.answer.send(Err(Error::NotSent(words)));
            }
        }
    }

    /// Takes a message in.
    pub(super) async fn take(&mut self, message: FromDaemon) {
        match message {
            FromDaemon::Push(Push::Status(status)) => self.told(status).await,
            FromDaemon::Push(push) => self.tell(push),
            FromDaemon::Reply {
                id: SUBSCRIPTION,
                result,
            } => {
                self.settling = false;
                match result {
                    Ok(Reply::Status(status)) => self.told(status).await,
                    Err(failure) => self.lost(&failure).await,
                    Ok(_) => {}
                }
                if !self.settling {
                    for ask in std::mem::take(&mut self.held) {
                        self.ask(ask).await;
                    }
                }
            }
            FromDaemon::Reply { id, result } => {
                if let Some(ask) = self.pending.remove(&id) {
                    if let (Request::Use { .. }, Ok(Reply::Account(account))) =
                        (&ask.request, &result)
                        && self.options.subscribe
                    {
                        // What is asked from now on, and the news, are of that one.
                        self.options.account = Some(account.id.clone());
                        self.subscribe().await;
                    }
                    // Who asked may have lost interest.
                    let _ = ask.answer.send(result.map_err(Error::Failed));
                }
            }
        }
    }

    /// The connection is gone, for this reason; the daemon may hold the requests up to `handed`.
    /// Gives back what is to be asked again.
    pub(super) fn end(self, words: &str, handed: u64) -> Vec<Ask> {
        let mut again = Vec::new();
        for (id, mut ask) in self.pending {
            if id <= handed {
                ask.lost += 1;
                if !only_looks(&ask.request) || ask.lost >= TRIES {
                    let _ = ask.answer.send(Err(Error::Unanswered(format!(
                        "{words} before it answered; look whether it was done, then try again"
                    ))));
                    continue;
                }
            }
            again.push(ask);
        }
        again.extend(self.held);
        again
    }

    async fn subscribe(&mut self) {
        self.settling = self.keeps && self.options.account.is_none();
        if let Ok(frame) = self.frame(SUBSCRIPTION, Request::Subscribe) {
            let _ = self.frames.send((SUBSCRIPTION, frame)).await;
        }
    }

    /// How things stand, and so which account is kept to.
    async fn told(&mut self, status: Box<Status>) {
        let named = status.account.as_ref().map(|account| account.id.clone());
        if self.keeps && named.is_some() != self.options.account.is_some() {
            // The first account, or it was signed out: news are those of another one from now on.
            self.options.account = named;
            if self.options.account.is_none() {
                self.tell(Push::Status(status));
            }
            return self.subscribe().await;
        }
        self.tell(Push::Status(status));
    }

    /// There are no news, such as of an account that was signed out while the line was down.
    async fn lost(&mut self, failure: &Failure) {
        if self.keeps
            && failure.code == FailureCode::NotSignedIn
            && self.options.account.take().is_some()
        {
            self.subscribe().await;
        }
    }

    fn frame(&self, id: u64, request: Request) -> Result<Vec<u8>, String> {
        frame::encode(&FromClient {
            id,
            account: self.options.account.clone(),
            request,
        })
        .map_err(|error| error.to_string())
    }

    fn tell(&self, push: Push) {
        let _ = self.events.send(Event::Push(push));
    }
}

/// Whether asking twice does no more than asking once. What is not named here is not repeated.
fn only_looks(request: &Request) -> bool {
    match request {
        Request::Status
        | Request::Standing
        | Request::Sessions
        | Request::Tokens
        | Request::Accounts
        | Request::Use { .. }
        | Request::Board(_)
        | Request::Find { .. }
        | Request::Inspection { .. }
        | Request::Watch { .. }
        | Request::Unwatch
        | Request::Timeline { .. }
        | Request::Vehicles { .. }
        | Request::Customers { .. }
        | Request::Templates
        | Request::TemplatePage { .. }
        | Request::Members
        | Request::Provisional
        | Request::Sync { .. }
        | Request::Quarantine
        | Request::Outbox { .. }
        | Request::Export { .. }
        | Request::Conflicts { .. }
        | Request::History { .. }
        | Request::Canned
        | Request::Facets { .. }
        | Request::Found { .. }
        | Request::Vehicle { .. }
        | Request::Customer { .. }
        | Request::Alike(_)
        | Request::Jump { .. }
        | Request::Remember { .. }
        | Request::Recall
        | Request::Settings
        | Request::Examine
        | Request::Lock
        | Request::Active
        | Request::Subscribe => true,
        Request::SignIn(_)
        | Request::Pair(_)
        | Request::Paired
        | Request::SecondFactor { .. }
        | Request::Revoke { .. }
        | Request::NewToken(_)
        | Request::EndToken { .. }
        | Request::Password(_)
        | Request::SignOut { .. }
        | Request::Edit { .. }
        | Request::Retry { .. }
        | Request::Discard { .. }
        | Request::ExportRest { .. }
        | Request::AdoptPart { .. }
        | Request::Adopt { .. }
        | Request::Settle { .. }
        | Request::Undo { .. }
        | Request::Redo { .. }
        | Request::Draft { .. }
        | Request::Unlock { .. }
        | Request::SetPin { .. }
        | Request::Stop => false,
    }
}
