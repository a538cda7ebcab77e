//! What a transaction writes, as statements.

use redtag_protocol::{entity::EntityRef, ids::ShopId};

use super::{
    StorageError,
    convert::number,
    flight::{Call, call},
    value::named,
};
use crate::storage::{Changes, sql::shop as sql};

/// All rows of a set of changes.
pub(super) fn inserts(shop: ShopId, changes: &Changes) -> Result<Vec<Call<'_>>, StorageError> {
    let mut calls = Vec::new();
    for it in &changes.documents {
        let given = named! {
            shop: shop, kind: it.key.kind().as_str(), id: it.key.id(),
            version: number(it.version.0)?, body: &*it.body,
        };
        calls.push(call(sql::DOCUMENT_PUT, given));
    }
    for it in &changes.events {
        let seq = number(it.seq.0)?;
        let given = named! {
            shop: shop, seq: seq, kind: it.key.kind().as_str(), id: it.key.id(),
            salt: &it.salt[..], hash: &it.hash[..],
        };
        calls.push(call(sql::EVENT_ADD, given));
        let given = named! {shop: shop, seq: seq, body: &*it.payload};
        calls.push(call(sql::PAYLOAD_ADD, given));
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
