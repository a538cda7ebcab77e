//! The calls to the API: each runs as a task of its own and comes back as an event.

use redtag_protocol::{
    api::devices,
    ids::{DeviceId, ShopId},
    stamp::Stamp,
};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    clock,
    event::{Event, News},
};
use crate::{
    cache::{Cache, CacheError, Page},
    core::{Input, LaneName, Trouble},
    remote::{AccessToken, DeviceKey, LiveEvent, RefreshToken, Remote, RemoteError},
};

/// What a task works with.
#[derive(Clone)]
pub(super) struct Hands {
    pub(super) account: String,
    pub(super) cache: Cache,
    pub(super) remote: Remote,
    pub(super) shop: ShopId,
    pub(super) bench: String,
    pub(super) events: UnboundedSender<Event>,
}

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Cache(#[from] CacheError),
    #[error("the device's key is damaged; sign out and in again")]
    Key,
    #[error("a newer sign-in has taken its place")]
    Overtaken,
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Remote(RemoteError::Unauthorized) => Self::Unauthorized,
            CallError::Remote(RemoteError::SignedOut { words }) => Self::SignedOut(words),
            CallError::Remote(RemoteError::NotAMember { words }) => Self::Left(words),
            CallError::Remote(RemoteError::RetryAfter(seconds)) => Self::RetryAfter(seconds),
            CallError::Remote(RemoteError::TooLarge) => Self::TooLarge,
            CallError::Remote(RemoteError::Rejected { code, .. })
                if code == redtag_protocol::api::error::code::OTHER_DEVICE =>
            {
                Self::OtherDevice
            }
            CallError::Remote(error) => Self::Passing(error.to_string()),
            CallError::Cache(error) => {
                tracing::error!(%error, "the cache failed");
                Self::Passing(format!("this machine's cache failed: {error}"))
            }
            CallError::Key => Self::SignedOut(error.to_string()),
            CallError::Overtaken => Self::Passing(error.to_string()),
        }
    }
}

impl Hands {
    /// Sends news of the account to the actor.
    pub(super) fn tell(&self, news: News) {
        // The actor may have ended; then nobody needs to know.
        let _ = self.events.send(Event::Account(self.account.clone(), news));
    }

    /// Sends what a call came to.
    pub(super) fn report(&self, lane: LaneName, token: u64, done: Result<Input, CallError>) {
        let input = done.unwrap_or_else(|error| {
            tracing::debug!(?lane, %error, "a call did not succeed");
            Input::Failed {
                lane,
                token,
                trouble: error.into(),
            }
        });
        self.tell(News::Input(input));
    }

    async fn correct_clock(&self, date: Option<Stamp>) -> Result<(), CacheError> {
        if let Some(date) = date {
            let wall = clock::wall();
            self.cache
                .call(move |store| store.correct_clock(date, wall))
                .await?;
        }
        Ok(())
    }

    /// A new access token. The refresh token that comes with it is durable before anyone hears.
    pub(super) async fn refresh(&self) -> Result<(AccessToken, u64), CallError> {
        let (token, seed) = self
            .cache
            .call(|store| {
                (
                    store.meta().refresh.clone(),
                    store.meta().device_key.clone(),
                )
            })
            .await?;
        let Some(token) = token else {
            return Err(RemoteError::SignedOut {
                words: "nobody is signed in to this account; sign in again".to_owned(),
            }
            .into());
        };
        let seed: [u8; 32] = seed.try_into().map_err(|_| CallError::Key)?;
        let key = DeviceKey::from_seed(&seed).map_err(|_| CallError::Key)?;
        let used = RefreshToken::new(token);
        let answer = self.remote.refresh(&used, &key).await?;
        self.correct_clock(answer.date).await?;
        let tokens = answer.value;
        let next = tokens.refresh.expose().to_owned();
        let seal_to = tokens.seal_to;
        let kept = self
            .cache
            .call(move |store| {
                // A person may have signed in meanwhile: that sign-in is the one that counts.
                let present = store.meta().refresh.as_deref() == Some(used.expose());
                if present {
                    store.change_meta(|meta| {
                        meta.refresh = Some(next);
                        meta.seal_to = seal_to.or(meta.seal_to.take());
                    })?;
                }
                Ok::<_, CacheError>(present)
            })
            .await??;
        if !kept {
            return Err(CallError::Overtaken);
        }
        Ok((tokens.access, tokens.expires_in))
    }

    /// One page, committed.
    pub(super) async fn pull(&self, access: &AccessToken) -> Result<Input, CallError> {
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
            .call(move |store| store.take(page, now))
            .await??;
        if !pulled.touched.is_empty() || pulled.anew {
            self.tell(News::Changed(pulled.touched));
        }
        Ok(Input::Pulled {
            seq: pulled.seq,
            more: pulled.more,
            reset: pulled.reset,
        })
    }

    /// One batch. What became of it is told by the cache's thread, so that the word of what waits
    /// is never older than the word of an edit that was saved after it.
    pub(super) async fn push(&self, access: &AccessToken, most: usize) -> Result<(), CallError> {
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
                            hands.tell(News::Changed(touched));
                        }
                    })
                    .await?;
                return Err(error.into());
            }
        };
        self.correct_clock(answer.date).await?;
        let (hands, now) = (self.clone(), clock::wall());
        self.cache
            .call(move |store| {
                let decided = store.answered(batch.device, &answer.value, now)?;
                // None named would mean “too many to name”.
                if !decided.touched.is_empty() {
                    hands.tell(News::Changed(decided.touched));
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
    pub(super) async fn fork(&self, device: DeviceId) -> Result<(), CallError> {
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

    /// Tells the API of the cache's new device id.
    pub(super) async fn register(&self, access: &AccessToken) -> Result<Input, CallError> {
        let device = self.cache.call(|store| store.meta().device).await?;
        let request = devices::Request {
            device,
            name: self.bench.clone(),
        };
        self.remote
            .register_device(access, self.shop, &request)
            .await?;
        self.cache
            .call(|store| store.change_meta(|meta| meta.registered = true))
            .await??;
        Ok(Input::Registered)
    }

    /// The live channel, until it ends.
    pub(super) async fn live(&self, access: &AccessToken) -> Result<Input, CallError> {
        let answer = self.remote.live(access, self.shop).await?;
        self.correct_clock(answer.date).await?;
        let mut live = answer.value;
        self.tell(News::Input(Input::LiveOpened));
        while let Some(event) = live.next().await? {
            if let LiveEvent::Seq(seq) = event {
                self.tell(News::Input(Input::Hint(seq)));
            }
        }
        Ok(Input::LiveEnded)
    }
}
