//! What a transaction writes, as statements.

use redtag_protocol::{entity::EntityRef, ids::ShopId, stamp::Stamp};

use super::{
    StorageError,
    convert::number,
    flight::{Call, call},
    value::named,
    versions::Known,
};
use crate::storage::{Changes, sql::shop as sql};

/// All rows of a set of changes. Of each document it must be known whether it is there.
pub(super) fn inserts<'a>(
    shop: ShopId,
    changes: &'a Changes,
    known: &Known,
) -> Result<Vec<Call<'a>>, StorageError> {
    let mut calls = Vec::new();
    for it in &changes.documents {
        let given = named! {
            shop: shop, kind: it.key.kind().as_str(), id: it.key.id(),
            version: number(it.version.0)?, open: i64::from(it.index.open),
            vehicle: it.index.vehicle, customer: it.index.customer, body: &*it.body,
        };
        calls.push(call(sql::DOCUMENT_PUT, given));
        if known.get(&it.key).copied().flatten().is_none() {
            calls.push(on(sql::TOMBSTONE_REMOVE, shop, &it.key));
        }
    }
    for it in &changes.gone {
        calls.push(on(sql::DOCUMENT_REMOVE, shop, &it.key));
        let given = named! {
            shop: shop, kind: it.key.kind().as_str(), id: it.key.id(),
            version: number(it.version.0)?, at: number(it.at.0)?,
            erased: i64::from(it.erased), body: it.body.as_deref(),
        };
        calls.push(call(sql::TOMBSTONE_PUT, given));
    }
    for it in &changes.events {
        let seq = number(it.seq.0)?;
        let given = named! {
            shop: shop, seq: seq, kind: it.key.kind().as_str(), id: it.key.id(),
            salt: &it.salt[..], hash: &it.hash[..],
        };
        calls.push(call(sql::EVENT_ADD, given));
        let digest = it.digest.as_ref().map(|it| &it[..]);
        let given = named! {shop: shop, seq: seq, body: &*it.payload, digest: digest};
        calls.push(call(sql::PAYLOAD_ADD, given));
    }
    for it in &changes.erase {
        let given = named! {shop: shop, seq: number(it.seq.0)?, digest: &it.digest[..]};
        calls.push(call(sql::PAYLOAD_EMPTY, given));
    }
    let Some(author) = changes.author else {
        return Ok(calls);
    };
    let at = number(author.at.0)?;
    for it in &changes.log {
        let given = named! {
            shop: shop, device: author.device, number: number(it.number)?,
            digest: &it.digest[..], body: &*it.outcome,
            refused_kind: it.refused.map(|key| key.kind().as_str()),
            refused_id: it.refused.as_ref().map(EntityRef::id),
            at: at,
        };
        calls.push(call(sql::OUTCOME_ADD, given));
    }
    let given = named! {shop: shop, device: author.device, last: number(author.last)?};
    calls.push(call(sql::COUNTED_SET, given));
    Ok(calls)
}

/// A statement about one document.
pub(super) fn on<'a>(text: &'static str, shop: ShopId, key: &'a EntityRef) -> Call<'a> {
    let given = named! {shop: shop, kind: key.kind().as_str(), id: key.id()};
    call(text, given)
}

/// The oldest tombstones.
pub(super) fn old_tombstones<'a>(
    shop: ShopId,
    before: Stamp,
    most: u32,
) -> Result<Call<'a>, StorageError> {
    let given = named! {shop: shop, before: number(before.0)?, limit: i64::from(most)};
    Ok(call(sql::TOMBSTONES_OLD, given))
}
