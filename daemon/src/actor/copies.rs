//! Copies of accounts' keys at the API, where this machine forgets its own with the power: made before an
//! account is used, brought back by a full sign-in.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Actor, clock,
    hands::{CallError, Hands},
    home::AccountFile,
    open,
    sign_in::{Arrived, Desk, Guest, blocking, random},
};
use crate::{
    remote::{AccessToken, Remote, RemoteError},
    secret::{self, CacheKey},
};
use redtag_protocol::{
    api::{
        error::code,
        key_copies::{Keep, Key},
    },
    ids::{KeyCopyId, ShopId},
    ipc::{Failure, FailureCode},
};

/// How often the kernel is asked for what it would forget.
const REMIND: Duration = Duration::from_hours(6);

/// The copy of an account's key, and what it is a copy of.
#[derive(Clone)]
pub(super) struct Copied {
    id: KeyCopyId,
    secrets: secret::Store,
}

impl Copied {
    /// Of an account whose key has a copy; none of one whose key is kept here.
    pub(super) fn of(id: Option<KeyCopyId>, secrets: Option<&secret::Store>) -> Option<Self> {
        let secrets = secrets?.clone();
        id.map(|id| Self { id, secrets })
    }

    /// Has the copy of an account forgotten that was signed out.
    pub(super) fn forget(self, remote: Remote, access: AccessToken, shop: ShopId) {
        forget(self.id, remote, access, shop);
    }
}

/// Keeps a copy of a new account's key; none where this machine keeps its keys.
pub(super) async fn make(
    secrets: &secret::Store,
    key: &CacheKey,
    (remote, access): (&Remote, &AccessToken),
    shop: ShopId,
) -> Result<Option<KeyCopyId>, Failure> {
    if !secrets.rung().forgets() {
        return Ok(None);
    }
    let id = KeyCopyId::from_parts(clock::wall().0, random()?);
    match keep(remote, access, shop, id, key).await {
        Ok(()) => Ok(Some(id)),
        Err(error @ RemoteError::Rejected { .. }) => Err(Failure::new(
            FailureCode::NoSecretStore,
            format!(
                "this machine forgets its keys when it restarts, and the API keeps no copy: {error}. \
                 Sign in with `--insecure-storage` to keep the key in a plain file"
            ),
        )),
        Err(error) => Err(error.into()),
    }
}

/// Opens the account of whom the API has let in, where this machine has forgotten its key and the API
/// still has it: cache, outbox and device stay. Else gives back whom a new account is made for; what
/// cannot be opened stays beside it, untouched.
pub(super) async fn reopened(desk: &Desk, guest: Guest) -> Result<Reopened, Failure> {
    let url = guest.line.remote.address().to_string();
    let over = (&guest.line.remote, &guest.found.tokens.access);
    let (person, shop) = (guest.found.person, guest.found.membership.shop);
    for file in &desk.forgotten {
        if file.url != url || file.person != person || file.shop != shop {
            continue;
        }
        let Some(copy) = file.copy else { continue };
        if let Some(key) = fetch(over, shop, copy).await? {
            return open(desk, file.clone(), key, guest).await;
        }
        tracing::error!(account = %file.id, "the API has no copy of the key any more");
    }
    Ok(Reopened::None(Box::new(guest)))
}

/// What came of opening an account again.
pub(super) enum Reopened {
    /// It is open.
    Arrived(Box<Arrived>),
    /// There is none that could be opened.
    None(Box<Guest>),
}

async fn open(
    desk: &Desk,
    mut file: AccountFile,
    key: CacheKey,
    guest: Guest,
) -> Result<Reopened, Failure> {
    let (home, store, account) = (desk.home.clone(), guest.secrets.clone(), file.clone());
    let mut ready = blocking(move || {
        store.restore(&account.id, &key)?;
        open::open(&home, &store, &account, clock::wall())
    })
    .await?;
    let has_pin = guest.goes_on(&mut ready.store)?;
    guest.stands(desk, &mut file, has_pin)?;
    Ok(Reopened::Arrived(Box::new(Arrived {
        file,
        ready: Some(ready),
        remote: guest.line.remote,
        secrets: guest.secrets,
        access: guest.found.tokens.access,
        lifetime: guest.found.tokens.expires_in,
        has_pin,
        registered: false,
    })))
}

/// The key of an account that this machine has forgotten. None where the API has no copy any more.
async fn fetch(
    (remote, access): (&Remote, &AccessToken),
    shop: ShopId,
    id: KeyCopyId,
) -> Result<Option<CacheKey>, Failure> {
    match remote.fetch_key(access, shop, id).await {
        Ok(found) => {
            let key = found.key.bytes().ok_or_else(|| {
                let words = "the API gave something back that is no key; nothing was changed here";
                Failure::new(FailureCode::Internal, words)
            })?;
            Ok(Some(CacheKey::new(key)))
        }
        Err(RemoteError::Rejected { code, .. }) if code == code::NOT_FOUND => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Has a copy forgotten that is of no use any more. Said once.
pub(super) fn forget(id: KeyCopyId, remote: Remote, access: AccessToken, shop: ShopId) {
    tokio::spawn(async move {
        if let Err(error) = remote.forget_key(&access, shop, id).await {
            tracing::warn!(%error, "the API was not told to forget the copy of a key");
        }
    });
}

async fn keep(
    remote: &Remote,
    access: &AccessToken,
    shop: ShopId,
    id: KeyCopyId,
    key: &CacheKey,
) -> Result<(), RemoteError> {
    let key = Key::new(key.expose());
    remote.keep_key(access, shop, &Keep { id, key }).await?;
    Ok(())
}

impl Actor {
    /// The kernel forgets what nobody has asked for in three days: it is asked every few hours.
    pub(super) fn remind_keys(&mut self) {
        if self.reminded.elapsed() >= REMIND {
            self.remind();
        }
    }

    /// Now, for the machine has slept, and the kernel has counted that time.
    pub(super) fn remind(&mut self) {
        let secrets = self.secrets.as_ref().filter(|it| it.rung().forgets());
        let Some(secrets) = secrets else { return };
        self.reminded = Instant::now();
        let (secrets, paths) = (secrets.clone(), Arc::clone(&self.setup.paths));
        tokio::task::spawn_blocking(move || {
            if let Err(error) = secrets.remind(&paths) {
                tracing::error!(%error, "the key may be forgotten before the machine restarts");
            }
        });
    }
}

impl Hands {
    /// Has the copy kept again: an API that was put back may have lost it.
    pub(super) async fn copy_key(&self, access: &AccessToken) -> Result<(), CallError> {
        let Some(Copied { id, secrets }) = self.copied.clone() else {
            return Ok(());
        };
        let account = self.account.clone();
        let key = blocking(move || Ok(secrets.load(&account)?)).await;
        let key = match key {
            Ok(key) => key,
            Err(failure) => {
                tracing::error!(%failure, "the API has no new copy of the key");
                return Ok(());
            }
        };
        match keep(&self.remote, access, self.shop, id, &key).await {
            // Work goes on without it.
            Err(error @ RemoteError::Rejected { .. }) => {
                tracing::error!(%error, "the API keeps no copy of the key");
                Ok(())
            }
            done => Ok(done?),
        }
    }
}
