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
    convert::{event, head, stored, tally, tombstone},
    fault::fault,
    flight::{Call, Streams, call, send},
    line::{OPENING, Purpose, Scope, opening, within},
    value::named,
};
use crate::storage::{
    Event, Page, PageLimit,
    filling::{Filling, event_size},
    sql::shop as sql,
};

/// Sequences asked for at first: as many documents of the usual four kilobytes fill a page of a
/// quarter of a megabyte, and a shop's news since the last pull are fewer.
const FIRST: u64 = 64;

/// At most so many at once later.
const MOST: u64 = 1_000;

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
        let head = rows(&mut streams, |row| Ok((head(row)?, tally(row)?)));
        let (head, tally) = head.await?.pop().ok_or(StorageError::NoShop(shop))?;
        let mut filling = Filling::new(head, tally, limit);
        take(&mut filling, &mut streams).await?;
        Ok((filling, head.seq.0))
    })
    .await;
    let (mut filling, newest) = line.settle(begun)?;
    let end = end.min(newest);
    while !filling.is_full() && to < end {
        from = to;
        to = end.min(from.saturating_add(ask(&filling)));
        let calls = stretch(shop, from, to);
        let client = line.take_up()?;
        let more = within(async {
            let mut streams = send(client, &calls).await?;
            take(&mut filling, &mut streams).await
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

/// Takes what fits of a stretch.
async fn take(filling: &mut Filling, streams: &mut Streams<'_>) -> Result<(), StorageError> {
    let events = events(filling, streams).await?;
    let mut gone = rows(streams, tombstone).await?.into_iter().peekable();
    let mut documents = pin!(next(streams).await?);
    let mut document = documents.try_next().await.map_err(fault)?;
    let mut waiting = document.as_ref().map(stored).transpose()?;
    for event in events {
        if filling.is_full() {
            break;
        }
        let seq = event.seq;
        filling.event(event);
        if let Some(it) = waiting.take_if(|it| it.version <= seq) {
            filling.document(it);
            document = documents.try_next().await.map_err(fault)?;
            waiting = document.as_ref().map(stored).transpose()?;
        }
        if let Some(it) = gone.next_if(|it| it.version <= seq) {
            filling.gone(it);
        }
    }
    Ok(())
}

/// The events of a stretch, no more than would fill the page alone.
async fn events(filling: &Filling, streams: &mut Streams<'_>) -> Result<Vec<Event>, StorageError> {
    let mut events = Vec::new();
    let mut bytes = 0;
    let mut stream = pin!(next(streams).await?);
    while let Some(row) = stream.try_next().await.map_err(fault)? {
        let event = event(&row)?;
        bytes += event_size(&event);
        events.push(event);
        if bytes >= filling.left() {
            break;
        }
    }
    Ok(events)
}

/// How many sequences to ask for next: what the rest of the page holds at the size so far.
fn ask(filling: &Filling) -> u64 {
    (filling.left() as u64 / filling.each().max(1) + 1).clamp(FIRST / 4, MOST)
}

pub(super) async fn next(streams: &mut Streams<'_>) -> Result<RowStream, StorageError> {
    streams.next().await?.ok_or(StorageError::Lost)
}

/// All rows of the next call.
pub(super) async fn rows<T>(
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
