//! One shop at a time.

use std::sync::Arc;

use redtag_protocol::{
    api::changes::Mark,
    entity::{EntityRef, Kind},
    ids::{DeviceId, InspectionId, ShopId},
    stamp::{Seq, Stamp},
};

use super::{Content, MemoryStorage, Process};
use crate::storage::{
    Changes, Event, Head, Logged, Page, PageLimit, Part, Pending, Piece, RefusedCreation, Shops,
    StorageError, Stored, Tip, Tombstone, Transaction, shops::Order,
};

impl MemoryStorage {
    fn read<T: Send + 'static>(
        &self,
        shop: ShopId,
        read: impl FnOnce(&Content) -> T + Send + 'static,
    ) -> Pending<'_, T> {
        Box::pin(async move { self.0.step(|all| Ok(read(all.content(shop)?))) })
    }
}

impl Shops for MemoryStorage {
    fn head(&self, shop: ShopId) -> Pending<'_, Head> {
        self.read(shop, |it| it.head)
    }

    fn tip(&self, shop: ShopId) -> Pending<'_, Tip> {
        self.read(shop, |it| Tip {
            head: it.head,
            tally: Some(it.tally),
        })
    }

    fn documents(&self, shop: ShopId, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>> {
        self.read(shop, move |it| it.documents(&keys))
    }

    fn list(&self, shop: ShopId, kind: Kind) -> Pending<'_, Vec<Stored>> {
        self.read(shop, move |it| it.list(kind))
    }

    fn page(&self, shop: ShopId, after: Seq, limit: PageLimit) -> Pending<'_, Page> {
        self.read(shop, move |it| it.page(after, limit))
    }

    fn piece(
        &self,
        shop: ShopId,
        part: Part,
        after: Option<Mark>,
        upto: Seq,
        limit: PageLimit,
    ) -> Pending<'_, Piece> {
        self.read(shop, move |it| it.piece(part, after, upto, limit))
    }

    fn timeline(
        &self,
        shop: ShopId,
        key: EntityRef,
        after: Seq,
        most: u32,
    ) -> Pending<'_, Vec<Event>> {
        self.read(shop, move |it| it.timeline(&key, after, most))
    }

    fn hash_at(&self, shop: ShopId, seq: Seq) -> Pending<'_, Option<[u8; 32]>> {
        self.read(shop, move |it| it.hash_at(seq))
    }

    fn last_number(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        self.read(shop, move |it| it.last_number(device))
    }

    fn outcomes(
        &self,
        shop: ShopId,
        device: DeviceId,
        from: u64,
        to: u64,
    ) -> Pending<'_, Vec<Logged>> {
        self.read(shop, move |it| it.outcomes(device, from, to))
    }

    fn forget_outcomes(&self, shop: ShopId, before: Stamp, most: u32) -> Pending<'_, u64> {
        Box::pin(async move {
            let ticket = self.0.turn(shop).await;
            let done = self.0.step(|all| {
                let mut content = all.content(shop)?.as_ref().clone();
                let gone = content.forget_outcomes(before, most);
                all.contents.insert(shop, Arc::new(content));
                Ok(gone)
            });
            self.0.let_go(shop, ticket);
            done
        })
    }

    fn begin(&self, shop: ShopId) -> Pending<'_, Box<dyn Transaction>> {
        Box::pin(async move {
            // Before anybody waits for a shop that is not there.
            self.0.step(|all| all.content(shop).map(drop))?;
            let open = Open {
                process: Arc::clone(&self.0),
                shop,
                ticket: self.0.turn(shop).await,
            };
            let content = self.0.step(|all| all.content(shop).cloned())?;
            let head = content.head;
            Ok(Box::new(Writing {
                open,
                head,
                order: Order::from(head),
                content: Some(content),
            }) as Box<dyn Transaction>)
        })
    }
}

/// A transaction's turn, which ends with it.
struct Open {
    process: Arc<Process>,
    shop: ShopId,
    ticket: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.process.let_go(self.shop, self.ticket);
    }
}

/// A transaction: a copy of the shop, which takes its place at the commit.
struct Writing {
    open: Open,
    head: Head,
    order: Order,
    /// None once a write was refused.
    content: Option<Arc<Content>>,
}

impl Writing {
    fn read<T>(&self, read: impl FnOnce(&Content) -> T) -> Result<T, StorageError> {
        self.open.process.holds(self.open.shop, self.open.ticket)?;
        let content = self.content.as_ref().ok_or(StorageError::Lost)?;
        self.open.process.step(|_| Ok(read(content)))
    }
}

impl Transaction for Writing {
    fn shop(&self) -> ShopId {
        self.open.shop
    }

    fn head(&self) -> Head {
        self.head
    }

    fn documents(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>> {
        Box::pin(async move { self.read(|it| it.documents(&keys)) })
    }

    fn list(&mut self, kind: Kind) -> Pending<'_, Vec<Stored>> {
        Box::pin(async move { self.read(|it| it.list(kind)) })
    }

    fn hashes(&mut self, seqs: Vec<Seq>) -> Pending<'_, Vec<Option<[u8; 32]>>> {
        Box::pin(async move { self.read(|it| seqs.iter().map(|seq| it.hash_at(*seq)).collect()) })
    }

    fn outcomes(&mut self, device: DeviceId, from: u64, to: u64) -> Pending<'_, Vec<Logged>> {
        Box::pin(async move { self.read(|it| it.outcomes(device, from, to)) })
    }

    fn last_number(&mut self, device: DeviceId) -> Pending<'_, u64> {
        Box::pin(async move { self.read(|it| it.last_number(device)) })
    }

    fn refused_creations(
        &mut self,
        device: DeviceId,
        keys: Vec<EntityRef>,
    ) -> Pending<'_, Vec<RefusedCreation>> {
        Box::pin(async move { self.read(|it| it.refused_creations(device, &keys)) })
    }

    fn tombstones(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Tombstone>>> {
        Box::pin(async move { self.read(|it| it.tombstones(&keys)) })
    }

    fn histories(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Vec<Event>>> {
        Box::pin(async move { self.read(|it| it.histories(&keys)) })
    }

    fn referred(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<bool>> {
        Box::pin(async move { self.read(|it| it.referred(&keys)) })
    }

    fn open(&mut self, below: Option<InspectionId>, most: u32) -> Pending<'_, Vec<Stored>> {
        Box::pin(async move { self.read(|it| it.open(below, most)) })
    }

    fn forget_tombstones(&mut self, before: Stamp, most: u32) -> Pending<'_, (u64, Option<Seq>)> {
        Box::pin(async move {
            self.open.process.holds(self.open.shop, self.open.ticket)?;
            let content = self.content.take().ok_or(StorageError::Lost)?;
            let mut content = Arc::unwrap_or_clone(content);
            self.open.process.step(|_| Ok(()))?;
            let gone = content.forget_tombstones(before, most);
            self.content = Some(Arc::new(content));
            Ok(gone)
        })
    }

    fn write(&mut self, changes: Changes) -> Pending<'_, ()> {
        Box::pin(async move {
            self.open.process.holds(self.open.shop, self.open.ticket)?;
            let content = self.content.take().ok_or(StorageError::Lost)?;
            let mut content = Arc::unwrap_or_clone(content);
            self.open.process.step(|_| Ok(()))?;
            self.order.take(&changes)?;
            content.write(changes)?;
            self.content = Some(Arc::new(content));
            Ok(())
        })
    }

    fn commit(mut self: Box<Self>, head: Head) -> Pending<'static, ()> {
        Box::pin(async move {
            let Open {
                process,
                shop,
                ticket,
            } = &self.open;
            process.holds(*shop, *ticket)?;
            let content = self.content.take().ok_or(StorageError::Lost)?;
            let mut content = Arc::unwrap_or_clone(content);
            self.order.end(&head)?;
            content.head = head;
            process.step(|all| {
                all.contents.insert(*shop, Arc::new(content));
                Ok(())
            })
        })
    }
}
