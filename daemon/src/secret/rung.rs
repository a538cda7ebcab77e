//! The rungs of the ladder.

use serde::{Deserialize, Serialize};

/// Where the wrapping key lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// In the desktop's Secret Service.
    SecretService,
    /// In a credential that systemd decrypts for the system service at its start.
    SystemdCredential,
    /// In the kernel's keyring of the Unix user, until the machine restarts.
    KernelKeyring,
    /// In a file of mode 0600 beside the wrapped keys.
    KeyFile,
}

impl Rung {
    /// How the key is kept, for [`redtag_protocol::ipc::Account::secret`].
    pub fn words(self) -> &'static str {
        match self {
            Self::SecretService => "guarded by the desktop's keyring",
            Self::SystemdCredential => {
                "in a credential of systemd's; root on this machine can read the cache, and so can \
                 whoever takes the whole disk unless the credential was sealed to the machine's TPM"
            }
            Self::KernelKeyring => {
                "in the kernel's memory until this machine restarts; then whoever is signed in signs \
                 in again, and the API gives the cache's key back"
            }
            Self::KeyFile => {
                "in a plain file that only you can read; whoever can read your files, or takes \
                 the disk, can read the cache, so encrypt the disk"
            }
        }
    }

    /// Whether the key ends with the machine's power.
    pub fn forgets(self) -> bool {
        self == Self::KernelKeyring
    }

    /// What the person should know at all times, for [`redtag_protocol::ipc::Status::notices`].
    pub fn notice(self) -> Option<&'static str> {
        match self {
            Self::SecretService | Self::SystemdCredential => None,
            Self::KernelKeyring => Some("After a restart of this machine, sign in again"),
            // Short, for it must fit a narrow screen; `words` says why.
            Self::KeyFile => Some("Cache key is a plain file: encrypt the disk"),
        }
    }
}
