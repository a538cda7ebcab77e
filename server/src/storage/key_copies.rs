use redtag_protocol::ids::{DeviceId, KeyCopyId, PersonId, ShopId};

use super::{KeyCopy, Pending};

/// So many copies of one person's are kept in one shop.
pub const KEY_COPIES: u32 = 64;

/// Copies of the keys of benches' caches.
///
/// As of [`Control`](super::Control): each call is one transaction of its own.
pub trait KeyCopies: Send + Sync + 'static {
    /// Keeps a copy, in the place of the one under its id; says whether it did. Nothing changes where
    /// that id in that shop is another person's. Of the person's copies in the shop this one stays and
    /// the newest others, [`KEY_COPIES`] in all.
    fn key_copy_put(&self, copy: KeyCopy) -> Pending<'_, bool>;

    /// A copy of a shop.
    fn key_copy(&self, shop: ShopId, id: KeyCopyId) -> Pending<'_, Option<KeyCopy>>;

    /// Forgets a copy of this person's; says whether there was one.
    fn key_copy_forget(&self, shop: ShopId, id: KeyCopyId, person: PersonId) -> Pending<'_, bool>;

    /// Forgets what a device has kept in a shop, and says how many those were.
    fn key_copies_forget_of(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64>;
}
