//! Signing in: the secret store first, then the API, then a cache that appears whole or not at all.

use std::{path::PathBuf, sync::Arc};

use redtag_protocol::{
    api::{
        enrol,
        sign_in::{self, Request},
    },
    ids::DeviceId,
    ipc::{Failure, FailureCode, SignIn},
    stamp::Stamp,
};

use super::{
    clock,
    copies::{self, Reopened},
    home::{self, AccountFile, Home},
    line,
    open::{self, Ready},
};
use crate::{
    cache::{self, Cache, CacheError, Meta, Store},
    paths::Paths,
    remote::{AccessToken, DeviceKey, Remote, SignedIn, Trust},
    secret::{self, CacheKey},
};

/// What signing in stands on.
pub(super) struct Desk {
    pub(super) paths: Arc<Paths>,
    pub(super) home: Home,
    /// What a person calls this bench.
    pub(super) bench: String,
    /// Certificates to trust where the sign-in names none.
    pub(super) ca: Option<PathBuf>,
    /// The accounts that are there, which a sign-in may continue.
    pub(super) accounts: Vec<(AccountFile, Cache)>,
    /// Those whose key this machine has forgotten; a sign-in opens them again.
    pub(super) forgotten: Vec<AccountFile>,
    /// What guards the keys, where it is open.
    pub(super) secrets: Option<secret::Store>,
}

/// An account that signed in.
pub(super) struct Arrived {
    pub(super) file: AccountFile,
    /// The store of a new account; none where the account is there already.
    pub(super) ready: Option<Ready>,
    /// The line that the sign-in went over.
    pub(super) remote: Remote,
    pub(super) secrets: secret::Store,
    pub(super) access: AccessToken,
    pub(super) lifetime: u64,
    /// Whether the account has a PIN still.
    pub(super) has_pin: bool,
    /// Whether the API knows of the cache's device and holds nothing of it that the cache does not.
    pub(super) registered: bool,
}

/// What one speaks to an API over, and the certificates to keep with the account.
pub(super) struct Line {
    pub(super) remote: Remote,
    pub(super) trust: Option<Trust>,
}

/// What tells a sign-in from all others.
pub(super) struct Device {
    pub(super) id: DeviceId,
    pub(super) key: DeviceKey,
}

/// Whom the API has let in, on this device.
pub(super) struct Guest {
    pub(super) line: Line,
    pub(super) secrets: secret::Store,
    pub(super) device: Device,
    pub(super) email: String,
    pub(super) found: SignedIn,
    /// Whether the account's PIN on this machine goes.
    pub(super) forget_pin: bool,
}

/// Signs in. Nothing is left behind where it fails.
pub(super) async fn sign_in(desk: Desk, ask: SignIn) -> Result<Arrived, Failure> {
    let secrets = desk
        .secrets(ask.insecure_storage, ask.enroll.is_some())
        .await?;
    let (remote, trust) = line::for_sign_in(&desk, &ask)?.chosen().await;
    let url = remote.address().to_string();
    // A kiosk that enrols is always a new one.
    let known = desk.accounts.iter().find(|(file, _)| {
        ask.enroll.is_none()
            && file.url == url
            && file.email.eq_ignore_ascii_case(ask.email.trim())
            && ask.shop.is_none_or(|shop| shop == file.shop)
    });
    if let Some((file, cache)) = known {
        let (device, seed) = cache
            .call(|store| (store.meta().device, store.meta().device_key.clone()))
            .await?;
        let seed: Option<[u8; 32]> = seed.try_into().ok();
        let key = seed.and_then(|seed| DeviceKey::from_seed(&seed).ok());
        if let Some(key) = key {
            let found = call(&remote, &ask, &desk.bench, device, &key).await?;
            if found.membership.shop == file.shop && found.person == file.person {
                let guest = Guest {
                    line: Line { remote, trust },
                    secrets,
                    device: Device { id: device, key },
                    email: file.email.clone(),
                    found,
                    forget_pin: ask.forget_pin,
                };
                return again(&desk, file.clone(), cache, guest).await;
            }
        }
    }
    let device = DeviceId::from_parts(clock::wall().0, random()?);
    let key = DeviceKey::generate().map_err(internal)?;
    let found = call(&remote, &ask, &desk.bench, device, &key).await?;
    let guest = Guest {
        line: Line { remote, trust },
        secrets,
        device: Device { id: device, key },
        email: ask.email.trim().to_owned(),
        found,
        forget_pin: ask.forget_pin,
    };
    anew(&desk, guest).await
}

/// Makes the account of whom the API has let in, or continues it where it is there.
pub(super) async fn settle(desk: Desk, guest: Guest) -> Result<Arrived, Failure> {
    let url = guest.line.remote.address().to_string();
    let known = desk.accounts.iter().find(|(file, _)| {
        file.url == url
            && file.person == guest.found.person
            && file.shop == guest.found.membership.shop
    });
    match known {
        Some((file, cache)) => again(&desk, file.clone(), cache, guest).await,
        None => anew(&desk, guest).await,
    }
}

impl Desk {
    /// Where keys are kept: for a person, or for a kiosk, which signs in once.
    pub(super) async fn secrets(
        &self,
        consent: bool,
        kiosk: bool,
    ) -> Result<secret::Store, Failure> {
        let paths = Arc::clone(&self.paths);
        let held = self
            .secrets
            .clone()
            .filter(|it| it.rung().forgets() && !consent);
        blocking(move || {
            if kiosk {
                return Ok(secret::Store::choose_lasting(&paths, consent)?);
            }
            if let Some(held) = held {
                // What the kernel has forgotten meanwhile this process still knows.
                held.remind(&paths)?;
                return Ok(held);
            }
            Ok(secret::Store::choose(&paths, consent)?)
        })
        .await
    }
}

/// Makes an account, or opens the one whose key this machine has forgotten.
async fn anew(desk: &Desk, guest: Guest) -> Result<Arrived, Failure> {
    let guest = match copies::reopened(desk, guest).await? {
        Reopened::Arrived(arrived) => return Ok(*arrived),
        Reopened::None(guest) => *guest,
    };
    let Guest {
        line: Line { remote, trust },
        secrets,
        device,
        email,
        found,
        // There is none yet.
        forget_pin: _,
    } = guest;
    let id = format!("{:016x}", u64::from_be_bytes(random()?));
    let mut file = AccountFile {
        id,
        email: found.email.clone().unwrap_or(email),
        url: remote.address().to_string(),
        ca: None,
        person: found.person,
        name: found.name.clone(),
        shop: found.membership.shop,
        shop_name: found.membership.name.clone(),
        role: found.membership.role,
        copy: None,
        pinned: false,
    };
    let mut meta = Meta::new(
        found.person,
        file.shop,
        file.role,
        device.id,
        device.key.seed().to_vec(),
    );
    meta.refresh = Some(found.tokens.refresh.expose().to_owned());
    meta.seal_to = found.tokens.seal_to;
    let (store, account) = (secrets.clone(), file.id.clone());
    let key = blocking(move || Ok(store.make(&account)?)).await?;
    let over = (&remote, &found.tokens.access);
    match copies::make(&secrets, &key, over, file.shop).await {
        Ok(copy) => file.copy = copy,
        Err(failure) => {
            // The first reason is the one that counts.
            let _ = secrets.forget(&file.id);
            return Err(failure);
        }
    }
    let store = secrets.clone();
    let (home, new) = (desk.home.clone(), file.clone());
    let begun = blocking(move || begin(&home, (&store, &key), &new, meta, trust.as_ref())).await;
    if let (Err(_), Some(copy)) = (&begun, file.copy) {
        copies::forget(copy, remote.clone(), found.tokens.access.clone(), file.shop);
    }
    let ready = begun?;
    Ok(Arrived {
        file,
        ready: Some(ready),
        remote,
        secrets,
        access: found.tokens.access,
        lifetime: found.tokens.expires_in,
        has_pin: false,
        // Signing in told the API of the device, which has nothing of a new one.
        registered: true,
    })
}

async fn call(
    remote: &Remote,
    ask: &SignIn,
    bench: &str,
    device: DeviceId,
    key: &DeviceKey,
) -> Result<SignedIn, Failure> {
    let device = sign_in::Device {
        id: device,
        name: bench.to_owned(),
        key: key.public(),
    };
    if let Some(token) = &ask.enroll {
        let token = token.trim().to_owned();
        let request = enrol::Request { token, device };
        return Ok(remote.enrol(request).await?.value);
    }
    let request = Request {
        email: ask.email.trim().to_owned(),
        password: ask.password.clone(),
        code: ask.code.clone(),
        shop: ask.shop,
        device,
    };
    Ok(remote.sign_in(request).await?.value)
}

/// Continues an account that is there: its cache, outbox and device stay.
async fn again(
    desk: &Desk,
    mut file: AccountFile,
    cache: &Cache,
    guest: Guest,
) -> Result<Arrived, Failure> {
    let (guest, has_pin) = cache
        .call(move |store| {
            let has_pin = guest.goes_on(store)?;
            Ok::<_, CacheError>((guest, has_pin))
        })
        .await??;
    guest.stands(desk, &mut file, has_pin)?;
    Ok(Arrived {
        file,
        ready: None,
        remote: guest.line.remote,
        secrets: guest.secrets,
        access: guest.found.tokens.access,
        lifetime: guest.found.tokens.expires_in,
        has_pin,
        registered: false,
    })
}

impl Guest {
    /// Continues the cache of an account that is there; says whether it has a PIN still.
    pub(super) fn goes_on(&self, store: &mut Store) -> Result<bool, CacheError> {
        store.signed_in(self.forget_pin)?;
        store.change_meta(|meta| {
            meta.refresh = Some(self.found.tokens.refresh.expose().to_owned());
            // Whoever was let in by a code has another key than before; the device stays.
            meta.device_key = self.device.key.seed().to_vec();
            meta.seal_to = self.found.tokens.seal_to.clone().or(meta.seal_to.take());
            meta.role = self.found.membership.role;
            // An API that was put back may have lost more than the sign-in: it is asked.
            meta.registered = false;
        })?;
        Ok(store.meta().lock.is_some())
    }

    /// What the API said of them stands with the account from now on.
    pub(super) fn stands(
        &self,
        desk: &Desk,
        file: &mut AccountFile,
        has_pin: bool,
    ) -> Result<(), Failure> {
        // What got the person in is what the rest goes over as well.
        desk.home
            .keep_trust(file, self.line.trust.as_ref())
            .map_err(internal)?;
        file.name.clone_from(&self.found.name);
        file.shop_name.clone_from(&self.found.membership.name);
        file.role = self.found.membership.role;
        file.pinned = has_pin;
        desk.home.update(file).map_err(internal)
    }
}

/// Makes the account's directory and cache.
fn begin(
    home: &Home,
    (secrets, key): (&secret::Store, &CacheKey),
    file: &AccountFile,
    meta: Meta,
    trust: Option<&Trust>,
) -> Result<Ready, Failure> {
    let dir = home.begin(&file.id).map_err(internal)?;
    let begun = || {
        // Closed before it is renamed, for the journal goes by name.
        cache::create(&dir, key, meta)?.close();
        home::put_trust(&dir, trust).map_err(internal)?;
        home.finish(file).map_err(internal)?;
        open::open(home, secrets, file, Stamp(0))
    };
    let ready = begun();
    if ready.is_err() {
        // Whatever of it there is; the first reason is the one that counts.
        let _ = std::fs::remove_dir_all(&dir);
        let _ = home.remove(&file.id);
        let _ = secrets.forget(&file.id);
    }
    ready
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

pub(super) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(internal)?;
    Ok(bytes)
}

pub(super) fn internal(error: impl std::fmt::Display) -> Failure {
    tracing::error!(%error, "signing in failed on this machine");
    Failure::new(
        FailureCode::Internal,
        format!("signing in failed on this machine, nothing was kept: {error}"),
    )
}
