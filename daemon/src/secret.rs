//! The secret store. It guards one 32-byte wrapping key per Unix user; each account's cache key is
//! random and lies in the state directory, wrapped with it (AES-256-GCM, the account as associated
//! data).
//!
//! The rung of the ladder is chosen once, at the first sign-in, recorded, and never switched
//! silently: the desktop's keyring for a person's daemon, a systemd credential for the system
//! service, the kernel's keyring where a person's daemon has none of the desktop's, a key file after
//! consent. The kernel forgets with the machine's power: the API keeps a copy of each account's key
//! then, and gives it back after a full sign-in.
//!
//! Every call may wait up to five seconds for a desktop that does not answer: call from
//! `tokio::task::spawn_blocking`.

mod cache_key;
mod credential;
mod error;
mod kernel;
mod key_file;
mod rung;
mod service;
mod store;
mod wrapping_key;

pub use cache_key::CacheKey;
pub use error::SecretError;
pub use rung::Rung;
pub use store::Store;
use wrapping_key::WrappingKey;

#[cfg(test)]
mod tests;
