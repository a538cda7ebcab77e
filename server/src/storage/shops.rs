use std::collections::HashSet;

use redtag_protocol::{
    api::changes::Mark,
    entity::{EntityRef, Kind},
    ids::{DeviceId, InspectionId, ShopId},
    stamp::{Seq, Stamp},
};

use super::{
    Changes, Event, Head, Logged, Page, PageLimit, Part, Pending, Piece, RefusedCreation,
    StorageError, Stored, Tip, Tombstone,
};

/// One shop at a time: reads, and transactions.
///
/// Every read is one consistent snapshot of its own and sees what was committed before it was
/// called. A shop that was never begun is [`NoShop`](super::StorageError::NoShop).
pub trait Shops: Send + Sync + 'static {
    /// How far the shop is.
    fn head(&self, shop: ShopId) -> Pending<'_, Head>;

    /// The head, and the tally there.
    fn tip(&self, shop: ShopId) -> Pending<'_, Tip>;

    /// Documents, in the order asked for.
    fn documents(&self, shop: ShopId, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>>;

    /// All documents of a kind, by id.
    fn list(&self, shop: ShopId, kind: Kind) -> Pending<'_, Vec<Stored>>;

    /// The rows of the sequences after `after`, as many as the limit lets through. Documents appear
    /// at the sequence of their last change only. At the shop's end the page is empty, `upto` and
    /// `hash` are the head's.
    fn page(&self, shop: ShopId, after: Seq, limit: PageLimit) -> Pending<'_, Page>;

    /// A piece of a part of the shop as it was at the sequence `upto`, after a mark or from the
    /// part's beginning. The limit is of documents looked at, or events, and of bytes; a piece may be
    /// empty and the part not over.
    fn piece(
        &self,
        shop: ShopId,
        part: Part,
        after: Option<Mark>,
        upto: Seq,
        limit: PageLimit,
    ) -> Pending<'_, Piece>;

    /// The events of a document after a sequence, in order, at most `most`.
    fn timeline(
        &self,
        shop: ShopId,
        key: EntityRef,
        after: Seq,
        most: u32,
    ) -> Pending<'_, Vec<Event>>;

    /// The chain at a sequence; the genesis hash at 0, none past the end.
    fn hash_at(&self, shop: ShopId, seq: Seq) -> Pending<'_, Option<[u8; 32]>>;

    /// The highest number that is decided for a device; 0 for an unknown one. It never goes back,
    /// also when the outcomes themselves are forgotten.
    fn last_number(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64>;

    /// The stored outcomes of a device's numbers, as [`Transaction::outcomes`] gives them.
    fn outcomes(
        &self,
        shop: ShopId,
        device: DeviceId,
        from: u64,
        to: u64,
    ) -> Pending<'_, Vec<Logged>>;

    /// Forgets outcomes decided before `before`, the oldest first, and says how many: about `most`
    /// (those of one instant go together), and some as long as there are any.
    fn forget_outcomes(&self, shop: ShopId, before: Stamp, most: u32) -> Pending<'_, u64>;

    /// Begins a transaction and waits until it alone may write to the shop: from here to the commit
    /// nobody else takes a sequence. Writers of other shops are not held up.
    ///
    /// The caller must not wait for anything but the storage while it holds one, and gets
    /// [`Lost`](super::StorageError::Lost) if it does for some seconds.
    fn begin(&self, shop: ShopId) -> Pending<'_, Box<dyn Transaction>>;

    /// [`begin`](Self::begin), and the [last number](Transaction::last_number) of a device as the
    /// transaction sees it. An engine that can saves the way there and back for the second.
    fn begin_for(
        &self,
        shop: ShopId,
        device: DeviceId,
    ) -> Pending<'_, (Box<dyn Transaction>, u64)> {
        Box::pin(async move {
            let mut transaction = self.begin(shop).await?;
            let last = transaction.last_number(device).await?;
            Ok((transaction, last))
        })
    }
}

/// A transaction in one shop, as a value. Dropping it without [`commit`](Self::commit) rolls back.
///
/// Reads see the snapshot at its beginning and its own writes; since it is the shop's only writer,
/// the two are all there is.
pub trait Transaction: Send {
    /// The shop.
    fn shop(&self) -> ShopId;

    /// The head as locked at the beginning.
    fn head(&self) -> Head;

    /// Documents, in the order asked for.
    fn documents(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>>;

    /// All documents of a kind, by id.
    fn list(&mut self, kind: Kind) -> Pending<'_, Vec<Stored>>;

    /// The chain at sequences, in the order asked for; the genesis hash at 0, none past the end.
    fn hashes(&mut self, seqs: Vec<Seq>) -> Pending<'_, Vec<Option<[u8; 32]>>>;

    /// The stored outcomes of a device's numbers from `from` to `to`, both included, in order;
    /// numbers that were never decided, or are forgotten, are absent.
    fn outcomes(&mut self, device: DeviceId, from: u64, to: u64) -> Pending<'_, Vec<Logged>>;

    /// The highest number that is decided for a device; 0 for an unknown one.
    fn last_number(&mut self, device: DeviceId) -> Pending<'_, u64>;

    /// Which of these documents a device tried to create and was refused, with the last such
    /// number; unordered, each document at most once.
    fn refused_creations(
        &mut self,
        device: DeviceId,
        keys: Vec<EntityRef>,
    ) -> Pending<'_, Vec<RefusedCreation>>;

    /// Tombstones with what they keep, in the order asked for.
    fn tombstones(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Tombstone>>>;

    /// All events of these documents, in order, in the order asked for: also of those of which
    /// neither document nor tombstone is left.
    fn histories(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<Vec<Event>>>;

    /// Whether any inspection names these vehicles and customers, in the order asked for; of other
    /// documents none says.
    fn referred(&mut self, keys: Vec<EntityRef>) -> Pending<'_, Vec<bool>>;

    /// Inspections on which there is work to do, with ids below `below`, or from the highest on: in
    /// falling order, at most `most`.
    fn open(&mut self, below: Option<InspectionId>, most: u32) -> Pending<'_, Vec<Stored>>;

    /// Forgets tombstones from before `before`, the oldest first, at most `most`: how many, and the
    /// highest version among them, which the head's floor must not be below when this is committed.
    /// Those of erasures stay: a creation that was on its way for years must not undo one.
    fn forget_tombstones(&mut self, before: Stamp, most: u32) -> Pending<'_, (u64, Option<Seq>)>;

    /// Writes everything, or nothing. May be called several times.
    ///
    /// # Errors
    ///
    /// [`Constraint`](super::StorageError::Constraint) for an event out of order or there already, a
    /// document or tombstone whose version is not the sequence of an event among the same changes,
    /// or another's, or a number that is decided already. The transaction can only be dropped then.
    fn write(&mut self, changes: Changes) -> Pending<'_, ()>;

    /// Sets the head, as the last statement, and commits. Durable when it returns: it survives a
    /// power cut. Readers see all of it from then on, and nothing before.
    ///
    /// # Errors
    ///
    /// [`Constraint`](super::StorageError::Constraint) if the head goes back. On
    /// [`Lost`](super::StorageError::Lost) it may have happened.
    fn commit(self: Box<Self>, head: Head) -> Pending<'static, ()>;

    /// [`write`](Self::write) and [`commit`](Self::commit), both or neither. An engine that can
    /// saves the way there and back for the second.
    ///
    /// # Errors
    ///
    /// Those of the two.
    fn finish(mut self: Box<Self>, changes: Changes, head: Head) -> Pending<'static, ()>
    where
        Self: 'static,
    {
        Box::pin(async move {
            self.write(changes).await?;
            self.commit(head).await
        })
    }
}

/// What every engine must check of a transaction's writes, whatever its database checks: events
/// follow the head without a gap, no document changes without an event of the same write, and the
/// head ends where the events do.
#[derive(Debug)]
pub(super) struct Order {
    seq: Seq,
    hash: [u8; 32],
}

impl From<Head> for Order {
    fn from(head: Head) -> Self {
        Self {
            seq: head.seq,
            hash: head.hash,
        }
    }
}

impl Order {
    /// Follows a set of changes, or stays where it is.
    pub(super) fn take(&mut self, changes: &Changes) -> Result<(), StorageError> {
        let (mut seq, mut hash) = (self.seq, self.hash);
        for event in &changes.events {
            if event.seq != seq.next() {
                return Err(StorageError::Constraint(format!(
                    "event {} after {seq}",
                    event.seq
                )));
            }
            seq = event.seq;
            hash = event.hash;
        }
        // Without a gap, so these are the sequences of the events and no others. A reader whose
        // cursor, or whose memory of the head, is at another sequence would never hear of it.
        let documents = changes.documents.iter().map(|it| (it.version, it.key));
        let gone = changes.gone.iter().map(|it| (it.version, it.key));
        let mut versions: Vec<_> = documents.chain(gone).collect();
        let told = |version: Seq| self.seq < version && version <= seq;
        if let Some((silent, _)) = versions.iter().find(|it| !told(it.0)) {
            return Err(StorageError::Constraint(format!(
                "a document at {silent}, which is no event's of the same write"
            )));
        }
        versions.sort_unstable();
        let keys: HashSet<EntityRef> = versions.iter().map(|it| it.1).collect();
        if keys.len() < versions.len() || !versions.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(StorageError::Constraint(
                "one document twice, or two at one sequence".to_owned(),
            ));
        }
        (self.seq, self.hash) = (seq, hash);
        Ok(())
    }

    /// Compares the head that is to be committed.
    pub(super) fn end(&self, head: &Head) -> Result<(), StorageError> {
        if head.seq == self.seq && head.hash == self.hash {
            return Ok(());
        }
        Err(StorageError::Constraint(format!(
            "the head at {} where the events end at {}",
            head.seq, self.seq
        )))
    }
}
