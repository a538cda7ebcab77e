//! Pieces of a copy of a shop, and one document's timeline.

use redtag_protocol::{
    api::changes::Mark,
    entity::{EntityRef, Kind},
    ids::{InspectionId, ShopId},
    stamp::Seq,
};
use rusqlite::{Connection, Params, named_params};

use super::{
    StorageError,
    convert::{body, fault, index, number, unsigned},
    page::event,
    shops::{documents, head},
};
use crate::storage::{
    Event, PageLimit, Part, Piece, Stored,
    copying::{Copying, TOP},
    sql::shop as sql,
};

pub(super) fn piece(
    it: &Connection,
    shop: ShopId,
    part: Part,
    after: Option<Mark>,
    upto: Seq,
    limit: PageLimit,
) -> Result<Piece, StorageError> {
    let (_, tally) = head(it, shop)?;
    let mut copying = Copying::new(upto, limit);
    let known = number(upto.0)?;
    let below = after.map_or(TOP, |mark| mark.id);
    match part {
        Part::Kind(kind) => {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":kind": kind.as_str(), ":below": below,
                ":upto": known, ":limit": copying.most(),
            };
            look(it, sql::KIND_BELOW, parameters, kind, &mut copying)?;
        }
        Part::Open => {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":below": below, ":upto": known,
                ":limit": copying.most(),
            };
            let kind = Kind::Inspection;
            look(it, sql::OPEN_BELOW, parameters, kind, &mut copying)?;
            let mut named = documents(it, shop, &copying.named())?;
            // An alias of an alias; each round finds others, or none.
            loop {
                let further = Copying::become_of(&named);
                let found = documents(it, shop, &further)?;
                if found.iter().flatten().next().is_none() {
                    break;
                }
                named.extend(found);
            }
            copying.name(named);
        }
        Part::History => history(it, shop, after, upto, &mut copying)?,
    }
    Ok(copying.done(tally))
}

/// Inspections on which there is work to do, in falling order of their ids.
pub(super) fn open(
    it: &Connection,
    shop: ShopId,
    below: Option<InspectionId>,
    most: u32,
) -> Result<Vec<Stored>, StorageError> {
    let below = below.map_or(TOP, |id| *id.as_bytes());
    let mut query = it.prepare_cached(sql::OPEN_BELOW).map_err(fault)?;
    let parameters = named_params! {
        ":shop": shop.as_bytes(), ":below": below, ":upto": i64::MAX, ":limit": most,
    };
    let rows = query.query_map(parameters, |row| {
        Ok(Stored {
            key: EntityRef::from_parts(Kind::Inspection, row.get(0)?),
            version: Seq(unsigned(row, 1)?),
            index: index(row, 2)?,
            body: body(row, 5)?,
        })
    });
    rows.map_err(fault)?
        .collect::<Result<_, _>>()
        .map_err(fault)
}

/// Looks at documents one by one, until there is enough.
fn look(
    it: &Connection,
    text: &str,
    parameters: impl Params,
    kind: Kind,
    copying: &mut Copying,
) -> Result<(), StorageError> {
    let mut query = it.prepare_cached(text).map_err(fault)?;
    let mut rows = query.query(parameters).map_err(fault)?;
    while let Some(row) = rows.next().map_err(fault)? {
        let id: [u8; 16] = row.get(0).map_err(fault)?;
        let wanted = row.get_ref(5).map_err(fault)? != rusqlite::types::ValueRef::Null;
        let stored = || {
            Ok(Stored {
                key: EntityRef::from_parts(kind, id),
                version: Seq(unsigned(row, 1)?),
                index: index(row, 2)?,
                body: body(row, 5)?,
            })
        };
        let document = wanted.then(stored).transpose().map_err(fault)?;
        copying.look(id, document);
        if copying.is_full() {
            return Ok(());
        }
    }
    copying.end();
    Ok(())
}

/// The events of open inspections, one inspection after the other.
fn history(
    it: &Connection,
    shop: ShopId,
    after: Option<Mark>,
    upto: Seq,
    copying: &mut Copying,
) -> Result<(), StorageError> {
    if let Some(mark) = after {
        take(it, shop, mark, upto, copying)?;
    }
    let mut query = it.prepare_cached(sql::OPEN_IDS).map_err(fault)?;
    let mut rows = query
        .query(named_params! {
            ":shop": shop.as_bytes(), ":below": after.map_or(TOP, |mark| mark.id),
            ":limit": copying.most(),
        })
        .map_err(fault)?;
    while !copying.is_full() {
        let Some(row) = rows.next().map_err(fault)? else {
            copying.end();
            return Ok(());
        };
        let id: [u8; 16] = row.get(0).map_err(fault)?;
        copying.look(id, None);
        take(it, shop, Mark { id, seq: Seq(0) }, upto, copying)?;
    }
    Ok(())
}

/// The events of one inspection after a mark, as many as fit.
fn take(
    it: &Connection,
    shop: ShopId,
    mark: Mark,
    upto: Seq,
    copying: &mut Copying,
) -> Result<(), StorageError> {
    let key = EntityRef::from_parts(Kind::Inspection, mark.id);
    let most = u64::from(copying.most());
    for event in events_of(it, shop, &key, (mark.seq, upto), most)? {
        if copying.is_full() {
            break;
        }
        copying.event(event);
    }
    Ok(())
}

/// All events of each of these documents.
pub(super) fn histories(
    it: &Connection,
    shop: ShopId,
    keys: &[EntityRef],
) -> Result<Vec<Vec<Event>>, StorageError> {
    let all = (Seq(0), Seq(u64::MAX));
    let each = keys.iter();
    each.map(|key| events_of(it, shop, key, all, u64::MAX))
        .collect()
}

/// The events of a document after the first of two sequences, up to and with the second.
pub(super) fn events_of(
    it: &Connection,
    shop: ShopId,
    key: &EntityRef,
    (after, upto): (Seq, Seq),
    most: u64,
) -> Result<Vec<Event>, StorageError> {
    // What is past every number is past the end.
    let bound = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut query = it.prepare_cached(sql::EVENTS_OF).map_err(fault)?;
    let mut rows = query
        .query(named_params! {
            ":shop": shop.as_bytes(), ":kind": key.kind().as_str(), ":id": key.id(),
            ":after": bound(after.0), ":upto": bound(upto.0), ":limit": bound(most),
        })
        .map_err(fault)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        events.push(event(row)?);
    }
    Ok(events)
}
