//! The copy of the key of a bench's cache that the API keeps, for benches that forget their keys with
//! the power. It lies in the database wrapped, bound to its shop, its person and its id, and is given
//! back to its person alone, right after a full sign-in.

use redtag_protocol::{
    ids::{DeviceId, KeyCopyId, PersonId, ShopId},
    stamp::Stamp,
};
use zeroize::Zeroizing;

use crate::{
    keys::{ServerKeys, UnwrapError},
    storage::{KeyCopy, Storage, StorageError},
};

/// So long after a full sign-in a key is given back, in milliseconds.
pub const FRESH: u64 = 10 * 60 * 1000;

/// Why nothing was kept or given back.
#[derive(Debug, thiserror::Error)]
pub enum KeyCopyError {
    /// The id is another person's.
    #[error("this id is another person's; make another one, and keep the key under that")]
    Taken,
    /// The sign-in is too old.
    #[error("sign in anew: a key is given back only right after a full sign-in")]
    Stale,
    /// There is none, or it is somebody else's.
    #[error("the API keeps no copy of this key for you; what it opened cannot be read again")]
    None,
    /// The master key is another one, or the row was altered.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whose key it is, where, and how the bench calls it.
#[derive(Debug, Clone, Copy)]
pub struct Whose {
    /// The shop.
    pub shop: ShopId,
    /// The person.
    pub person: PersonId,
    /// The bench's own name for it.
    pub id: KeyCopyId,
}

impl Whose {
    /// What the wrapped key is bound to.
    fn context(&self) -> String {
        let Self { shop, person, id } = self;
        format!("key copy {shop} {person} {id}")
    }
}

/// Keeps a key, in the place of what the same person kept under this id.
pub async fn keep(
    storage: &dyn Storage,
    keys: &ServerKeys,
    whose: Whose,
    device: DeviceId,
    key: &[u8; 32],
    now: Stamp,
) -> Result<(), KeyCopyError> {
    let copy = KeyCopy {
        shop: whose.shop,
        id: whose.id,
        person: whose.person,
        device,
        wrapped: keys.wrapping.wrap(&whose.context(), key),
        created: now,
    };
    let kept = storage.key_copy_put(copy).await?;
    kept.then_some(()).ok_or(KeyCopyError::Taken)
}

/// Gives a key back to its person, whose sign-in began at `began`.
pub async fn fetch(
    storage: &dyn Storage,
    keys: &ServerKeys,
    whose: Whose,
    began: Stamp,
    now: Stamp,
) -> Result<Zeroizing<[u8; 32]>, KeyCopyError> {
    // Either way: clocks of several processes differ a little, and one that was set back makes no
    // sign-in young for longer.
    if now.0.abs_diff(began.0) > FRESH {
        return Err(KeyCopyError::Stale);
    }
    let found = storage.key_copy(whose.shop, whose.id).await?;
    let copy = found.filter(|it| it.person == whose.person);
    let copy = copy.ok_or(KeyCopyError::None)?;
    let key = keys.wrapping.unwrap(&whose.context(), &copy.wrapped)?;
    let mut bytes = Zeroizing::new([0; 32]);
    if key.len() != bytes.len() {
        return Err(UnwrapError.into());
    }
    bytes.copy_from_slice(&key);
    Ok(bytes)
}

/// Forgets a key of this person's; says whether there was one.
pub async fn forget(storage: &dyn Storage, whose: Whose) -> Result<bool, StorageError> {
    let Whose { shop, person, id } = whose;
    storage.key_copy_forget(shop, id, person).await
}
