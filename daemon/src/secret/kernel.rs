//! The kernel's keyring of a Unix user (keyrings(7), persistent-keyring(7)): on no disk, and gone with the
//! power or after three days in which nobody asked for it.
//!
//! By `linux-keyutils` itself: the keyring crates' store over it keeps what it holds in the session's
//! keyring too, and an SSH session's is revoked when the session ends.

use linux_keyutils::{KeyError, KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

use super::WrappingKey;
use crate::paths::Paths;

/// Whether the keyring keeps secrets, or why not: writes, reads and removes a throw-away one.
pub(super) fn probe() -> Result<(), String> {
    let mut nonce = [0; 8];
    getrandom::fill(&mut nonce).map_err(|_| "the system has no randomness".to_owned())?;
    let name = format!("redtag-probe:{:016x}", u64::from_be_bytes(nonce));
    let tried = || -> Result<bool, KeyError> {
        let ring = ring()?;
        let key = ring.add_key(&name, &nonce)?;
        let back = ring.search(&name)?.read_to_vec()?;
        ring.unlink_key(key)?;
        Ok(back == nonce)
    };
    match tried() {
        Ok(true) => Ok(()),
        Ok(false) => Err("it forgets what is written to it".to_owned()),
        Err(error) => Err(refused(error)),
    }
}

/// The key in the keyring; none where it holds none. Begins the three days anew.
pub(super) fn read(paths: &Paths) -> Result<Option<WrappingKey>, String> {
    let found = ring().and_then(|ring| ring.search(&name(paths))?.read_to_vec());
    match found.map(Zeroizing::new) {
        Ok(bytes) => match WrappingKey::from_slice(&bytes) {
            Some(key) => Ok(Some(key)),
            None => Err(format!(
                "its entry “{}” is not a key of redtag's",
                name(paths)
            )),
        },
        Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => Ok(None),
        Err(error) => Err(refused(error)),
    }
}

/// Keeps the key, in the place of the one that is there.
pub(super) fn write(paths: &Paths, key: &WrappingKey) -> Result<(), String> {
    let written = ring().and_then(|ring| ring.add_key(&name(paths), key.expose()));
    written.map(drop).map_err(refused)
}

/// The user's persistent keyring, reached through one that the process has to itself.
fn ring() -> Result<KeyRing, KeyError> {
    KeyRing::get_persistent(KeyRingIdentifier::Process)
}

/// One for each state directory.
fn name(paths: &Paths) -> String {
    format!("redtag:{}", paths.state.display())
}

fn refused(error: KeyError) -> String {
    match error {
        KeyError::OperationNotSupported => "this kernel has none".to_owned(),
        KeyError::PermissionDenied | KeyError::AccessDenied => {
            "this machine lets nobody use it".to_owned()
        }
        KeyError::QuotaExceeded => "it is full".to_owned(),
        error => format!("it failed: {error}"),
    }
}
