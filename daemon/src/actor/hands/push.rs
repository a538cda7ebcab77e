//! Changes of ours: handed in, and what becomes of their numbers.

use redtag_protocol::{
    api::{devices, ops::Ending},
    ids::DeviceId,
    op::PLACES,
};

use super::{CallError, Hands, News, clock};
use crate::{
    cache::{CacheError, Held, Reopened},
    core::Input,
    remote::AccessToken,
};

impl Hands {
    /// One batch. What became of it is told by the cache's thread, so that the word of what waits
    /// is never older than the word of an edit that was saved after it.
    pub(in crate::actor) async fn push(
        &self,
        access: &AccessToken,
        most: usize,
    ) -> Result<(), CallError> {
        let hands = self.clone();
        let batch = self
            .cache
            .call(move |store| {
                let batch = store.batch(most)?;
                if batch.is_none() {
                    hands.tell(News::Input(Input::Pushed {
                        outcomes: 0,
                        waiting: 0,
                        seq: None,
                        ending: None,
                    }));
                }
                Ok::<_, CacheError>(batch)
            })
            .await??;
        let Some(batch) = batch else { return Ok(()) };
        self.tell(News::Sent);
        let answer = match self.remote.ops(access, self.shop, batch.body).await {
            Ok(answer) => answer,
            Err(error) => {
                let hands = self.clone();
                self.cache
                    .call(move |store| {
                        let touched = store.unsend();
                        if !touched.is_empty() {
                            hands.changed(store, touched);
                        }
                    })
                    .await?;
                return Err(error.into());
            }
        };
        self.correct_clock(answer.date);
        if matches!(answer.value.ending, Some(Ending::UpgradeRequired { .. })) {
            self.remote.doubt();
        }
        let (hands, now) = (self.clone(), clock::wall());
        self.cache
            .call(move |store| {
                let decided =
                    store.lazily(|store| store.answered(batch.device, &answer.value, now))?;
                // None named would mean “too many to name”.
                if !decided.touched.is_empty() {
                    hands.changed(store, decided.touched);
                }
                hands.tell(News::Input(Input::Pushed {
                    outcomes: decided.outcomes,
                    waiting: decided.waiting,
                    seq: decided.seq,
                    ending: decided.ending,
                }));
                if decided.refused > 0 {
                    tracing::warn!(
                        count = decided.refused,
                        "the API refused edits; they are kept"
                    );
                }
                Ok::<_, CacheError>(())
            })
            .await??;
        Ok(())
    }

    /// Takes a new device id.
    pub(in crate::actor) async fn fork(&self, device: DeviceId) -> Result<(), CallError> {
        tracing::warn!("another home uses this device id; a new one is taken");
        let hands = self.clone();
        self.cache
            .call(move |store| {
                let waiting = store.fork(device)?;
                hands.tell(News::Input(Input::Forked { waiting }));
                Ok::<_, CacheError>(())
            })
            .await??;
        Ok(())
    }

    /// Puts the first stroke into quarantine: the API takes no message that large.
    pub(in crate::actor) async fn give_up(&self) -> Result<(), CallError> {
        tracing::warn!("the API takes no message as large as one edit; the edit is kept");
        let (hands, now) = (self.clone(), clock::wall());
        self.cache
            .call(move |store| {
                let touched = store.give_up(now)?;
                if !touched.is_empty() {
                    hands.changed(store, touched);
                }
                let (waiting, _) = store.pending().unsettled();
                hands.tell(News::Input(Input::GaveUp { waiting }));
                Ok::<_, CacheError>(())
            })
            .await??;
        Ok(())
    }

    /// Tells the API of the cache's device id, and sends again what it has lost.
    pub(in crate::actor) async fn register(&self, access: &AccessToken) -> Result<(), CallError> {
        self.copy_key(access).await?;
        let mut asked = self.cache.call(|store| store.asks()).await??;
        // The latest; an id that old is one of many forks.
        let old = asked.len().saturating_sub(1 + devices::FORMER);
        asked.drain(1..=old);
        // An older API knows of the last number of the present id alone.
        let places = self.remote.takes() >= PLACES;
        if !places {
            asked.truncate(1);
        }
        loop {
            let mut ids = asked.iter().map(|it| it.device);
            let Some(device) = ids.next() else { break };
            let request = devices::Request {
                device,
                name: self.bench.clone(),
                former: ids.collect(),
                from: asked.iter().filter(|_| places).map(Held::next).collect(),
            };
            let answer = self
                .remote
                .register_device(access, self.shop, &request)
                .await?
                .value;
            let lasts = std::iter::once(answer.last_number).chain(answer.former);
            let mut more = false;
            let mut digests = answer.digests.into_iter();
            for (held, last) in asked.iter_mut().zip(lasts) {
                let told = digests.next().unwrap_or_default();
                more |= held.told(last, &told.0);
            }
            if !more {
                break;
            }
        }
        let hands = self.clone();
        self.cache
            .call(move |store| {
                let Reopened { touched, renumber } = store.reopen(&asked)?;
                if !touched.is_empty() {
                    hands.changed(store, touched);
                }
                let (waiting, _) = store.pending().unsettled();
                hands.tell(News::Input(Input::Registered { waiting, renumber }));
                Ok::<_, CacheError>(())
            })
            .await??;
        Ok(())
    }
}
