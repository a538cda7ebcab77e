//! Changes of others, in three stages at once: a page is committed while the next one is read and
//! the one after it is on its way. Each stage is ahead of the one behind it by a page at most, so
//! that none waits for the slowest of a moment and memory stays bounded: five pages. A page whose
//! commit fails ends the pull; it begins again where the cache stands.

use std::convert::Infallible;

use redtag_protocol::{api::changes::End, stamp::Seq};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{CallError, Hands, clock, lessons::Place};
use crate::{
    cache::{Page, Prepared, Store},
    core::{Input, LaneName},
    remote::{AccessToken, RawPage, RemoteError},
    view::Forms,
};

/// A page of up to so many bytes is read where it is committed: the way to another thread and back
/// costs more.
const SMALL: usize = 32 << 10;

/// Where in a pull a page stands.
#[derive(Clone, Copy)]
struct Turn {
    /// Whether no other page came before it.
    first: bool,
    /// Whether the API says that another one follows.
    more: bool,
    /// What was acknowledged when the pull began.
    acked: Seq,
}

/// What a page came to.
struct Taken {
    input: Input,
    /// Whether the next page may follow.
    more: bool,
}

/// A page, or why none came.
type Fetched = Result<RawPage, CallError>;

/// A page that is read, and whether another one follows.
type Ready = Result<(Prepared, bool), CallError>;

impl Hands {
    /// Everything that is new, committed page by page; each but the last is told on its way.
    pub(in crate::actor) async fn pull(
        &self,
        access: &AccessToken,
        token: u64,
    ) -> Result<Input, CallError> {
        let Place { cursor, acked } = match self.page.place() {
            Some(place) => place,
            None => self.cache.call(|store| Place::of(store)).await?,
        };
        let page = self.fetch(access, cursor.as_deref()).await?;
        let next = next_cursor(page.end(), cursor.as_deref())?;
        let turn = Turn {
            first: true,
            more: next.is_some(),
            acked,
        };
        let Some(next) = next else {
            return Ok(self.take(page, turn).await?.input);
        };
        let (raw, fetched) = channel(1);
        let (prepared, ready) = channel(1);
        let ahead = async {
            tokio::join!(
                self.fetch_on(access, (page, next), raw),
                self.read_on(fetched, prepared)
            );
            // Who commits has what there was to have, or something else ended the pull.
            std::future::pending::<Infallible>().await
        };
        tokio::select! {
            done = self.commit_on(ready, turn, token) => done,
            never = ahead => match never {},
        }
    }

    /// Hands on a page that has come, and fetches those that follow.
    async fn fetch_on(
        &self,
        access: &AccessToken,
        (mut page, mut cursor): (RawPage, String),
        to: Sender<Fetched>,
    ) {
        loop {
            self.page.came(page.size());
            if to.send(Ok(page)).await.is_err() {
                return;
            }
            let fetched = self.fetch(access, Some(cursor.as_str())).await;
            let fetched =
                fetched.and_then(|page| Ok((next_cursor(page.end(), Some(&cursor))?, page)));
            let last = match fetched {
                Ok((Some(next), following)) => {
                    (page, cursor) = (following, next);
                    continue;
                }
                Ok((None, last)) => Ok(last),
                Err(error) => Err(error),
            };
            // Nobody may want it any more.
            let _ = to.send(last).await;
            return;
        }
    }

    /// Reads what was fetched, each page with the templates that came before it.
    async fn read_on(&self, mut from: Receiver<Fetched>, to: Sender<Ready>) {
        let mut forms = self.forms().await;
        while let Some(fetched) = from.recv().await {
            let ready = match (fetched, forms) {
                (Ok(raw), Ok(known)) => read(raw, known).await,
                (Err(error), _) | (_, Err(error)) => Err(error),
            };
            let (ready, known) = match ready {
                Ok((page, more, known)) => (Ok((page, more)), Ok(known)),
                Err(error) => (Err(error), Err(CallError::Fault)),
            };
            if to.send(ready).await.is_err() || known.is_err() {
                return;
            }
            forms = known;
        }
    }

    /// Commits what is ready, until there is no more.
    async fn commit_on(
        &self,
        mut from: Receiver<Ready>,
        mut turn: Turn,
        token: u64,
    ) -> Result<Input, CallError> {
        loop {
            let ready = from.recv().await.unwrap_or(Err(CallError::Fault));
            let (page, more) = ready?;
            turn.more = more;
            let Taken { input, more } = self.commit(page, turn).await?;
            if !more {
                return Ok(input);
            }
            self.report(LaneName::Pull, token, Ok(going_on(input)));
            turn.first = false;
        }
    }

    /// One page, whole.
    async fn fetch(&self, access: &AccessToken, cursor: Option<&str>) -> Fetched {
        let answer = self
            .remote
            .changes(access, self.shop, cursor, Some(self.page.limit()))
            .await?;
        self.correct_clock(answer.date);
        let page = answer.value.whole().await;
        match &page {
            Err(RemoteError::TooMuch { .. }) => self.page.too_much(),
            // Whatever broke it off may do so again at the same place.
            Err(RemoteError::Offline { .. } | RemoteError::Garbage { .. }) => self.page.broke_off(),
            _ => {}
        }
        Ok(page?)
    }

    /// Takes a page that stands alone: a small one is read where it is committed.
    async fn take(&self, raw: RawPage, turn: Turn) -> Result<Taken, CallError> {
        if raw.size() > SMALL {
            let (page, _, _) = read(raw, self.forms().await?).await?;
            return self.commit(page, turn).await;
        }
        let telling = self.clone();
        self.cache
            .call(move |store| {
                let forms = store.board().forms().clone();
                let (page, ..) = prepare(&raw, forms)?;
                telling.take_in(store, page, turn)
            })
            .await?
    }

    async fn commit(&self, page: Prepared, turn: Turn) -> Result<Taken, CallError> {
        let telling = self.clone();
        self.cache
            .call(move |store| telling.take_in(store, page, turn))
            .await?
    }

    /// On the cache's thread.
    fn take_in(&self, store: &mut Store, page: Prepared, turn: Turn) -> Result<Taken, CallError> {
        // Before anything is taken: a crash in between must not forget the question.
        let missed = store.missed(&page, turn.acked);
        let restored = page.restored(store.meta().cursor.as_deref())
            || store.begins_blind()?
            || missed.is_some_and(|seq| self.page.doubts(seq));
        if restored {
            store.doubt()?;
        }
        store.takes(self.remote.takes());
        let now = clock::wall();
        // A copy that is whole is on the disk when that is said.
        let mut pulled = if turn.first || turn.more {
            store.lazily(|store| store.take(page, now))?
        } else {
            store.take(page, now)?
        };
        self.page.stands(Place::of(store));
        if !turn.more
            && let Err(error) = store.tidy_daily(now)
        {
            tracing::warn!(%error, "old operations stay until the next start");
        }
        // From here: the way back to the task is one more for those who wait to hear.
        if !pulled.touched.is_empty() || pulled.anew {
            self.changed(store, std::mem::take(&mut pulled.touched));
        }
        Ok(Taken {
            more: turn.more && pulled.more && !pulled.reset,
            input: Input::Pulled {
                seq: pulled.seq,
                more: pulled.more,
                reset: pulled.reset,
                restored,
                goes_on: false,
            },
        })
    }

    /// The templates that are known.
    async fn forms(&self) -> Result<Forms, CallError> {
        let forms = |store: &mut Store| store.board().forms().clone();
        Ok(self.cache.call(forms).await?)
    }
}

/// Reads a page on a thread of its own; with it whether another one follows, and the templates that
/// are known after it.
async fn read(raw: RawPage, forms: Forms) -> Result<(Prepared, bool, Forms), CallError> {
    let read = tokio::task::spawn_blocking(move || prepare(&raw, forms));
    Ok(read.await.map_err(|_| CallError::Fault)??)
}

fn prepare(raw: &RawPage, forms: Forms) -> Result<(Prepared, bool, Forms), RemoteError> {
    let mut page = Page::after(forms);
    let last = raw.read(|line| page.read(line))?;
    page.push(last);
    let (page, forms) = page.done();
    Ok((page, raw.end().is_some_and(|end| end.more), forms))
}

/// Where the page after one that ends so begins, if there is to be one. `from` is where the page
/// itself was asked from: one that leads back there leads nowhere.
fn next_cursor(end: Option<&End>, from: Option<&str>) -> Result<Option<String>, RemoteError> {
    let next = end.filter(|end| end.more).map(|end| end.cursor.as_str());
    if next.is_some() && next == from {
        return Err(RemoteError::Garbage {
            words: "the API says that there is more and gives nothing further".to_owned(),
        });
    }
    Ok(next.map(str::to_owned))
}

fn going_on(input: Input) -> Input {
    match input {
        Input::Pulled {
            seq,
            more,
            reset,
            restored,
            ..
        } => Input::Pulled {
            seq,
            more,
            reset,
            restored,
            goes_on: true,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests;
