//! Changes of others. While one page is read and committed, the next is on its way already: two
//! pages at most are in memory. A page whose commit fails ends the pull; it begins again where the
//! cache stands.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

use redtag_protocol::{api::changes::End, stamp::Seq};

use super::{CallError, Hands, News, clock};
use crate::{
    cache::{Page, Prepared, Store},
    core::{Input, LaneName},
    remote::{AccessToken, RawPage, RemoteError},
};

/// How large a page is to be, in bytes: large enough that a commit is worth it, small enough for
/// two of them in memory, read.
const PAGE: usize = 1 << 20;

/// A page of up to so many bytes is read where it is committed: the way to another thread and back
/// costs more.
const SMALL: usize = 32 << 10;

/// How many changes are asked for at first, at least and at most.
const FIRST: u32 = 400;
const MOST: u32 = 4_000;

/// What the pages before have taught.
#[derive(Debug)]
pub(in crate::actor) struct Lessons {
    /// How many changes to ask for.
    limit: AtomicU32,
    /// The place of the operation whose loss the API was asked about last.
    doubted: AtomicU64,
    /// Where the cache stood after the last page, while no other is on its way.
    place: Mutex<Option<Place>>,
}

/// Where a pull begins.
#[derive(Debug, Clone)]
struct Place {
    cursor: Option<String>,
    /// What was acknowledged then; an older one only finds less.
    acked: Seq,
}

impl Place {
    fn of(store: &Store) -> Self {
        Self {
            cursor: store.meta().cursor.clone(),
            acked: store.newest_acked(),
        }
    }
}

impl Default for Lessons {
    fn default() -> Self {
        Self {
            limit: AtomicU32::new(FIRST),
            doubted: AtomicU64::new(0),
            place: Mutex::default(),
        }
    }
}

impl Lessons {
    /// Where the cache stands, once: a page that is not committed leaves it to be asked.
    fn place(&self) -> Option<Place> {
        self.lock().take()
    }

    fn stands(&self, place: Place) {
        *self.lock() = Some(place);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Place>> {
        // A place is whole whatever happened to the thread that put it there.
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limit(&self) -> u32 {
        self.limit.load(Ordering::Relaxed)
    }

    /// Whether the API is to be asked about an operation that should be at this place. What it
    /// says that it has is not asked for without end.
    fn doubts(&self, seq: Seq) -> bool {
        self.doubted.swap(seq.0, Ordering::Relaxed) != seq.0
    }

    /// A page came that was not the last: so many bytes for what was asked.
    fn came(&self, bytes: usize) {
        let limit = u64::from(self.limit());
        let size = u64::try_from(bytes).unwrap_or(u64::MAX).max(1);
        let fits = limit.saturating_mul(PAGE as u64) / size;
        // Not more than twice as many, for the next ones may be larger.
        let next = fits.clamp(1, limit * 2).min(u64::from(MOST));
        self.limit
            .store(u32::try_from(next).unwrap_or(MOST), Ordering::Relaxed);
    }

    fn too_much(&self) {
        self.limit
            .store((self.limit() / 4).max(1), Ordering::Relaxed);
    }
}

/// Where in a pull a page stands.
#[derive(Clone, Copy)]
struct Turn {
    /// Whether no other page came before it.
    first: bool,
    /// What was acknowledged when the pull began.
    acked: Seq,
}

/// What a page came to.
struct Taken {
    input: Input,
    /// Whether the next page may follow.
    more: bool,
}

impl Hands {
    /// Everything that is new, committed page by page; each but the last is told on its way.
    pub(in crate::actor) async fn pull(
        &self,
        access: &AccessToken,
        token: u64,
    ) -> Result<Input, CallError> {
        let Place { mut cursor, acked } = match self.page.place() {
            Some(place) => place,
            None => self.cache.call(|store| Place::of(store)).await?,
        };
        let mut page = self.fetch(access, cursor.as_deref()).await?;
        let mut turn = Turn { first: true, acked };
        loop {
            let next = page.end().filter(|end| end.more).map(next_cursor);
            if next.is_some() && next == cursor {
                return Err(RemoteError::Garbage {
                    words: "the API says that there is more and gives nothing further".to_owned(),
                }
                .into());
            }
            let Some(next) = next else {
                return Ok(self.take(page, turn).await?.input);
            };
            self.page.came(page.size());
            let (done, fetched) = tokio::join!(
                self.take(page, turn),
                self.fetch(access, Some(next.as_str()))
            );
            let Taken { input, more } = done?;
            if !more {
                return Ok(input);
            }
            self.report(LaneName::Pull, token, Ok(going_on(input)));
            page = fetched?;
            turn.first = false;
            cursor = Some(next);
        }
    }

    /// One page, whole.
    async fn fetch(
        &self,
        access: &AccessToken,
        cursor: Option<&str>,
    ) -> Result<RawPage, CallError> {
        let answer = self
            .remote
            .changes(access, self.shop, cursor, Some(self.page.limit()))
            .await?;
        self.correct_clock(answer.date);
        let page = answer.value.whole().await;
        if matches!(page, Err(RemoteError::TooMuch { .. })) {
            self.page.too_much();
        }
        Ok(page?)
    }

    /// Reads a page and has it committed: a large one is read on a thread of its own.
    async fn take(&self, raw: RawPage, turn: Turn) -> Result<Taken, CallError> {
        let more = raw.end().is_some_and(|end| end.more);
        // A copy that is whole is on the disk when that is said.
        let lazily = turn.first || more;
        let (now, telling) = (clock::wall(), self.clone());
        let commit = move |store: &mut Store, page: Prepared| {
            // Before anything is taken: a crash in between must not forget the question.
            let missed = store.missed(&page, turn.acked);
            let restored = page.restored(store.meta().cursor.as_deref())
                || store.begins_blind()?
                || missed.is_some_and(|seq| telling.page.doubts(seq));
            if restored {
                store.doubt()?;
            }
            let mut pulled = if lazily {
                store.lazily(|store| store.take(page, now))?
            } else {
                store.take(page, now)?
            };
            telling.page.stands(Place::of(store));
            // From here: the way back to the task is one more for those who wait to hear.
            if !pulled.touched.is_empty() || pulled.anew {
                telling.tell(News::Changed(std::mem::take(&mut pulled.touched)));
            }
            Ok::<_, CallError>((pulled, restored))
        };
        let (pulled, restored) = if raw.size() <= SMALL {
            self.cache
                .call(move |store| {
                    let forms = store.board().forms().clone();
                    let page = read(&raw)?.prepare(forms);
                    commit(store, page)
                })
                .await??
        } else {
            let forms = self
                .cache
                .call(|store| store.board().forms().clone())
                .await?;
            let read = move || Ok::<_, RemoteError>(read(&raw)?.prepare(forms));
            let page = tokio::task::spawn_blocking(read)
                .await
                .map_err(|_| CallError::Fault)??;
            self.cache.call(move |store| commit(store, page)).await??
        };
        Ok(Taken {
            more: pulled.more && !pulled.reset,
            input: Input::Pulled {
                seq: pulled.seq,
                more: pulled.more,
                reset: pulled.reset,
                restored,
                goes_on: false,
            },
        })
    }
}

fn read(raw: &RawPage) -> Result<Page, RemoteError> {
    let mut page = Page::default();
    for line in raw.lines() {
        page.push(line?);
    }
    Ok(page)
}

fn next_cursor(end: &End) -> String {
    end.cursor.clone()
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
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_as_large_as_the_ones_before_have_taught() {
        let size = Lessons::default();
        size.came(4 * PAGE);
        assert_eq!(size.limit(), FIRST / 4);
        size.came(0);
        assert_eq!(size.limit(), FIRST / 2);
        for _ in 0..20 {
            size.came(10);
        }
        assert_eq!(size.limit(), MOST);
        for _ in 0..20 {
            size.too_much();
        }
        assert_eq!(size.limit(), 1);
    }
}
