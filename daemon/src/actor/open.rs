//! Opening the cache of an account that is there.

use redtag_protocol::{
    ids::DeviceId,
    ipc::{Failure, FailureCode},
    stamp::Stamp,
};

use super::{
    clock,
    home::{AccountFile, Home},
};
use crate::{
    cache::{self, Lock, Meta, Origin, Store},
    remote::DeviceKey,
    secret,
};

/// A cache that is open, and what a person should know of how that went.
pub(super) struct Ready {
    pub(super) store: Store,
    pub(super) notices: Vec<String>,
}

/// Opens the cache. May take a while; call outside the runtime's threads.
pub(super) fn open(
    home: &Home,
    secrets: &secret::Store,
    file: &AccountFile,
    now: Stamp,
) -> Result<Ready, Failure> {
    let key = secrets.load(&file.id)?;
    let opened = cache::open(&home.at(&file.id), &key, now)?;
    let mut notices = Vec::new();
    let mut rescued = None;
    if let Origin::SetAside {
        file: aside,
        why,
        salvaged,
    } = &opened.origin
    {
        let aside = aside
            .as_ref()
            .map_or("there was no file left".to_owned(), |it| {
                format!("the old file lies at {}", it.display())
            });
        let unsent = match (salvaged.unsent(), salvaged.complete()) {
            (0, true) => "nothing was unsent in it".to_owned(),
            (count, true) => format!("its {count} unsent edits were taken over"),
            (count, false) => {
                format!(
                    "{count} unsent edits were taken over; there may be more that cannot be read"
                )
            }
        };
        let words = format!(
            "The cache was set aside because {why}: {aside}; {unsent}. The rest is fetched again."
        );
        tracing::error!("{words}");
        notices.push(words);
        rescued = salvaged.meta().cloned();
    }
    let device = new_device()?;
    let key = DeviceKey::generate()
        .map_err(|error| Failure::new(FailureCode::Internal, error.to_string()))?;
    let fresh = || anew(file, rescued, device, &key);
    let store = opened.store(fresh)?;
    Ok(Ready { store, notices })
}

/// The values of a cache that is begun anew for an account that is there: a new device, for the
/// old one's numbers are lost; the old sign-in, where it could be read.
fn anew(file: &AccountFile, rescued: Option<Meta>, device: DeviceId, key: &DeviceKey) -> Meta {
    let mut meta = Meta::new(
        file.person,
        file.shop,
        file.role,
        device,
        key.seed().to_vec(),
    );
    if let Some(old) = rescued {
        meta.lock = old.lock;
        meta.refresh = old.refresh;
        meta.seal_to = old.seal_to;
        meta.device_key = old.device_key;
        meta.stamp = old.stamp;
        meta.offset = old.offset;
        meta.provisional = old.provisional;
        meta.registered = false;
    }
    if meta.lock.is_none() && file.pinned {
        // Nobody is to come in by damaging what kept them out.
        meta.lock = Some(Lock::spent());
    }
    meta
}

fn new_device() -> Result<DeviceId, Failure> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::new(
            FailureCode::Internal,
            format!("the operating system gave no random bytes: {error}"),
        )
    })?;
    Ok(DeviceId::from_parts(clock::wall().0, random))
}

#[cfg(test)]
mod tests;
