//! What every command that talks to the daemon is given: the line, and typed questions on it.

use std::time::Duration;

use redtag_protocol::{
    customer::Customer,
    ids::InspectionId,
    ipc::{
        Account, BoardQuery, Failure, FailureCode, InspectionView, Lock, Pin, Quarantined, Reply,
        Request, Status, TemplatePage, TicketPage, TimelineEntry,
    },
    op::Edit,
    shop::Member,
    template::Template,
    vehicle::Vehicle,
};

use tokio::time::timeout;

use super::{fault::Fault, pin};
use crate::{
    link::{self, Link},
    paths::Paths,
    programs::Programs,
};

/// The surroundings of a command.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    /// How to call the siblings.
    pub(crate) programs: Programs,
    /// Where things lie.
    pub(crate) paths: Paths,
    /// The account that was named.
    pub(crate) account: Option<String>,
    /// Whether the PIN of a locked account is read from standard input.
    pub(crate) pin_stdin: bool,
}

/// A command's line to the daemon.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    link: Link,
    pin_stdin: bool,
}

/// What was saved: operation numbers of this bench, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Saved {
    /// The first.
    pub(crate) first: u64,
    /// The last.
    pub(crate) last: u64,
}

impl Desk {
    /// A line to the daemon, which is started where none runs.
    pub(crate) fn line(&self) -> Line {
        let (link, _) = Link::open(self.options(true));
        self.over(link)
    }

    /// A line for another account than the one that was named.
    pub(crate) fn line_for(&self, account: &str) -> Line {
        let (link, _) = Link::open(link::Options {
            account: Some(account.to_owned()),
            ..self.options(true)
        });
        self.over(link)
    }

    /// A line to the daemon that runs; none is started.
    pub(crate) fn line_to_running(&self) -> Line {
        let (link, _) = Link::open(self.options(false));
        self.over(link)
    }

    fn over(&self, link: Link) -> Line {
        Line {
            link,
            pin_stdin: self.pin_stdin,
        }
    }

    /// How the daemon is reached.
    pub(crate) fn options(&self, start: bool) -> link::Options {
        link::Options {
            sockets: self.paths.sockets(),
            account: self.account.clone(),
            daemon: start.then(|| self.programs.daemon.clone()),
            subscribe: false,
        }
    }
}

macro_rules! typed {
    ($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) -> $out:ty: $request:expr => $pattern:pat => $value:expr) => {
        $(#[$doc])*
        pub(crate) async fn $name(&self, $($arg: $of),*) -> Result<$out, Fault> {
            match self.ask($request).await? {
                $pattern => Ok($value),
                other => Err(unexpected(&other)),
            }
        }
    };
}

impl Line {
    /// A line over a link that stands already.
    #[cfg(test)]
    pub(crate) fn over(link: Link) -> Self {
        Self {
            link,
            pin_stdin: false,
        }
    }

    /// Asks, and gives the answer or the fault that ends the command.
    pub(crate) async fn ask(&self, request: Request) -> Result<Reply, Fault> {
        Ok(self.answered(request).await?)
    }

    /// Asks where a failure is something to act upon.
    pub(crate) async fn attempt(&self, request: Request) -> Result<Result<Reply, Failure>, Fault> {
        match self.answered(request).await {
            Ok(reply) => Ok(Ok(reply)),
            // There is nothing else to try with an account that stays locked.
            Err(link::Error::Failed(failure)) if failure.code != FailureCode::Locked => {
                Ok(Err(failure))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks, and where the account is locked asks for its PIN and once more.
    async fn answered(&self, request: Request) -> Result<Reply, link::Error> {
        let answered = self.once(request.clone()).await;
        let Err(link::Error::Failed(failure)) = &answered else {
            return answered;
        };
        if failure.code != FailureCode::Locked || matches!(request, Request::Unlock { .. }) {
            return answered;
        }
        if !self.takes_a_pin(&request).await {
            // The words say what helps.
            return answered;
        }
        let Some(typed) = pin::of_locked(&failure.words, self.pin_stdin) else {
            return Err(Failure::new(
                FailureCode::Locked,
                format!(
                    "{}. At a terminal it is asked for; --pin-stdin reads it from standard input",
                    failure.words
                ),
            )
            .into());
        };
        let account = match &request {
            Request::Use { account } => Some(account.clone()),
            _ => None,
        };
        self.once(Request::Unlock {
            account,
            pin: Pin(typed),
        })
        .await?;
        self.once(request).await
    }

    /// Whether a PIN is taken now for the account that a request is about.
    async fn takes_a_pin(&self, request: &Request) -> bool {
        let account = match request {
            Request::Use { account } => match self.once(Request::Accounts).await {
                Ok(Reply::Accounts(all)) => all
                    .into_iter()
                    .find(|it| it.id == *account || it.email.eq_ignore_ascii_case(account)),
                _ => None,
            },
            _ => match self.once(Request::Status).await {
                Ok(Reply::Status(status)) => status.account,
                _ => None,
            },
        };
        matches!(
            account.and_then(|it| it.lock),
            Some(Lock::Open | Lock::Locked)
        )
    }

    /// A daemon that hangs must not hang a script for ever.
    async fn once(&self, request: Request) -> Result<Reply, link::Error> {
        let Some(patience) = patience(&request) else {
            return self.link.request(request).await;
        };
        match timeout(patience, self.link.request(request)).await {
            Ok(answered) => answered,
            Err(_) => Err(link::Error::Unanswered(format!(
                "the daemon did not answer in {} seconds; “redtag daemon logs” shows what it does",
                patience.as_secs()
            ))),
        }
    }

    typed!(
        /// How things stand.
        status() -> Status: Request::Status => Reply::Status(status) => *status);
    /// Has a locked account opened.
    pub(crate) async fn open(&self) -> Result<(), Fault> {
        // The least that only an open account answers.
        self.ask(Request::Recall).await.map(drop)
    }

    /// How things stand, whole: a locked account, which says little of itself, is opened first.
    pub(crate) async fn whole_status(&self) -> Result<Status, Fault> {
        let status = self.status().await?;
        let lock = status.account.as_ref().and_then(|it| it.lock.as_ref());
        if lock.is_none_or(|it| matches!(it, Lock::Open | Lock::Lapsed)) {
            return Ok(status);
        }
        self.open().await?;
        self.status().await
    }

    typed!(
        /// All accounts.
        accounts() -> Vec<Account>: Request::Accounts => Reply::Accounts(accounts) => accounts);
    typed!(
        /// A page of the board.
        board(query: BoardQuery) -> TicketPage: Request::Board(query) => Reply::Board(page) => page);
    /// One inspection by what a person calls it.
    pub(crate) async fn find(&self, ticket: &str) -> Result<InspectionView, Fault> {
        let ticket = ticket.to_owned();
        match self.attempt(Request::Find { ticket }).await? {
            Ok(Reply::Inspection(view)) => Ok(*view),
            Ok(other) => Err(unexpected(&other)),
            Err(mut failure) => {
                if failure.code == FailureCode::NotFound && self.status().await?.filling {
                    failure
                        .words
                        .push_str("; the first copy of the shop is still on its way, try again");
                }
                Err(failure.into())
            }
        }
    }

    typed!(
        /// One inspection by id.
        inspection(id: InspectionId) -> InspectionView:
            Request::Inspection { id } => Reply::Inspection(view) => *view);
    typed!(
        /// The timeline of one inspection, the newest first.
        timeline(id: InspectionId) -> Vec<TimelineEntry>:
            Request::Timeline { id } => Reply::Timeline(entries) => entries);
    typed!(
        /// Vehicles that match a text.
        vehicles(text: &str) -> Vec<Vehicle>:
            Request::Vehicles { text: text.to_owned(), limit: 200 }
                => Reply::Vehicles(vehicles) => vehicles);
    typed!(
        /// Customers that match a text.
        customers(text: &str) -> Vec<Customer>:
            Request::Customers { text: text.to_owned(), limit: 200 }
                => Reply::Customers(customers) => customers);
    /// All template versions that the API did not refuse.
    pub(crate) async fn templates(&self) -> Result<Vec<Template>, Fault> {
        let mut all = TemplatePage::default();
        loop {
            let here = u32::try_from(all.templates.len()).unwrap_or(u32::MAX);
            let part = match self.attempt(Request::TemplatePage { offset: here }).await? {
                Ok(Reply::TemplatePage(part)) => part,
                Ok(other) => return Err(unexpected(&other)),
                // A daemon of before the parts gives all in one.
                Err(failure) if failure.code == FailureCode::Invalid => {
                    return match self.ask(Request::Templates).await? {
                        Reply::Templates(all) => Ok(all),
                        other => Err(unexpected(&other)),
                    };
                }
                Err(failure) => return Err(failure.into()),
            };
            if here > 0 && part.total != all.total {
                // There are others by now.
                all = TemplatePage::default();
                continue;
            }
            let last = part.templates.is_empty();
            all.total = part.total;
            all.templates.extend(part.templates);
            all.refused.extend(part.refused);
            if last || all.templates.len() >= usize::try_from(all.total).unwrap_or(0) {
                return Ok(all.taken());
            }
        }
    }

    typed!(
        /// All members.
        members() -> Vec<Member>: Request::Members => Reply::Members(members) => members);
    typed!(
        /// A provisional number.
        provisional() -> String: Request::Provisional => Reply::Provisional(label) => label);
    typed!(
        /// What the API refused.
        quarantine() -> Vec<Quarantined>: Request::Quarantine => Reply::Quarantine(items) => items);
    typed!(
        /// Tries a refused stroke again; returns once it is durable as a new one.
        retry(number: u64) -> Saved: Request::Retry { number }
            => Reply::Saved { first, last, .. } => Saved { first, last });
    typed!(
        /// Gives a refused stroke up.
        discard(number: u64) -> (): Request::Discard { number } => Reply::Done => ());
    typed!(
        /// Saves edits as one group; returns once they are durable.
        edit(edits: Vec<Edit>) -> Saved: Request::Edit { edits }
            => Reply::Saved { first, last, .. } => Saved { first, last });
}

/// How long a request may take. A sign-in goes over the network, and a wait takes what it takes.
fn patience(request: &Request) -> Option<Duration> {
    match request {
        Request::Sync { wait: true } | Request::Paired => None,
        Request::SignIn(_) | Request::SecondFactor { .. } => Some(Duration::from_mins(3)),
        _ => Some(Duration::from_mins(1)),
    }
}

/// An answer to another question. The log of neither side would tell more.
pub(crate) fn unexpected(reply: &Reply) -> Fault {
    let json = serde_json::to_value(reply).unwrap_or_default();
    let kind = json
        .as_object()
        .and_then(|it| it.keys().next().cloned())
        .or_else(|| json.as_str().map(str::to_owned))
        .unwrap_or_default();
    Fault::error(format!(
        "the daemon answered with “{kind}”, which is no answer to what was asked; install both \
         programs from one release"
    ))
}
