//! The desktop's Secret Service, on a thread of its own with a deadline: a locked keyring whose
//! prompt nobody answers may never return, and a call inside an asynchronous thread can panic.

use std::{sync::mpsc, thread, time::Duration};

use keyring::v1::{Entry, Error};
use zeroize::Zeroizing;

use super::WrappingKey;

/// How long the desktop may take for one whole conversation.
const DEADLINE: Duration = Duration::from_secs(5);

/// The name under which secrets appear in the desktop's own tools.
const NAME: &str = "redtag";

/// Whose secret: one for each Unix user.
const USER: &str = "wrapping-key";

/// Why the keyring did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is none, or it has no place to keep secrets.
    Absent(String),
    /// It is there, and locked or not answering.
    Locked(String),
}

/// Whether the keyring keeps secrets: writes, reads and deletes a throw-away one. "No entry" alone
/// proves nothing, for a keyring without a collection answers that too.
pub(super) fn probe() -> Result<(), Refusal> {
    let mut nonce = [0; 8];
    let random = getrandom::fill(&mut nonce);
    random.map_err(|_| Refusal::Absent("the system has no randomness".into()))?;
    within(DEADLINE, move || {
        let entry = entry(&format!("probe-{:016x}", u64::from_be_bytes(nonce)))?;
        entry.set_secret(&nonce)?;
        let back = entry.get_secret()?;
        entry.delete_credential()?;
        if back == nonce {
            Ok(())
        } else {
            Err(Error::NoEntry)
        }
    })
}

/// The key in the keyring; none where it holds no key of ours.
pub(super) fn read() -> Result<Option<WrappingKey>, Refusal> {
    let bytes = within(DEADLINE, || match entry(USER)?.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })?;
    match bytes {
        None => Ok(None),
        Some(bytes) => match WrappingKey::from_slice(&bytes) {
            Some(key) => Ok(Some(key)),
            None => Err(Refusal::Absent(format!(
                "its entry “{NAME}” is not a key of redtag's; remove it with the desktop's \
                 password manager"
            ))),
        },
    }
}

/// Keeps the key and reads it back.
pub(super) fn write(key: &WrappingKey) -> Result<(), Refusal> {
    let key = key.clone();
    within(DEADLINE, move || {
        let entry = entry(USER)?;
        entry.set_secret(key.expose())?;
        let back = Zeroizing::new(entry.get_secret()?);
        if back.as_slice() == key.expose() {
            Ok(())
        } else {
            Err(Error::NoEntry)
        }
    })
}

fn entry(user: &str) -> Result<Entry, Error> {
    // Connects at the first call of the process; a failure stays until it is restarted.
    if Entry::store_status().is_err() {
        return Err(Error::NoDefaultStore);
    }
    Entry::new(NAME, user)
}

/// Runs `work` on its own thread and stops waiting at the deadline. The thread is then left
/// behind; it ends with the process.
fn within<T: Send + 'static>(
    deadline: Duration,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Refusal> {
    let (tell, told) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("secret-service".into())
        .spawn(move || {
            // Nobody listens after the deadline.
            let _ = tell.send(work());
        })
        .map_err(|error| Refusal::Absent(error.to_string()))?;
    match told.recv_timeout(deadline) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(refusal(&error)),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Refusal::Locked(
            "it did not answer in five seconds; it may be waiting for its password".into(),
        )),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            Err(Refusal::Absent("its library failed".into()))
        }
    }
}

fn refusal(error: &Error) -> Refusal {
    match error {
        Error::NoDefaultStore | Error::PlatformFailure(_) => {
            Refusal::Absent("none runs in this session".into())
        }
        Error::NoStorageAccess(cause) if format!("{cause:?}").contains("NoResult") => {
            Refusal::Absent("it has no collection to keep secrets in".into())
        }
        Error::NoStorageAccess(_) => Refusal::Locked("it is locked".into()),
        Error::NoEntry => Refusal::Absent("it forgets what is written to it".into()),
        // Never the value: some variants carry what was stored.
        _ => Refusal::Absent("it refused what should be kept".into()),
    }
}
