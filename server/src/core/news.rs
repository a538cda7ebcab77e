//! The last changes of each shop, kept in memory by the pushes that made them: a bench that hears
//! of a change asks for it at once, and reading back what was just written costs more than writing
//! it.
//!
//! It is a copy of what the storage holds, and nothing depends on it. What is kept is tied to the
//! shop's head, sequence and chain hash: whatever a bench can pull, members included, changes only
//! under the head's lock and with an event, which the storage insists on, and an event changes the
//! hash in a way that nobody can repeat. Who asks brings the head that the storage has just told;
//! where it is not the one that is kept here, because another process, an operator or a restored
//! backup moved it, or a commit is just being made, nothing is answered and the storage is read.
//! What changes without an event, the floor and the tally, comes with that head and is never kept.

mod kept;

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redtag_protocol::{
    ids::{PersonId, ShopId},
    role::Role,
    stamp::Seq,
};
use tokio::time::Instant;

use self::kept::{Kept, Point};
use crate::storage::{Changes, Head, Page, PageLimit, Tip, Tombstone};

/// How much is kept of all shops together, in bytes of stored text; beyond it the shops that
/// changed longest ago are forgotten.
const MOST: usize = 16 << 20;

/// How much of one shop; beyond it its oldest changes are forgotten.
const MOST_OF_SHOP: usize = 4 << 20;

/// So many shops at most, however little each of them holds.
const MOST_SHOPS: usize = 1024;

/// The last changes, by shop.
#[derive(Default)]
pub struct News(Mutex<Shelf>);

impl fmt::Debug for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.lock();
        f.debug_struct("News")
            .field("shops", &all.shops.len())
            .field("bytes", &all.bytes)
            .finish()
    }
}

#[derive(Default)]
struct Shelf {
    shops: HashMap<ShopId, Shop>,
    bytes: usize,
    tick: u64,
}

struct Shop {
    kept: Kept,
    told: Instant,
    used: u64,
}

/// What a transaction is about to write, as far as it will be news.
pub(super) struct Draft {
    from: Point,
    to: Point,
    changes: Changes,
}

impl Draft {
    /// Of changes that lead from one head to another. Bodies are shared, so it costs little.
    pub(super) fn of(from: &Head, to: &Head, changes: &Changes) -> Self {
        // What a deleted document was is for undoing, and no bench is sent it.
        let gone = changes.gone.iter().map(|it| Tombstone {
            body: None,
            ..it.clone()
        });
        Self {
            from: from.into(),
            to: to.into(),
            changes: Changes {
                documents: changes.documents.clone(),
                gone: gone.collect(),
                erase: changes.erase.clone(),
                events: changes.events.clone(),
                ..Changes::default()
            },
        }
    }
}

impl News {
    /// Keeps what was just committed. Only then: what fails after all must not be told.
    pub(super) fn tell(&self, shop: ShopId, draft: Draft) {
        let Draft { from, to, changes } = draft;
        let mut all = self.lock();
        // Two who committed one after the other may come here the other way round; that costs what
        // was kept and no more, for the heads do not meet.
        let kept = all.remove(shop).filter(|it| it.end() == from);
        let kept = if changes.erase.is_empty() {
            let mut kept = kept.unwrap_or_else(|| Kept::at(from));
            kept.take(to, changes);
            kept.trim(MOST_OF_SHOP);
            kept
        } else {
            // Also events of long ago are others now.
            Kept::at(to)
        };
        all.put(shop, kept);
    }

    /// The page after a sequence at which the chain begins with `hash`, as the storage would read
    /// it where it is at this tip; none where it must be asked.
    pub(super) fn page(
        &self,
        shop: ShopId,
        tip: &Tip,
        (after, hash): (Seq, [u8; 8]),
        limit: PageLimit,
    ) -> Option<Page> {
        let all = self.lock();
        let kept = &all.shops.get(&shop)?.kept;
        (kept.end() == Point::from(&tip.head) && kept.passed(after, hash))
            .then(|| kept.page(tip, after, limit))
    }

    /// The role of somebody who is a member of a shop that is at this head; none where the storage
    /// must be asked.
    pub(crate) fn role(&self, shop: ShopId, head: &Head, person: PersonId) -> Option<Role> {
        let all = self.lock();
        let kept = &all.shops.get(&shop)?.kept;
        (kept.end() == head.into()).then(|| kept.role(person))?
    }

    /// Keeps a role that was read after the shop was seen at this head. If it is still there when
    /// it is asked for, it was there when the role was read.
    pub(crate) fn learn(&self, shop: ShopId, head: &Head, person: PersonId, role: Role) {
        let mut all = self.lock();
        let behind = |it: &Shop| it.kept.end().seq < head.seq;
        if all.shops.get(&shop).is_none_or(behind) {
            all.remove(shop);
            all.put(shop, Kept::at(head.into()));
        }
        if let Some(it) = all.shops.get_mut(&shop)
            && it.kept.end() == head.into()
        {
            it.kept.learn(person, role);
        }
    }

    /// Whether a person was a member as of a commit of this process that led to this sequence, not
    /// longer ago than `age`.
    pub(crate) fn was_member(
        &self,
        shop: ShopId,
        seq: Seq,
        person: PersonId,
        age: Duration,
    ) -> bool {
        self.lock().shops.get(&shop).is_some_and(|it| {
            it.kept.end().seq == seq && it.told.elapsed() < age && it.kept.role(person).is_some()
        })
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // Entries come and go whole, and what is lost is read again.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn remove(&mut self, shop: ShopId) -> Option<Kept> {
        let kept = self.shops.remove(&shop)?.kept;
        self.bytes -= kept.bytes();
        Some(kept)
    }

    /// Puts a shop in that is not there.
    fn put(&mut self, shop: ShopId, kept: Kept) {
        self.tick += 1;
        self.bytes += kept.bytes();
        let kept = Shop {
            kept,
            told: Instant::now(),
            used: self.tick,
        };
        self.shops.insert(shop, kept);
        while self.bytes > MOST || self.shops.len() > MOST_SHOPS {
            let oldest = self.shops.iter().min_by_key(|(_, it)| it.used);
            let Some(shop) = oldest.map(|(shop, _)| *shop) else {
                return;
            };
            self.remove(shop);
        }
    }
}

#[cfg(test)]
mod tests;
