//! Whether a database on a server belongs to this master key. The embedded database shows it by
//! opening; on PostgreSQL a secret is kept that only the right key unwraps.

use redtag_protocol::stamp::Stamp;

use super::{Wrapping, random};
use crate::{
    signer,
    storage::{Control, Secret, StorageError},
};

/// Its name, its purpose, and what it is wrapped for.
const CHECK: &str = "master key check";

/// Why the master key is not taken. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyCheckError {
    /// Another key was there first.
    #[error("the database was set up with another master key")]
    Other,
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whether a database belongs to a master key already.
pub async fn is_checked(storage: &dyn Control) -> Result<bool, StorageError> {
    let kept = storage.secrets(CHECK.to_owned()).await?;
    Ok(!kept.is_empty())
}

/// Makes a database that belongs to no key this one's, or fails where it is another's. Of several
/// processes that begin at once the first one's key stands.
pub async fn check(
    storage: &dyn Control,
    wrapping: &Wrapping,
    now: Stamp,
) -> Result<(), KeyCheckError> {
    let kept = match storage.secrets(CHECK.to_owned()).await?.pop() {
        Some(kept) => kept,
        None => begin(storage, wrapping, now).await?,
    };
    fits(wrapping, CHECK, &kept)
}

/// The secret that ties a database to a master key, for one that is about to have it.
pub fn seal(wrapping: &Wrapping, now: Stamp) -> Secret {
    Secret {
        name: CHECK.to_owned(),
        purpose: CHECK.to_owned(),
        wrapped: wrapping.wrap(CHECK, &random::<32>()),
        created: now,
    }
}

async fn begin(
    storage: &dyn Control,
    wrapping: &Wrapping,
    now: Stamp,
) -> Result<Secret, KeyCheckError> {
    // As after a move from an embedded database, which brings its keys along.
    for key in storage.secrets(signer::PURPOSE.to_owned()).await? {
        fits(wrapping, &signer::context(&key.name), &key)?;
    }
    Ok(storage.secret_keep(seal(wrapping, now)).await?)
}

fn fits(wrapping: &Wrapping, context: &str, secret: &Secret) -> Result<(), KeyCheckError> {
    let opened = wrapping.unwrap(context, &secret.wrapped);
    opened.map(drop).map_err(|_| KeyCheckError::Other)
}

#[cfg(test)]
mod tests;
