//! The key pair of a shop to which benches seal what they could not send: their membership ended, so
//! the API takes nothing from them any more, and yet nobody else may read it. Benches know the public
//! half; the private half lies in the database, wrapped with the master key.
//!
//! The format is age's (<https://age-encryption.org/v1>), X25519.

use age::{
    DecryptError,
    secrecy::{ExposeSecret as _, SecretString},
    x25519::Identity,
};
use redtag_protocol::{ids::ShopId, stamp::Stamp};
use zeroize::Zeroizing;

use crate::{
    keys::{UnwrapError, Wrapping},
    storage::{Control, Secret, StorageError},
};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A key that this master key did not wrap.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// What was unwrapped is no key.
    #[error("the shop's sealing key is damaged")]
    Damaged,
}

/// Why something sealed stays closed.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// No benches of this shop ever had a key to seal to.
    #[error("this shop has no sealing key, so nothing was ever sealed to it")]
    NoKey,
    /// Sealed to another shop's key, or not by this program.
    #[error("it was not sealed to this shop; name the shop that the bench belonged to")]
    Other,
    /// Cut off or altered.
    #[error("it is damaged or not a sealed file: {0}")]
    Damaged(String),
    /// The key.
    #[error(transparent)]
    Key(#[from] SealingError),
}

/// The shop's public key, `age1…`; made at the first call.
pub async fn recipient(
    storage: &dyn Control,
    wrapping: &Wrapping,
    shop: ShopId,
    now: Stamp,
) -> Result<String, SealingError> {
    let kept = match find(storage, shop).await? {
        Some(kept) => kept,
        None => make(storage, wrapping, shop, now).await?,
    };
    Ok(identity(wrapping, shop, &kept)?.to_public().to_string())
}

/// Opens what a bench sealed to the shop.
pub async fn open(
    storage: &dyn Control,
    wrapping: &Wrapping,
    shop: ShopId,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
    let kept = find(storage, shop).await.map_err(SealingError::from)?;
    let identity = identity(wrapping, shop, &kept.ok_or(UnsealError::NoKey)?)?;
    match age::decrypt(&identity, sealed) {
        Ok(plain) => Ok(Zeroizing::new(plain)),
        Err(DecryptError::NoMatchingKeys) => Err(UnsealError::Other),
        Err(error) => Err(UnsealError::Damaged(error.to_string())),
    }
}

/// What it is wrapped for; its name and purpose as well, for there is one of each shop.
fn context(shop: ShopId) -> String {
    format!("sealing key of shop {shop}")
}

async fn find(storage: &dyn Control, shop: ShopId) -> Result<Option<Secret>, StorageError> {
    Ok(storage.secrets(context(shop)).await?.pop())
}

/// Of several processes that begin at once the first one's key stands.
async fn make(
    storage: &dyn Control,
    wrapping: &Wrapping,
    shop: ShopId,
    now: Stamp,
) -> Result<Secret, StorageError> {
    let identity = Identity::generate().to_string();
    let context = context(shop);
    let secret = Secret {
        wrapped: wrapping.wrap(&context, identity.expose_secret().as_bytes()),
        name: context.clone(),
        purpose: context,
        created: now,
    };
    storage.secret_keep(secret).await
}

fn identity(wrapping: &Wrapping, shop: ShopId, kept: &Secret) -> Result<Identity, SealingError> {
    let text = wrapping.unwrap(&context(shop), &kept.wrapped)?;
    let text = std::str::from_utf8(&text).map_err(|_| SealingError::Damaged)?;
    let text = SecretString::from(text);
    text.expose_secret()
        .parse()
        .map_err(|_| SealingError::Damaged)
}

#[cfg(test)]
mod tests;
