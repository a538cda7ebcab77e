//! What the last pushes to a shop left in memory: its documents, read and understood.
//!
//! A bench that edits sends one push after the other for the same few documents; to read and parse
//! inspection, template and member anew each time costs more than to decide. What is remembered is
//! tied to the shop's head, sequence and chain hash: a document changes only under the head's lock
//! and with an event, which the storage insists on, and an event changes the hash in a way that nobody can repeat. Where the head
//! that a transaction locked is another one, because another process, an operator or a restored
//! backup moved it, everything is forgotten and read again. So a remembered document is never an
//! old one, and nothing has to be told to anybody.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redtag_protocol::{
    api::devices::short,
    entity::{Entity, EntityRef},
    ids::ShopId,
    op::Place,
    stamp::Seq,
};

use crate::{core::news::News, storage::Head};

/// How much is remembered of all shops together, counted in bytes of stored bodies; understood they
/// take some times as much.
const MOST: usize = 16 << 20;

/// How much of one shop. Beyond it only what the last push needed is kept.
const MOST_OF_SHOP: usize = 1 << 20;

/// So many places of one shop, the newest.
const PLACES: usize = 64;

/// So many shops at most, however little each of them holds.
const MOST_SHOPS: usize = 1024;

/// What the last pushes left in memory, by shop: the documents that they used, and the
/// [news](News) that they made.
#[derive(Default)]
pub struct Recent {
    documents: Mutex<Shelf>,
    news: News,
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let memory = self.lock();
        f.debug_struct("Recent")
            .field("shops", &memory.shops.len())
            .field("bytes", &memory.bytes)
            .field("news", &self.news)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Shelf {
    shops: HashMap<ShopId, Kept>,
    bytes: usize,
    tick: u64,
}

struct Kept {
    seq: Seq,
    hash: [u8; 32],
    documents: Documents,
    used: u64,
}

/// Documents of one shop at one head, and places that lead there.
#[derive(Default)]
pub(super) struct Documents {
    all: HashMap<EntityRef, Document>,
    bytes: usize,
    /// The chain at some sequences, among them the last heads: where benches stand.
    places: BTreeMap<Seq, [u8; 8]>,
}

struct Document {
    entity: Arc<Entity>,
    /// Of its stored body.
    bytes: usize,
    /// Whether the present push used it.
    used: bool,
}

impl Recent {
    /// What was changed last.
    pub fn news(&self) -> &News {
        &self.news
    }

    /// Takes what is known of a shop at this head. Whoever holds the head's lock is the only one
    /// who asks.
    pub(super) fn take(&self, shop: ShopId, head: &Head) -> Documents {
        let mut memory = self.lock();
        let kept = memory.remove(shop);
        drop(memory);
        kept.filter(|it| it.seq == head.seq && it.hash == head.hash)
            .map(|it| it.documents)
            .unwrap_or_default()
    }

    /// Remembers the documents of a shop as they are at this head. It may be told before the
    /// transaction that leads there is committed: one that fails leaves another head.
    pub(super) fn put(&self, shop: ShopId, head: &Head, mut documents: Documents) {
        documents.pass(head.seq, &head.hash);
        documents.trim();
        let mut memory = self.lock();
        memory.remove(shop);
        memory.tick += 1;
        memory.bytes += documents.bytes;
        let kept = Kept {
            seq: head.seq,
            hash: head.hash,
            documents,
            used: memory.tick,
        };
        memory.shops.insert(shop, kept);
        while memory.bytes > MOST || memory.shops.len() > MOST_SHOPS {
            let oldest = memory.shops.iter().min_by_key(|(_, kept)| kept.used);
            let Some(shop) = oldest.map(|(shop, _)| *shop) else {
                return;
            };
            memory.remove(shop);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // Entries come and go whole, and what is lost is read again.
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn remove(&mut self, shop: ShopId) -> Option<Kept> {
        let kept = self.shops.remove(&shop)?;
        self.bytes -= kept.documents.bytes;
        Some(kept)
    }
}

impl Documents {
    /// A document, if it is known.
    pub(super) fn find(&mut self, key: &EntityRef) -> Option<&Arc<Entity>> {
        let found = self.all.get_mut(key)?;
        found.used = true;
        Some(&found.entity)
    }

    /// A document as it is now, with the size of its stored body in bytes.
    pub(super) fn learn(&mut self, entity: Arc<Entity>, bytes: usize) {
        let document = Document {
            bytes,
            used: true,
            entity,
        };
        self.bytes += bytes;
        if let Some(before) = self.all.insert(document.entity.key(), document) {
            self.bytes -= before.bytes;
        }
    }

    /// Gives a document away, so that it can be changed in place, with the size of its body in
    /// bytes; also what becomes of one that is no more.
    pub(super) fn lend(&mut self, key: &EntityRef) -> Option<(Arc<Entity>, usize)> {
        let document = self.all.remove(key)?;
        self.bytes -= document.bytes;
        Some((document.entity, document.bytes))
    }

    /// Notes the chain at a sequence.
    pub(super) fn pass(&mut self, seq: Seq, hash: &[u8; 32]) {
        self.places.insert(seq, short(hash));
    }

    /// Whether a sequence is among the places.
    pub(super) fn knows(&self, seq: Seq) -> bool {
        self.places.contains_key(&seq)
    }

    /// Whether the shop has come by this place: in this life of the database, not in another.
    pub(super) fn passed(&self, place: &Place) -> bool {
        self.places.get(&place.seq) == Some(&place.hash)
    }

    /// Readies them for the next push.
    fn trim(&mut self) {
        while self.places.len() > PLACES {
            self.places.pop_first();
        }
        if self.bytes > MOST_OF_SHOP {
            self.all.retain(|_, document| document.used);
            self.bytes = self.all.values().map(|it| it.bytes).sum();
        }
        for document in self.all.values_mut() {
            document.used = false;
        }
    }
}

#[cfg(test)]
mod tests;
