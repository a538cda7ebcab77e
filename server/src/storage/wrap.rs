use redtag_protocol::ids::ShopId;
use zeroize::Zeroizing;

/// The raw 32-byte key of one shop's data. Zeroed when dropped; never printed.
pub type ShopKey = Zeroizing<[u8; 32]>;

/// Wraps shop keys with the master key.
///
/// Authenticated, and bound to the shop: what was wrapped for one shop does not unwrap for another.
pub trait Wrap: Send + Sync + 'static {
    /// The key, to be stored beside what it guards.
    fn wrap(&self, shop: ShopId, key: &ShopKey) -> Result<Vec<u8>, WrapError>;
    /// The key again.
    fn unwrap(&self, shop: ShopId, wrapped: &[u8]) -> Result<ShopKey, WrapError>;
}

/// A key that cannot be wrapped or unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key of shop {shop} does not open with this master key; nothing was changed. \
     Start the server with the master key that it was set up with"
)]
pub struct WrapError {
    /// Whose key.
    pub shop: ShopId,
}
