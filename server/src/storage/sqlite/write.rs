//! What a transaction writes.

use redtag_protocol::{
    audit::Tally,
    entity::EntityRef,
    ids::ShopId,
    packed,
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::{
    StorageError,
    convert::{entity, fault, index, number, unsigned},
};
use crate::storage::{
    Changes, Emptied, Event, Index, Stored, Tombstone, count,
    sql::{embedded, shop as sql},
};

/// Writes all rows of a set of changes, and follows them in the tally, which is counted where nobody
/// has yet.
pub(super) fn write(
    it: &Connection,
    shop: ShopId,
    changes: &Changes,
    tally: &mut Option<Tally>,
) -> Result<(), StorageError> {
    if count::concerns(changes) {
        let mut sum = match tally {
            Some(tally) => *tally,
            None => counted(it, shop)?,
        };
        for document in &changes.documents {
            let former = put(it, shop, document)?;
            count::change(&mut sum, &document.key, former, Some(document.version));
        }
        for tombstone in &changes.gone {
            let former = bury(it, shop, tombstone)?;
            count::change(&mut sum, &tombstone.key, former, None);
        }
        *tally = Some(sum);
    }
    for event in &changes.events {
        add(it, shop, event)?;
    }
    for emptied in &changes.erase {
        empty(it, shop, emptied)?;
    }
    log(it, shop, changes)
}

/// Counts all documents, once in the life of a shop.
fn counted(it: &Connection, shop: ShopId) -> Result<Tally, StorageError> {
    let mut query = it.prepare_cached(sql::DOCUMENTS_COUNT).map_err(fault)?;
    let mut rows = query
        .query(named_params! {":shop": shop.as_bytes(), ":after": 0, ":limit": i64::MAX})
        .map_err(fault)?;
    let mut tally = Tally::default();
    while let Some(row) = rows.next().map_err(fault)? {
        let key = entity(row, 0, 1)?;
        let version = Seq(unsigned(row, 2).map_err(fault)?);
        count::change(&mut tally, &key, None, Some(version));
    }
    Ok(tally)
}

/// What of a document is known without its body.
fn former(
    it: &Connection,
    shop: ShopId,
    key: &EntityRef,
) -> Result<Option<(Seq, Index)>, StorageError> {
    it.prepare_cached(sql::DOCUMENT_INDEX)
        .and_then(|mut query| {
            let key = named_params! {
                ":shop": shop.as_bytes(), ":kind": key.kind().as_str(), ":id": key.id(),
            };
            query
                .query_row(key, |row| Ok((Seq(unsigned(row, 0)?), index(row, 1)?)))
                .optional()
        })
        .map_err(fault)
}

/// Writes a document and says which version stood there.
fn put(it: &Connection, shop: ShopId, document: &Stored) -> Result<Option<Seq>, StorageError> {
    let key = &document.key;
    let (kind, version) = (key.kind().as_str(), number(document.version.0)?);
    let body = packed::pack(&document.body);
    let before = former(it, shop, key)?;
    if before.is_some_and(|(_, index)| index == document.index) {
        it.prepare_cached(embedded::DOCUMENT_CHANGE)
            .and_then(|mut it| {
                it.execute(named_params! {
                    ":shop": shop.as_bytes(), ":kind": kind, ":id": key.id(),
                    ":version": version, ":body": body,
                })
            })
            .map_err(fault)?;
    } else {
        let Index {
            open,
            vehicle,
            customer,
        } = document.index;
        it.prepare_cached(sql::DOCUMENT_PUT)
            .and_then(|mut it| {
                it.execute(named_params! {
                    ":shop": shop.as_bytes(), ":kind": kind, ":id": key.id(),
                    ":version": version, ":open": open,
                    ":vehicle": vehicle.map(|it| *it.as_bytes()),
                    ":customer": customer.map(|it| *it.as_bytes()),
                    ":body": body,
                })
            })
            .map_err(fault)?;
    }
    if before.is_none() {
        remove(it, sql::TOMBSTONE_REMOVE, shop, key)?;
    }
    Ok(before.map(|(version, _)| version))
}

/// Puts a tombstone in the place of a document and says which version stood there.
fn bury(it: &Connection, shop: ShopId, gone: &Tombstone) -> Result<Option<Seq>, StorageError> {
    let before = former(it, shop, &gone.key)?;
    remove(it, sql::DOCUMENT_REMOVE, shop, &gone.key)?;
    let (version, at) = (number(gone.version.0)?, number(gone.at.0)?);
    it.prepare_cached(sql::TOMBSTONE_PUT)
        .and_then(|mut it| {
            it.execute(named_params! {
                ":shop": shop.as_bytes(), ":kind": gone.key.kind().as_str(), ":id": gone.key.id(),
                ":version": version, ":at": at, ":erased": gone.erased,
                ":body": gone.body.as_deref(),
            })
        })
        .map_err(fault)?;
    Ok(before.map(|(version, _)| version))
}

fn remove(it: &Connection, text: &str, shop: ShopId, key: &EntityRef) -> Result<(), StorageError> {
    it.prepare_cached(text)
        .and_then(|mut it| {
            it.execute(named_params! {
                ":shop": shop.as_bytes(), ":kind": key.kind().as_str(), ":id": key.id(),
            })
        })
        .map(drop)
        .map_err(fault)
}

fn add(it: &Connection, shop: ShopId, event: &Event) -> Result<(), StorageError> {
    let seq = number(event.seq.0)?;
    it.prepare_cached(sql::EVENT_ADD)
        .and_then(|mut it| {
            it.execute(named_params! {
                ":shop": shop.as_bytes(), ":seq": seq, ":kind": event.key.kind().as_str(),
                ":id": event.key.id(), ":salt": event.salt, ":hash": event.hash,
            })
        })
        .map_err(fault)?;
    it.prepare_cached(sql::PAYLOAD_ADD)
        .and_then(|mut it| {
            it.execute(named_params! {
                ":shop": shop.as_bytes(), ":seq": seq, ":body": &*event.payload,
                ":digest": event.digest,
            })
        })
        .map(drop)
        .map_err(fault)
}

/// Empties what an event told.
fn empty(it: &Connection, shop: ShopId, emptied: &Emptied) -> Result<(), StorageError> {
    let seq = number(emptied.seq.0)?;
    it.prepare_cached(sql::PAYLOAD_EMPTY)
        .and_then(|mut it| {
            it.execute(named_params! {
                ":shop": shop.as_bytes(), ":seq": seq, ":digest": emptied.digest,
            })
        })
        .map(drop)
        .map_err(fault)
}

fn log(it: &Connection, shop: ShopId, changes: &Changes) -> Result<(), StorageError> {
    let Some(author) = changes.author else {
        return Ok(());
    };
    let mut log = it.prepare_cached(sql::OUTCOME_ADD).map_err(fault)?;
    for logged in &changes.log {
        log.execute(named_params! {
            ":shop": shop.as_bytes(), ":device": author.device.as_bytes(),
            ":number": number(logged.number)?, ":digest": logged.digest,
            ":body": &*logged.outcome,
            ":refused_kind": logged.refused.map(|key| key.kind().as_str()),
            ":refused_id": logged.refused.map(|key| *key.id()),
            ":at": number(author.at.0)?,
        })
        .map_err(fault)?;
    }
    it.prepare_cached(sql::COUNTED_SET)
        .map_err(fault)?
        .execute(named_params! {
            ":shop": shop.as_bytes(), ":device": author.device.as_bytes(),
            ":last": number(author.last)?,
        })
        .map(drop)
        .map_err(fault)
}

/// Forgets the oldest tombstones from before a point in time: how many, and the highest version.
pub(super) fn forget_tombstones(
    it: &Connection,
    shop: ShopId,
    before: Stamp,
    most: u32,
) -> Result<(u64, Option<Seq>), StorageError> {
    let mut query = it.prepare_cached(sql::TOMBSTONES_OLD).map_err(fault)?;
    let mut rows = query
        .query(named_params! {
            ":shop": shop.as_bytes(), ":before": number(before.0)?, ":limit": most,
        })
        .map_err(fault)?;
    let mut old = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        let version = Seq(unsigned(row, 2).map_err(fault)?);
        old.push((entity(row, 0, 1)?, version));
    }
    for (key, _) in &old {
        remove(it, sql::TOMBSTONE_REMOVE, shop, key)?;
    }
    Ok((old.len() as u64, old.iter().map(|it| it.1).max()))
}
