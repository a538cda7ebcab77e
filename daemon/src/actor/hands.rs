//! The calls to the API: each runs as a task of its own and comes back as an event.

mod lessons;
mod live;
mod pull;
mod push;

use std::sync::{Arc, Mutex, PoisonError};

pub(super) use lessons::Lessons;
use redtag_protocol::{entity::EntityRef, ids::ShopId, stamp::Stamp};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    clock,
    copies::Copied,
    event::{Event, News},
};
use crate::{
    cache::{Cache, CacheError, Store},
    core::{Input, LaneName, Trouble},
    remote::{AccessToken, DeviceKey, RefreshToken, Remote, RemoteError},
    view,
};

/// What a task works with.
#[derive(Clone)]
pub(super) struct Hands {
    pub(super) account: String,
    pub(super) cache: Cache,
    pub(super) remote: Remote,
    pub(super) shop: ShopId,
    pub(super) bench: String,
    /// The copy of its key at the API.
    pub(super) copied: Option<Copied>,
    pub(super) page: Arc<Lessons>,
    /// In which epoch of the API's database the membership has ended, or the sign-in was revoked, where
    /// that was told.
    pub(super) left_in: Arc<Mutex<Option<String>>>,
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
    #[error("a fault in this program; the log has it")]
    Fault,
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Remote(RemoteError::Unauthorized) => Self::Unauthorized,
            CallError::Remote(RemoteError::SignedOut { words }) => Self::SignedOut(words),
            CallError::Remote(RemoteError::NotAMember { words, .. }) => Self::Left(words),
            CallError::Remote(RemoteError::Moved { .. }) => Self::Moved,
            CallError::Remote(RemoteError::Revoked { words, .. }) => Self::Revoked(words),
            CallError::Remote(RemoteError::RetryAfter(seconds)) => Self::RetryAfter(seconds),
            CallError::Remote(RemoteError::TooLarge) => Self::TooLarge,
            CallError::Remote(error @ RemoteError::TooLargeOnTheWay) => {
                Self::TooLargeOnTheWay(error.to_string())
            }
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
            CallError::Overtaken | CallError::Fault => Self::Passing(error.to_string()),
        }
    }
}

impl Hands {
    /// Sends news of the account to the actor.
    pub(super) fn tell(&self, news: News) {
        // The actor may have ended; then nobody needs to know.
        let _ = self.events.send(Event::Account(self.account.clone(), news));
    }

    /// Tells that documents look different, on the cache's thread: none named means too many to name.
    pub(super) fn changed(&self, store: &mut Store, touched: Vec<EntityRef>) {
        let differences = view::differences(store, &touched);
        self.tell(News::Changed(touched, differences));
    }

    /// Sends what a call came to.
    pub(super) fn report(&self, lane: LaneName, token: u64, done: Result<Input, CallError>) {
        let input = done.unwrap_or_else(|error| {
            tracing::debug!(?lane, %error, "a call did not succeed");
            if let CallError::Remote(
                RemoteError::NotAMember { epoch, .. } | RemoteError::Revoked { epoch, .. },
            ) = &error
            {
                let mut left_in = self.left_in.lock().unwrap_or_else(PoisonError::into_inner);
                left_in.clone_from(epoch);
            }
            Input::Failed {
                lane,
                token,
                trouble: error.into(),
            }
        });
        self.tell(News::Input(input));
    }

    /// Nobody waits for it: it is done in its turn, before whatever is saved from here on.
    pub(super) fn correct_clock(&self, date: Option<Stamp>) {
        if let Some(date) = date {
            let wall = clock::wall();
            drop(
                self.cache
                    .call(move |store| store.correct_clock(date, wall)),
            );
            self.tell(News::Heard(date));
        }
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
        self.correct_clock(answer.date);
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
}
