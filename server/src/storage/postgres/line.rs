//! A pooled connection inside one transaction.
//!
//! Every unit of work is one transaction whose first statement says for whom it is, in settings
//! that end with it. Nothing is ever set on the connection itself, so there is nothing that it
//! could carry over to the next one.
//!
//! Statements that do not depend on each other's answers go out together, in one flight: the way to
//! the server and back is most of what a small transaction costs.

use std::{borrow::Cow, time::Duration};

use redtag_protocol::ids::{PersonId, SessionId, ShopId};
use tokio::time::timeout;

use super::{
    StorageError,
    flight::{self, Answer, Call, call},
    pool::Client,
    queue::Turn,
    value::{Value, named},
};

/// An answer that takes longer does not come any more: the line is given up.
const DEADLINE: Duration = Duration::from_secs(30);

/// How long a transaction that nobody wants any more may take to roll back before its connection is
/// closed, which ends it too.
const ROLLBACK: Duration = Duration::from_secs(5);

pub(super) use crate::storage::sql::hosted::{BEGIN_READ, BEGIN_WRITE, COMMIT, SETTINGS};

/// For whom a transaction is, as the policies of row-level security ask.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    /// Rows of one shop.
    Shop(ShopId),
    /// A person's own sign-ins and memberships, in whatever shops.
    Person(PersonId),
    /// One sign-in, whose shop is not known yet.
    Session(SessionId),
    /// The rows of all shops in the list of them, nothing inside.
    EveryShop,
    /// What belongs to no shop.
    Nobody,
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// One snapshot, refuses to write.
    Read,
    /// Each statement sees what is committed by then. Whatever is decided on a value is decided
    /// under its row's lock.
    Write,
}

/// A connection that a transaction goes over. Dropped inside one, it is rolled back behind the
/// caller's back and only then given back to the pool, and the turn in the shop's queue with it.
#[derive(Debug)]
pub(super) struct Line {
    /// None once it was given back or closed.
    client: Option<Client>,
    turn: Option<Turn>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not begun, or committed.
    Idle,
    /// In a transaction, or perhaps in one.
    Inside,
    /// Good for nothing.
    Broken,
}

/// Begins, says for whom, makes these calls and commits: a whole unit of work for one flight.
pub(super) fn unit(purpose: Purpose, scope: Scope, calls: Vec<Call<'_>>) -> Vec<Call<'_>> {
    let mut all = opening(purpose, scope);
    all.extend(calls);
    all.push(call(COMMIT, Vec::new()));
    all
}

/// Begins and says for whom: the first calls of a unit of work.
pub(super) fn opening<'a>(purpose: Purpose, scope: Scope) -> Vec<Call<'a>> {
    let begin = match purpose {
        Purpose::Read => BEGIN_READ,
        Purpose::Write => BEGIN_WRITE,
    };
    let nothing = || Value::Text(Cow::Borrowed(""));
    let text = |id: String| Value::Text(Cow::Owned(id));
    let (mut shop, mut person, mut session, mut every) =
        (nothing(), nothing(), nothing(), nothing());
    match scope {
        Scope::Shop(id) => shop = text(id.to_string()),
        Scope::Person(id) => person = text(id.to_string()),
        Scope::Session(id) => session = text(id.to_string()),
        Scope::EveryShop => every = "on".into(),
        Scope::Nobody => {}
    }
    let settings = named! {shop: shop, person: person, session: session, every: every};
    vec![call(begin, Vec::new()), call(SETTINGS, settings)]
}

/// How many calls [`opening`] makes.
pub(super) const OPENING: usize = 2;

impl Line {
    pub(super) fn new(client: Client, turn: Option<Turn>) -> Self {
        Self {
            client: Some(client),
            turn,
            state: State::Idle,
        }
    }

    /// Makes all calls in one flight. The first that fails is the error, and the transaction can
    /// only be dropped then. If the last one commits, the line is free afterwards.
    pub(super) async fn fly(&mut self, calls: &[Call<'_>]) -> Result<Vec<Answer>, StorageError> {
        if ends(calls) {
            // The next writer may ask for the head now: it waits in the database for as long as
            // this commit takes, and begins without another way there and back.
            self.turn = None;
        }
        let client = self.take_up()?;
        let done = within(flight::fly(client, calls)).await;
        let done = self.settle(done)?;
        if ends(calls) {
            self.state = State::Idle;
        }
        Ok(done)
    }

    /// The connection, for work that [`settle`](Self::settle) must end.
    pub(super) fn take_up(&mut self) -> Result<&Client, StorageError> {
        match &self.client {
            Some(client) if self.state != State::Broken => {
                self.state = State::Inside;
                Ok(client)
            }
            _ => Err(StorageError::Lost),
        }
    }

    /// What became of work: after a loss nothing more goes over this line.
    pub(super) fn settle<T>(&mut self, done: Result<T, StorageError>) -> Result<T, StorageError> {
        if let Err(StorageError::Lost) = done {
            self.state = State::Broken;
        }
        done
    }
}

/// Whether these calls are the last ones of their transaction.
fn ends(calls: &[Call<'_>]) -> bool {
    calls.last().is_some_and(|it| it.text == COMMIT)
}

/// Waits for an answer no longer than it can take.
pub(super) async fn within<T>(
    work: impl Future<Output = Result<T, StorageError>>,
) -> Result<T, StorageError> {
    timeout(DEADLINE, work).await.unwrap_or_else(|_| {
        tracing::error!("PostgreSQL did not answer in time; its connection is closed");
        Err(StorageError::Lost)
    })
}

impl Drop for Line {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else {
            return;
        };
        match self.state {
            State::Idle => {}
            State::Broken => close(client),
            State::Inside => {
                let turn = self.turn.take();
                match tokio::runtime::Handle::try_current() {
                    Ok(runtime) => drop(runtime.spawn(roll_back(client, turn))),
                    Err(_) => close(client),
                }
            }
        }
    }
}

/// Ends the transaction, then gives the connection back.
async fn roll_back(client: Client, turn: Option<Turn>) {
    let ended = timeout(ROLLBACK, client.batch_execute("ROLLBACK")).await;
    if !matches!(ended, Ok(Ok(()))) {
        close(client);
    }
    drop(turn);
}

/// Hangs up. The server rolls back what was open.
fn close(client: Client) {
    drop(Client::take(client));
}
