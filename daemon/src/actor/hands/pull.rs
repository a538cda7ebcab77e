//! Changes of others. While one page is read and committed, the next is on its way already: two
//! pages at most are in memory. A page whose commit fails ends the pull; it begins again where the
//! cache stands.

use std::sync::atomic::{AtomicU32, Ordering};

use redtag_protocol::api::changes::End;

use super::{CallError, Hands, News, clock};
use crate::{
    cache::{CacheError, Page},
    core::{Input, LaneName},
    remote::{AccessToken, RawPage, RemoteError},
};

/// How large a page is to be, in bytes: large enough that a commit is worth it, small enough for
/// two of them in memory, read.
const PAGE: usize = 1 << 20;

/// How many changes are asked for at first, at least and at most.
const FIRST: u32 = 400;
const MOST: u32 = 4_000;

/// How many changes to ask for, as the pages before have taught.
#[derive(Debug)]
pub(in crate::actor) struct PageSize(AtomicU32);

impl Default for PageSize {
    fn default() -> Self {
        Self(AtomicU32::new(FIRST))
    }
}

impl PageSize {
    fn limit(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// A page came that was not the last: so many bytes for what was asked.
    fn came(&self, bytes: usize) {
        let limit = u64::from(self.limit());
        let size = u64::try_from(bytes).unwrap_or(u64::MAX).max(1);
        let fits = limit.saturating_mul(PAGE as u64) / size;
        // Not more than twice as many, for the next ones may be larger.
        let next = fits.clamp(1, limit * 2).min(u64::from(MOST));
        self.0
            .store(u32::try_from(next).unwrap_or(MOST), Ordering::Relaxed);
    }

    fn too_much(&self) {
        self.0.store((self.limit() / 4).max(1), Ordering::Relaxed);
    }
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
        let mut cursor = self.cache.call(|store| store.meta().cursor.clone()).await?;
        let mut page = self.fetch(access, cursor.as_deref()).await?;
        let mut first = true;
        loop {
            let next = page.end().filter(|end| end.more).map(next_cursor);
            if next.is_some() && next == cursor {
                return Err(RemoteError::Garbage {
                    words: "the API says that there is more and gives nothing further".to_owned(),
                }
                .into());
            }
            let Some(next) = next else {
                return Ok(self.take(page, first).await?.input);
            };
            self.page.came(page.size());
            let (done, fetched) = tokio::join!(
                self.take(page, first),
                self.fetch(access, Some(next.as_str()))
            );
            let Taken { input, more } = done?;
            if !more {
                return Ok(input);
            }
            self.report(LaneName::Pull, token, Ok(going_on(input)));
            page = fetched?;
            first = false;
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

    /// Reads a page on a thread of its own and has it committed. `first`: whether no other page
    /// of this pull came before it.
    async fn take(&self, raw: RawPage, first: bool) -> Result<Taken, CallError> {
        let more = raw.end().is_some_and(|end| end.more);
        let forms = self
            .cache
            .call(|store| store.board().forms().clone())
            .await?;
        let read = move || {
            let mut page = Page::default();
            for line in raw.lines() {
                page.push(line?);
            }
            Ok::<_, RemoteError>(page.prepare(forms))
        };
        let page = tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| CallError::Fault)??;
        let now = clock::wall();
        let (pulled, restored) = self
            .cache
            .call(move |store| {
                // Before anything is taken: a crash in between must not forget the question.
                let restored = page.restored(store.meta().cursor.as_deref());
                if restored {
                    store.doubt()?;
                }
                // A copy that is whole is on the disk when that is said.
                let pulled = if first || more {
                    store.lazily(|store| store.take(page, now))?
                } else {
                    store.take(page, now)?
                };
                Ok::<_, CacheError>((pulled, restored))
            })
            .await??;
        if !pulled.touched.is_empty() || pulled.anew {
            self.tell(News::Changed(pulled.touched));
        }
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
        let size = PageSize::default();
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
