//! Copies of benches' keys.

use std::cmp::Reverse;

use redtag_protocol::ids::{DeviceId, KeyCopyId, PersonId, ShopId};

use super::{Everything, MemoryStorage};
use crate::storage::{KEY_COPIES, KeyCopies, KeyCopy, Pending};

impl KeyCopies for MemoryStorage {
    fn key_copy_put(&self, copy: KeyCopy) -> Pending<'_, bool> {
        self.all(move |all| {
            let place = (copy.shop, copy.id);
            let stands = all.key_copies.get(&place);
            if stands.is_some_and(|it| it.person != copy.person) {
                return Ok(false);
            }
            all.key_copies.insert(place, copy.clone());
            trim(all, &copy);
            Ok(true)
        })
    }

    fn key_copy(&self, shop: ShopId, id: KeyCopyId) -> Pending<'_, Option<KeyCopy>> {
        self.all(move |all| Ok(all.key_copies.get(&(shop, id)).cloned()))
    }

    fn key_copy_forget(&self, shop: ShopId, id: KeyCopyId, person: PersonId) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.key_copies.get(&(shop, id));
            let theirs = found.is_some_and(|it| it.person == person);
            if theirs {
                all.key_copies.remove(&(shop, id));
            }
            Ok(theirs)
        })
    }

    fn key_copies_forget_of(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        self.all(move |all| {
            let before = all.key_copies.len();
            let others = |it: &KeyCopy| it.shop != shop || it.device != device;
            all.key_copies.retain(|_, it| others(it));
            Ok((before - all.key_copies.len()) as u64)
        })
    }
}

/// Leaves the copy that was just put, and the newest others of its person in its shop.
fn trim(all: &mut Everything, put: &KeyCopy) {
    let theirs = |it: &&KeyCopy| it.shop == put.shop && it.person == put.person;
    let mut found: Vec<_> = all.key_copies.values().filter(theirs).collect();
    found.sort_by_key(|it| Reverse((it.id == put.id, it.created, it.id)));
    let old = found.into_iter().skip(KEY_COPIES as usize);
    let old: Vec<_> = old.map(|it| (it.shop, it.id)).collect();
    for place in old {
        all.key_copies.remove(&place);
    }
}
