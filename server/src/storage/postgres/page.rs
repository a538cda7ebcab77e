//! A page of the change stream, stretch by stretch.
//!
//! A page ends where its bytes do, which nobody knows before the documents have come. So a few
//! sequences are asked for at first and more as their size shows; of each stretch the documents are
//! read row by row, and those past the page's end never held.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use redtag_protocol::{ids::ShopId, stamp::Seq};
use tokio_postgres::RowStream;

use super::{
    PostgresStorage, StorageError,
    convert::{event, head, stored, tombstone},
    fault::fault,
    flight::{Call, Streams, call, send},
    line::{OPENING, Purpose, Scope, opening, within},
    value::named,
};
use crate::storage::{Event, Head, Page, PageLimit, Row, Stored, Tombstone, sql::shop as sql};

/// Sequences asked for at first: as many documents of the usual four kilobytes fill a page of a
/// quarter of a megabyte, and a shop's news since the last pull are fewer.
const FIRST: u64 = 64;

/// At most so many at once later.
const MOST: u64 = 1_000;

/// What a line costs beside the stored text, about.
const EVENT_SIZE: usize = 160;
const DOCUMENT_SIZE: usize = 100;

/// Reads a page in a transaction of its own, which the line's end ends.
pub(super) async fn page(
    storage: &PostgresStorage,
    shop: ShopId,
    after: Seq,
    limit: PageLimit,
) -> Result<Page, StorageError> {
    let mut from = after.0;
    let end = after.0.saturating_add(u64::from(limit.seqs.max(1)));
    let mut to = end.min(from.saturating_add(FIRST));
    let mut calls = opening(Purpose::Read, Scope::Shop(shop));
    calls.push(call(sql::HEAD, named! {shop: shop}));
    calls.extend(stretch(shop, from, to));
    let mut line = storage.line(None).await?;
    let client = line.take_up()?;
    let begun = within(async {
        let mut streams = send(client, &calls).await?;
        for _ in 0..OPENING {
            rows(&mut streams, |_| Ok(())).await?;
        }
        let head = rows(&mut streams, head).await?.pop();
        let mut filling = Filling::new(head.ok_or(StorageError::NoShop(shop))?, limit);
        filling.take(&mut streams).await?;
        Ok(filling)
    })
    .await;
    let mut filling = line.settle(begun)?;
    let end = end.min(filling.head.seq.0);
    while !filling.full && to < end {
        from = to;
        to = end.min(from.saturating_add(filling.next()));
        let calls = stretch(shop, from, to);
        let client = line.take_up()?;
        let more = within(async {
            let mut streams = send(client, &calls).await?;
            filling.take(&mut streams).await
        })
        .await;
        line.settle(more)?;
    }
    Ok(filling.done())
}

/// The rows of the sequences after `from` up to and with `to`. Documents last: they are large, and
/// laid between the others as they come.
fn stretch(shop: ShopId, from: u64, to: u64) -> Vec<Call<'static>> {
    // What is past every number is past the end.
    let bound = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    [
        sql::EVENTS_AFTER,
        sql::TOMBSTONES_BETWEEN,
        sql::DOCUMENTS_BETWEEN,
    ]
    .map(|text| {
        call(
            text,
            named! {shop: shop, after: bound(from), upto: bound(to)},
        )
    })
    .into()
}

struct Filling {
    head: Head,
    limit: PageLimit,
    rows: Vec<Row>,
    /// The last sequence taken, and the chain there.
    last: Option<(Seq, [u8; 32])>,
    seqs: u64,
    bytes: usize,
    full: bool,
}

impl Filling {
    fn new(head: Head, limit: PageLimit) -> Self {
        Self {
            head,
            limit,
            rows: Vec::new(),
            last: None,
            seqs: 0,
            bytes: 0,
            full: false,
        }
    }

    /// Takes what fits of a stretch. Every sequence has one event, so the events say how far it
    /// goes; documents and tombstones are laid between them.
    async fn take(&mut self, streams: &mut Streams<'_>) -> Result<(), StorageError> {
        let events = self.events(streams).await?;
        let mut gone = rows(streams, tombstone).await?.into_iter().peekable();
        let mut documents = pin!(next(streams).await?);
        let mut document = documents.try_next().await.map_err(fault)?;
        let mut waiting = document.as_ref().map(stored).transpose()?;
        for event in events {
            if self.is_full() {
                break;
            }
            let seq = event.seq;
            self.event(event);
            if let Some(it) = waiting.take_if(|it| it.version <= seq) {
                self.document(it);
                document = documents.try_next().await.map_err(fault)?;
                waiting = document.as_ref().map(stored).transpose()?;
            }
            if let Some(it) = gone.next_if(|it| it.version <= seq) {
                self.gone(it);
            }
        }
        self.full = self.is_full();
        Ok(())
    }

    /// The events of a stretch, no more than would fill the page alone.
    async fn events(&self, streams: &mut Streams<'_>) -> Result<Vec<Event>, StorageError> {
        let mut events = Vec::new();
        let mut bytes = self.bytes;
        let mut stream = pin!(next(streams).await?);
        while let Some(row) = stream.try_next().await.map_err(fault)? {
            let event = event(&row)?;
            bytes += event.payload.len() + EVENT_SIZE;
            events.push(event);
            if bytes >= self.limit.bytes {
                break;
            }
        }
        Ok(events)
    }

    /// Whether no further sequence is begun. One is always taken.
    fn is_full(&self) -> bool {
        self.last.is_some() && self.bytes >= self.limit.bytes
    }

    fn event(&mut self, event: Event) {
        self.last = Some((event.seq, event.hash));
        self.seqs += 1;
        self.bytes += event.payload.len() + EVENT_SIZE;
        self.rows.push(Row::Event(event));
    }

    fn document(&mut self, document: Stored) {
        self.bytes += document.body.len() + DOCUMENT_SIZE;
        self.rows.push(Row::Document(document));
    }

    fn gone(&mut self, tombstone: Tombstone) {
        self.bytes += DOCUMENT_SIZE;
        self.rows.push(Row::Gone(tombstone));
    }

    /// How many sequences to ask for next: what the rest of the page holds at the size so far.
    fn next(&self) -> u64 {
        let left = self.limit.bytes.saturating_sub(self.bytes) as u64;
        let each = self.bytes as u64 / self.seqs.max(1);
        (left / each.max(1) + 1).clamp(FIRST / 4, MOST)
    }

    fn done(self) -> Page {
        // At the shop's end there is nothing, and the page stands where the head does.
        let (upto, hash) = self.last.unwrap_or((self.head.seq, self.head.hash));
        Page {
            rows: self.rows,
            upto,
            hash,
            more: upto < self.head.seq,
        }
    }
}

async fn next(streams: &mut Streams<'_>) -> Result<RowStream, StorageError> {
    streams.next().await?.ok_or(StorageError::Lost)
}

/// All rows of the next call.
async fn rows<T>(
    streams: &mut Streams<'_>,
    read: impl Fn(&tokio_postgres::Row) -> Result<T, StorageError>,
) -> Result<Vec<T>, StorageError> {
    let mut stream = pin!(next(streams).await?);
    let mut found = Vec::new();
    while let Some(row) = stream.try_next().await.map_err(fault)? {
        found.push(read(&row)?);
    }
    Ok(found)
}
