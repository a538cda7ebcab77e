//! A page of the change stream, row by row.

use redtag_protocol::{
    ids::ShopId,
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, Row, named_params};

use super::{
    StorageError,
    convert::{body, entity, fault, index, number, text, unsigned},
    shops::head,
};
use crate::storage::{
    Event, Page, PageLimit, Stored, Tombstone, filling::Filling, sql::shop as sql,
};

/// Documents and tombstones are laid between the events as they come; nothing past the page's end
/// is read.
pub(super) fn page(
    it: &Connection,
    shop: ShopId,
    after: Seq,
    limit: PageLimit,
) -> Result<Page, StorageError> {
    let (head, tally) = head(it, shop)?;
    let mut filling = Filling::new(head, tally, limit);
    if after >= head.seq {
        return Ok(filling.done());
    }
    let last = Seq(after.0.saturating_add(u64::from(limit.seqs.max(1)))).min(head.seq);
    let stretch = named_params! {
        ":shop": shop.as_bytes(), ":after": number(after.0)?, ":upto": number(last.0)?,
    };
    let mut events = it.prepare_cached(sql::EVENTS_AFTER).map_err(fault)?;
    let mut events = events.query(stretch).map_err(fault)?;
    let mut documents = it.prepare_cached(sql::DOCUMENTS_BETWEEN).map_err(fault)?;
    let mut documents = documents.query(stretch).map_err(fault)?;
    let mut document = documents.next().map_err(fault)?.map(stored).transpose()?;
    let mut gone = tombstones(it, shop, after, last)?.into_iter().peekable();
    while let Some(row) = events.next().map_err(fault)? {
        if filling.is_full() {
            break;
        }
        let event = event(row)?;
        let seq = event.seq;
        filling.event(event);
        if let Some(it) = document.take_if(|it| it.version <= seq) {
            filling.document(it);
            document = documents.next().map_err(fault)?.map(stored).transpose()?;
        }
        if let Some(it) = gone.next_if(|it| it.version <= seq) {
            filling.gone(it);
        }
    }
    Ok(filling.done())
}

fn tombstones(
    it: &Connection,
    shop: ShopId,
    after: Seq,
    upto: Seq,
) -> Result<Vec<Tombstone>, StorageError> {
    let mut query = it.prepare_cached(sql::TOMBSTONES_BETWEEN).map_err(fault)?;
    let mut rows = query
        .query(named_params! {
            ":shop": shop.as_bytes(), ":after": number(after.0)?, ":upto": number(upto.0)?,
        })
        .map_err(fault)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        found.push(Tombstone {
            key: entity(row, 1, 2)?,
            version: Seq(unsigned(row, 0).map_err(fault)?),
            at: Stamp(unsigned(row, 3).map_err(fault)?),
            erased: row.get(4).map_err(fault)?,
            body: None,
        });
    }
    Ok(found)
}

pub(super) fn event(row: &Row<'_>) -> Result<Event, StorageError> {
    Ok(Event {
        seq: Seq(unsigned(row, 0).map_err(fault)?),
        key: entity(row, 1, 2)?,
        salt: row.get(3).map_err(fault)?,
        hash: row.get(4).map_err(fault)?,
        payload: text(row, 5).map_err(fault)?,
        digest: row.get(6).map_err(fault)?,
    })
}

fn stored(row: &Row<'_>) -> Result<Stored, StorageError> {
    Ok(Stored {
        key: entity(row, 1, 2)?,
        version: Seq(unsigned(row, 0).map_err(fault)?),
        index: index(row, 3).map_err(fault)?,
        body: body(row, 6).map_err(fault)?,
    })
}
