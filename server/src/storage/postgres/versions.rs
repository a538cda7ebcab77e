//! Which version each document has that was written last, so that following the tally costs no way to
//! the database and back.
//!
//! As in the memory of recent pushes, what is remembered is tied to the shop's head, sequence and
//! chain: no document changes without moving both, so at the same head a remembered version is the
//! one that stands. Where another process moved the head, it is forgotten.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redtag_protocol::{entity::EntityRef, ids::ShopId, stamp::Seq};

use crate::storage::Head;

/// Documents remembered of one shop; beyond it all of them are forgotten.
const MOST: usize = 4096;

/// Shops remembered; beyond it all of them are forgotten.
const MOST_SHOPS: usize = 256;

/// Versions by document; none of one that is not there.
pub(super) type Known = HashMap<EntityRef, Option<Seq>>;

/// Of all shops.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions(Arc<Mutex<HashMap<ShopId, Kept>>>);

#[derive(Debug)]
struct Kept {
    seq: Seq,
    hash: [u8; 32],
    known: Known,
}

impl Versions {
    /// Takes what is known of a shop at this head.
    pub(super) fn take(&self, shop: ShopId, head: &Head) -> Known {
        let kept = self.lock().remove(&shop);
        kept.filter(|it| it.seq == head.seq && it.hash == head.hash)
            .map(|it| it.known)
            .unwrap_or_default()
    }

    /// Remembers what is known of a shop at this head, also before it is committed: a commit that
    /// fails leaves another head.
    pub(super) fn put(&self, shop: ShopId, head: &Head, known: Known) {
        if known.len() > MOST {
            return;
        }
        let mut shops = self.lock();
        if shops.len() >= MOST_SHOPS {
            shops.clear();
        }
        let (seq, hash) = (head.seq, head.hash);
        shops.insert(shop, Kept { seq, hash, known });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ShopId, Kept>> {
        // Entries come and go whole, and what is lost is read again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
