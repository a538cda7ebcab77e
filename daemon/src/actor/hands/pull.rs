//! Changes of others: fetched and committed, page by page.

use super::{CallError, Hands, News, clock};
use crate::{
    cache::{CacheError, Page},
    core::Input,
    remote::{AccessToken, RemoteError},
};

impl Hands {
    /// One page, committed.
    pub(in crate::actor) async fn pull(&self, access: &AccessToken) -> Result<Input, CallError> {
        let cursor = self.cache.call(|store| store.meta().cursor.clone()).await?;
        let answer = self
            .remote
            .changes(access, self.shop, cursor.as_deref(), None)
            .await?;
        self.correct_clock(answer.date).await?;
        let mut lines = answer.value;
        let mut page = Page::default();
        while let Some(line) = lines.next().await? {
            if page.push(line) {
                break;
            }
        }
        if !page.whole() {
            return Err(RemoteError::Offline {
                words: "the API's answer broke off; the rest is fetched again".to_owned(),
            }
            .into());
        }
        if page.stands_still(cursor.as_deref()) {
            return Err(RemoteError::Garbage {
                words: "the API says that there is more and gives nothing further".to_owned(),
            }
            .into());
        }
        let now = clock::wall();
        let pulled = self
            .cache
            .call(move |store| {
                // Before anything is taken: a crash in between must not forget the question.
                let restored = page.restored(store.meta().cursor.as_deref());
                if restored {
                    store.doubt()?;
                }
                let pulled = store.take(page, now)?;
                Ok::<_, CacheError>((pulled, restored))
            })
            .await??;
        let (pulled, restored) = pulled;
        if !pulled.touched.is_empty() || pulled.anew {
            self.tell(News::Changed(pulled.touched));
        }
        Ok(Input::Pulled {
            seq: pulled.seq,
            more: pulled.more,
            reset: pulled.reset,
            restored,
            goes_on: false,
        })
    }
}
