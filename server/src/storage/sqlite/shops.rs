//! One shop's statements.

use redtag_protocol::{
    entity::{EntityRef, Kind},
    event::GENESIS,
    ids::{DeviceId, ShopId},
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::{
    SqliteStorage, StorageError,
    convert::{body, entity, fault, number, unsigned},
    page::page,
    session,
};
use crate::storage::{
    Changes, Head, Logged, Page, PageLimit, Pending, RefusedCreation, Shops, Stored, Transaction,
    sql::shop as sql,
};

impl Shops for SqliteStorage {
    fn head(&self, shop: ShopId) -> Pending<'_, Head> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers.read(move |it| head(it, shop)).await
        })
    }

    fn documents(&self, shop: ShopId, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers.read(move |it| documents(it, shop, &keys)).await
        })
    }

    fn list(&self, shop: ShopId, kind: Kind) -> Pending<'_, Vec<Stored>> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers.read(move |it| list(it, shop, kind)).await
        })
    }

    fn page(&self, shop: ShopId, after: Seq, limit: PageLimit) -> Pending<'_, Page> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers.read(move |it| page(it, shop, after, limit)).await
        })
    }

    fn hash_at(&self, shop: ShopId, seq: Seq) -> Pending<'_, Option<[u8; 32]>> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers.read(move |it| hash_at(it, shop, seq)).await
        })
    }

    fn last_number(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers.read(move |it| last_number(it, shop, device)).await
        })
    }

    fn forget_outcomes(&self, shop: ShopId, before: Stamp, most: u32) -> Pending<'_, u64> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers
                .write(move |it| forget_outcomes(it, shop, before, most))
                .await
        })
    }

    fn begin(&self, shop: ShopId) -> Pending<'_, Box<dyn Transaction>> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            let (session, _) = session::begin(&workers, shop, None).await?;
            Ok(Box::new(session) as Box<dyn Transaction>)
        })
    }

    fn begin_for(
        &self,
        shop: ShopId,
        device: DeviceId,
    ) -> Pending<'_, (Box<dyn Transaction>, u64)> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            let (session, last) = session::begin(&workers, shop, Some(device)).await?;
            Ok((Box::new(session) as Box<dyn Transaction>, last))
        })
    }
}

pub(super) fn head(it: &Connection, shop: ShopId) -> Result<Head, StorageError> {
    it.prepare_cached(sql::HEAD)
        .and_then(|mut query| {
            query.query_row(named_params! {":shop": shop.as_bytes()}, |row| {
                Ok(Head {
                    seq: Seq(unsigned(row, 0)?),
                    hash: row.get(1)?,
                    ticket: unsigned(row, 2)?,
                    floor: Seq(unsigned(row, 3)?),
                })
            })
        })
        .map_err(fault)
}

pub(super) fn set_head(it: &Connection, shop: ShopId, head: Head) -> Result<(), StorageError> {
    let (seq, ticket, floor) = (
        number(head.seq.0)?,
        number(head.ticket)?,
        number(head.floor.0)?,
    );
    it.prepare_cached(sql::HEAD_SET)
        .and_then(|mut query| {
            query.execute(named_params! {
                ":shop": shop.as_bytes(), ":seq": seq, ":hash": head.hash,
                ":ticket": ticket, ":floor": floor,
            })
        })
        .map(drop)
        .map_err(fault)
}

pub(super) fn documents(
    it: &Connection,
    shop: ShopId,
    keys: &[EntityRef],
) -> Result<Vec<Option<Stored>>, StorageError> {
    let mut query = it.prepare_cached(sql::DOCUMENT).map_err(fault)?;
    keys.iter()
        .map(|key| {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":kind": key.kind().as_str(), ":id": key.id(),
            };
            query
                .query_row(parameters, |row| {
                    Ok(Stored {
                        key: *key,
                        version: Seq(unsigned(row, 0)?),
                        body: body(row, 1)?,
                    })
                })
                .optional()
                .map_err(fault)
        })
        .collect()
}

pub(super) fn list(it: &Connection, shop: ShopId, kind: Kind) -> Result<Vec<Stored>, StorageError> {
    let mut query = it.prepare_cached(sql::DOCUMENTS_OF_KIND).map_err(fault)?;
    let rows = query
        .query_map(
            named_params! {":shop": shop.as_bytes(), ":kind": kind.as_str()},
            |row| {
                Ok(Stored {
                    key: EntityRef::from_parts(kind, row.get(0)?),
                    version: Seq(unsigned(row, 1)?),
                    body: body(row, 2)?,
                })
            },
        )
        .map_err(fault)?;
    rows.collect::<Result<_, _>>().map_err(fault)
}

pub(super) fn outcomes(
    it: &Connection,
    shop: ShopId,
    device: DeviceId,
    from: u64,
    to: u64,
) -> Result<Vec<Logged>, StorageError> {
    let mut query = it.prepare_cached(sql::OUTCOMES).map_err(fault)?;
    let mut rows = query
        .query(named_params! {
            ":shop": shop.as_bytes(), ":device": device.as_bytes(),
            ":first": number(from)?, ":final": number(to)?,
        })
        .map_err(fault)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        let refused: Option<[u8; 16]> = row.get(4).map_err(fault)?;
        found.push(Logged {
            number: unsigned(row, 0).map_err(fault)?,
            digest: row.get(1).map_err(fault)?,
            outcome: body(row, 2).map_err(fault)?,
            refused: refused.map(|_| entity(row, 3, 4)).transpose()?,
        });
    }
    Ok(found)
}

pub(super) fn last_number(
    it: &Connection,
    shop: ShopId,
    device: DeviceId,
) -> Result<u64, StorageError> {
    let mut query = it.prepare_cached(sql::COUNTED).map_err(fault)?;
    let last = query
        .query_row(
            named_params! {":shop": shop.as_bytes(), ":device": device.as_bytes()},
            |row| unsigned(row, 0),
        )
        .optional()
        .map_err(fault)?;
    Ok(last.unwrap_or(0))
}

pub(super) fn refused_creations(
    it: &Connection,
    shop: ShopId,
    device: DeviceId,
    keys: &[EntityRef],
) -> Result<Vec<RefusedCreation>, StorageError> {
    let mut query = it.prepare_cached(sql::REFUSED_CREATION).map_err(fault)?;
    let mut found: Vec<RefusedCreation> = Vec::new();
    for key in keys {
        let parameters = named_params! {
            ":shop": shop.as_bytes(), ":device": device.as_bytes(),
            ":kind": key.kind().as_str(), ":id": key.id(),
        };
        let number = query
            .query_row(parameters, |row| unsigned(row, 0))
            .optional()
            .map_err(fault)?;
        if let Some(number) = number
            && found.iter().all(|it| it.key != *key)
        {
            found.push(RefusedCreation { key: *key, number });
        }
    }
    Ok(found)
}

pub(super) fn write(it: &Connection, shop: ShopId, changes: &Changes) -> Result<(), StorageError> {
    let mut put = it.prepare_cached(sql::DOCUMENT_PUT).map_err(fault)?;
    for document in &changes.documents {
        put.execute(named_params! {
            ":shop": shop.as_bytes(), ":kind": document.key.kind().as_str(),
            ":id": document.key.id(), ":version": number(document.version.0)?,
            ":body": &*document.body,
        })
        .map_err(fault)?;
    }
    let mut add = it.prepare_cached(sql::EVENT_ADD).map_err(fault)?;
    let mut payload = it.prepare_cached(sql::PAYLOAD_ADD).map_err(fault)?;
    for event in &changes.events {
        let seq = number(event.seq.0)?;
        add.execute(named_params! {
            ":shop": shop.as_bytes(), ":seq": seq, ":kind": event.key.kind().as_str(),
            ":id": event.key.id(), ":salt": event.salt, ":hash": event.hash,
        })
        .map_err(fault)?;
        payload
            .execute(named_params! {
                ":shop": shop.as_bytes(), ":seq": seq, ":body": &*event.payload,
            })
            .map_err(fault)?;
    }
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

fn forget_outcomes(
    it: &Connection,
    shop: ShopId,
    before: Stamp,
    most: u32,
) -> Result<u64, StorageError> {
    let all = number(before.0)?;
    let mut query = it.prepare_cached(sql::OUTCOMES_SLICE).map_err(fault)?;
    let skip = most.saturating_sub(1);
    let last: Option<i64> = query
        .query_row(
            named_params! {":shop": shop.as_bytes(), ":before": all, ":skip": skip},
            |row| row.get(0),
        )
        .optional()
        .map_err(fault)?;
    let before = last.map_or(all, |last| last + 1);
    let mut query = it.prepare_cached(sql::OUTCOMES_FORGET).map_err(fault)?;
    let gone = query
        .execute(named_params! {":shop": shop.as_bytes(), ":before": before})
        .map_err(fault)?;
    Ok(gone as u64)
}

fn hash_at(it: &Connection, shop: ShopId, seq: Seq) -> Result<Option<[u8; 32]>, StorageError> {
    if seq == Seq(0) {
        return Ok(Some(GENESIS));
    }
    let Ok(seq) = number(seq.0) else {
        return Ok(None);
    };
    it.prepare_cached(sql::HASH_AT)
        .map_err(fault)?
        .query_row(
            named_params! {":shop": shop.as_bytes(), ":seq": seq},
            |row| row.get(0),
        )
        .optional()
        .map_err(fault)
}
