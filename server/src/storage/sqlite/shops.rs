//! One shop's statements.

use redtag_protocol::{
    api::changes::Mark,
    audit::{Sum, Tally},
    entity::{EntityRef, Kind},
    event::GENESIS,
    ids::{DeviceId, ShopId},
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::{
    SqliteStorage, StorageError,
    convert::{body, entity, fault, index, number, text, unsigned},
    copy,
    page::page,
    session,
};
use crate::storage::{
    Event, Head, Logged, Page, PageLimit, Part, Pending, Piece, RefusedCreation, Shops, Stored,
    Tip, Tombstone, Transaction, sql::shop as sql,
};

impl Shops for SqliteStorage {
    fn head(&self, shop: ShopId) -> Pending<'_, Head> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            let (head, _) = workers.read(move |it| head(it, shop)).await?;
            Ok(head)
        })
    }

    fn tip(&self, shop: ShopId) -> Pending<'_, Tip> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            let (head, tally) = workers.read(move |it| head(it, shop)).await?;
            Ok(Tip { head, tally })
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

    fn piece(
        &self,
        shop: ShopId,
        part: Part,
        after: Option<Mark>,
        upto: Seq,
        limit: PageLimit,
    ) -> Pending<'_, Piece> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers
                .read(move |it| copy::piece(it, shop, part, after, upto, limit))
                .await
        })
    }

    fn timeline(
        &self,
        shop: ShopId,
        key: EntityRef,
        after: Seq,
        most: u32,
    ) -> Pending<'_, Vec<Event>> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            let end = Seq(i64::MAX.cast_unsigned());
            workers
                .read(move |it| copy::events_of(it, shop, &key, (after, end), u64::from(most)))
                .await
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

    fn outcomes(
        &self,
        shop: ShopId,
        device: DeviceId,
        from: u64,
        to: u64,
    ) -> Pending<'_, Vec<Logged>> {
        Box::pin(async move {
            let workers = self.workers(shop).await?;
            workers
                .read(move |it| outcomes(it, shop, device, from, to))
                .await
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

/// The head, and the tally there where somebody has counted.
pub(super) fn head(it: &Connection, shop: ShopId) -> Result<(Head, Option<Tally>), StorageError> {
    it.prepare_cached(sql::HEAD)
        .and_then(|mut query| {
            query.query_row(named_params! {":shop": shop.as_bytes()}, |row| {
                let head = Head {
                    seq: Seq(unsigned(row, 0)?),
                    hash: row.get(1)?,
                    ticket: unsigned(row, 2)?,
                    floor: Seq(unsigned(row, 3)?),
                };
                let summed: Option<i64> = row.get(4)?;
                if summed.map(i64::cast_unsigned) != Some(head.seq.0) {
                    return Ok((head, None));
                }
                let tally = Tally {
                    documents: unsigned(row, 5)?,
                    sum: Sum::from_bytes(row.get(6)?),
                };
                Ok((head, Some(tally)))
            })
        })
        .map_err(fault)
}

pub(super) fn set_head(
    it: &Connection,
    shop: ShopId,
    head: Head,
    tally: Option<Tally>,
) -> Result<(), StorageError> {
    let (seq, ticket, floor) = (
        number(head.seq.0)?,
        number(head.ticket)?,
        number(head.floor.0)?,
    );
    let documents = tally.map(|it| number(it.documents)).transpose()?;
    it.prepare_cached(sql::HEAD_SET)
        .and_then(|mut query| {
            query.execute(named_params! {
                ":shop": shop.as_bytes(), ":seq": seq, ":hash": head.hash,
                ":ticket": ticket, ":floor": floor, ":summed": tally.map(|_| seq),
                ":documents": documents, ":sum": tally.map(|it| it.sum.to_bytes()),
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
                        index: index(row, 1)?,
                        body: body(row, 4)?,
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
                    index: index(row, 2)?,
                    body: body(row, 5)?,
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
            outcome: text(row, 2).map_err(fault)?,
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

pub(super) fn tombstones(
    it: &Connection,
    shop: ShopId,
    keys: &[EntityRef],
) -> Result<Vec<Option<Tombstone>>, StorageError> {
    let mut query = it.prepare_cached(sql::TOMBSTONE).map_err(fault)?;
    keys.iter()
        .map(|key| {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":kind": key.kind().as_str(), ":id": key.id(),
            };
            query
                .query_row(parameters, |row| {
                    let body: Option<String> = row.get(3)?;
                    Ok(Tombstone {
                        key: *key,
                        version: Seq(unsigned(row, 0)?),
                        at: Stamp(unsigned(row, 1)?),
                        erased: row.get(2)?,
                        body: body.map(Into::into),
                    })
                })
                .optional()
                .map_err(fault)
        })
        .collect()
}

pub(super) fn referred(
    it: &Connection,
    shop: ShopId,
    keys: &[EntityRef],
) -> Result<Vec<bool>, StorageError> {
    keys.iter()
        .map(|key| {
            let text = match key.kind() {
                Kind::Vehicle => sql::REFERRED_VEHICLE,
                Kind::Customer => sql::REFERRED_CUSTOMER,
                _ => return Ok(false),
            };
            it.prepare_cached(text)
                .and_then(|mut it| {
                    it.exists(named_params! {":shop": shop.as_bytes(), ":id": key.id()})
                })
                .map_err(fault)
        })
        .collect()
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

pub(super) fn hash_at(
    it: &Connection,
    shop: ShopId,
    seq: Seq,
) -> Result<Option<[u8; 32]>, StorageError> {
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
