//! What goes wrong with secrets, in words that say what is safe and what to do.

use std::{io, path::Path};

use redtag_protocol::ipc::{Failure, FailureCode};

use super::{credential::NAME, service::Refusal};

/// A secret store that cannot do what is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No keyring, and no consent to a key file.
    #[error("{words}")]
    NoStore {
        /// Why the keyring cannot be used, and the remedy.
        words: String,
    },
    /// The keyring is there but does not answer or is locked; it passes. Nothing is lost.
    #[error("{words}")]
    Locked {
        /// Why, and the remedy.
        words: String,
    },
    /// The key ended with the machine's power: a full sign-in opens what it protects. Nothing is lost.
    #[error("{words}")]
    Forgotten {
        /// Why, and the remedy.
        words: String,
    },
    /// The key is gone or altered: what it protects cannot be read.
    #[error("{words}")]
    Lost {
        /// What, and the remedy.
        words: String,
    },
    /// A file cannot be read or written.
    #[error("{words}")]
    File {
        /// Which and why.
        words: String,
    },
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        let code = match error {
            SecretError::NoStore { .. } | SecretError::Locked { .. } => FailureCode::NoSecretStore,
            SecretError::Forgotten { .. } => FailureCode::NotSignedIn,
            SecretError::Lost { .. } | SecretError::File { .. } => FailureCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}

/// Why an account is shut whose key was in the kernel's keyring.
pub(super) fn forgotten() -> SecretError {
    SecretError::Forgotten {
        words:
            "this machine has forgotten its key: it was restarted, or the daemon did not run for \
                three days. Sign in again (`redtag login URL`): what was saved here, unsent work \
                too, is there again then"
                .into(),
    }
}

/// Why a kiosk is not let in where the kernel's keyring was chosen.
pub(super) fn not_for_kiosks() -> SecretError {
    SecretError::NoStore {
        words:
            "the kernel forgets the keys of this Unix user when the machine restarts, and a kiosk cannot sign in \
                again; enrol it under a Unix user of its own"
                .into(),
    }
}

/// Why a first sign-in finds no store.
pub(super) fn unconsented(refusal: Refusal) -> SecretError {
    match refusal {
        Refusal::Absent(why) => SecretError::NoStore {
            words: format!(
                "the desktop's keyring cannot keep the key: {why}. Start one (such as GNOME \
                 Keyring or KWallet) and restart redtagd, or consent to keeping the key in a \
                 plain file with `--insecure-storage`."
            ),
        },
        Refusal::Locked(why) => SecretError::Locked {
            words: format!(
                "the desktop's keyring cannot keep the key: {why}. Unlock it and sign in again, \
                 or consent to keeping the key in a plain file with `--insecure-storage`."
            ),
        },
    }
}

/// Why the system service finds no store at a first sign-in.
pub(super) fn no_credential() -> SecretError {
    SecretError::NoStore {
        words: format!(
            "the machine's daemon was given no key to guard the caches with. An administrator \
             makes one (systemd-creds encrypt --name={NAME}; assets/docs/security.md says how) and \
             restarts redtagd, or you consent to keeping the key in a plain file with \
             `--insecure-storage`."
        ),
    }
}

/// Why a credential that was chosen earlier cannot be read now. Nothing is lost.
pub(super) fn not_handed_over() -> SecretError {
    SecretError::Locked {
        words: format!(
            "systemd did not hand over the credential {NAME}, which guards the key. An \
             administrator puts it back into /etc/credstore.encrypted and restarts redtagd; what \
             was saved here is safe."
        ),
    }
}

/// Why a keyring that was chosen earlier cannot be read now. Nothing is lost.
pub(super) fn later(refusal: Refusal) -> SecretError {
    let words = match refusal {
        Refusal::Absent(why) => format!(
            "the desktop's keyring, which guards the key, cannot be reached: {why}. Start it and \
             run `redtag daemon restart`; what was saved here is safe."
        ),
        Refusal::Locked(why) => format!(
            "the desktop's keyring, which guards the key, cannot be read: {why}. Unlock it; what \
             was saved here is safe."
        ),
    };
    SecretError::Locked { words }
}

pub(super) fn file_error(what: &str, path: &Path, error: &io::Error) -> SecretError {
    SecretError::File {
        words: format!("{what} {} cannot be used: {error}", path.display()),
    }
}
