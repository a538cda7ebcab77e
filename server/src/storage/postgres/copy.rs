//! Pieces of a copy of a shop, and one document's timeline.

use std::{collections::VecDeque, pin::pin};

use futures_util::TryStreamExt as _;
use redtag_protocol::{
    api::changes::Mark,
    audit::Tally,
    entity::{EntityRef, Kind},
    ids::ShopId,
    stamp::Seq,
};

use super::{
    PostgresStorage, StorageError,
    convert::{event, id, looked, tally},
    fault::fault,
    flight::{Answer, Call, Streams, call, send},
    line::{Line, OPENING, Purpose, Scope, opening, within},
    page::{next, rows},
    shops::{documents, found},
    value::named,
};
use crate::storage::{
    PageLimit, Part, Piece,
    copying::{Copying, TOP},
    sql::shop as sql,
};

/// Documents asked for at once: inspections are some kilobytes, the others far less.
const INSPECTIONS: u32 = 64;
const OTHERS: u32 = 256;

/// Inspections whose events are asked for at once, and events of each.
const TIMELINES: usize = 8;
const EVENTS: u32 = 128;

/// Reads a piece in a transaction of its own, which the line's end ends.
pub(super) async fn piece(
    storage: &PostgresStorage,
    shop: ShopId,
    part: Part,
    after: Option<Mark>,
    upto: Seq,
    limit: PageLimit,
) -> Result<Piece, StorageError> {
    let mut copying = Copying::new(upto, limit);
    let mut line = storage.line(None).await?;
    let mut calls = opening(Purpose::Read, Scope::Shop(shop));
    calls.push(call(sql::HEAD, named! {shop: shop}));
    let tally = match part {
        Part::Kind(kind) => {
            let shelf = Shelf {
                shop,
                text: sql::KIND_BELOW,
                kind,
                upto,
            };
            shelf.read(&mut line, calls, after, &mut copying).await?
        }
        Part::Open => {
            let shelf = Shelf {
                shop,
                text: sql::OPEN_BELOW,
                kind: Kind::Inspection,
                upto,
            };
            let tally = shelf.read(&mut line, calls, after, &mut copying).await?;
            let mut keys = copying.named();
            let mut named = Vec::new();
            // An alias of an alias; each round finds others, or none.
            while !keys.is_empty() {
                let answers = line.fly(&documents(shop, &keys)).await?;
                let further = found(&keys, &answers)?;
                let ends = further.iter().flatten().next().is_none();
                named.extend(further);
                keys = if ends {
                    Vec::new()
                } else {
                    Copying::become_of(&named)
                };
            }
            copying.name(named);
            tally
        }
        Part::History => {
            let answers = line.fly(&calls).await?;
            let head = answers.get(OPENING).and_then(Answer::row);
            let tally = tally(head.ok_or(StorageError::NoShop(shop))?)?;
            history(&mut line, shop, after, upto, &mut copying).await?;
            tally
        }
    };
    Ok(copying.done(tally))
}

/// Documents in falling order of their ids.
struct Shelf {
    shop: ShopId,
    text: &'static str,
    kind: Kind,
    upto: Seq,
}

impl Shelf {
    /// Reads as many as fit; the first flight begins with these calls, the last of which is for the
    /// head.
    async fn read(
        &self,
        line: &mut Line,
        mut calls: Vec<Call<'_>>,
        after: Option<Mark>,
        copying: &mut Copying,
    ) -> Result<Option<Tally>, StorageError> {
        let most = match self.kind {
            Kind::Inspection => INSPECTIONS,
            _ => OTHERS,
        };
        let mut below = after.map_or(TOP, |mark| mark.id);
        let mut known = None;
        loop {
            let asked = most.min(copying.most());
            let begins = !calls.is_empty();
            calls.push(self.stretch(below, asked));
            let client = line.take_up()?;
            let done = within(async {
                let mut streams = send(client, &calls).await?;
                if begins {
                    for _ in 0..OPENING {
                        rows(&mut streams, |_| Ok(())).await?;
                    }
                    let head = rows(&mut streams, tally).await?.pop();
                    known = head.ok_or(StorageError::NoShop(self.shop))?;
                }
                self.take(&mut streams, copying).await
            })
            .await;
            let (seen, last) = line.settle(done)?;
            calls.clear();
            if copying.is_full() {
                return Ok(known);
            }
            if seen < asked {
                copying.end();
                return Ok(known);
            }
            below = last.unwrap_or(below);
        }
    }

    fn stretch(&self, below: [u8; 16], most: u32) -> Call<'static> {
        let upto = i64::try_from(self.upto.0).unwrap_or(i64::MAX);
        let most = i64::from(most);
        let mut given = named! {shop: self.shop, below: below, upto: upto, limit: most};
        if self.text == sql::KIND_BELOW {
            given.push(("kind", self.kind.as_str().into()));
        }
        call(self.text, given)
    }

    /// Takes what fits; how many were looked at, and the last of them.
    async fn take(
        &self,
        streams: &mut Streams<'_>,
        copying: &mut Copying,
    ) -> Result<(u32, Option<[u8; 16]>), StorageError> {
        let mut stream = pin!(next(streams).await?);
        let (mut seen, mut last) = (0, None);
        while let Some(row) = stream.try_next().await.map_err(fault)? {
            let (id, document) = looked(self.kind, &row)?;
            copying.look(id, document);
            seen += 1;
            last = Some(id);
            if copying.is_full() {
                break;
            }
        }
        Ok((seen, last))
    }
}

/// The events of open inspections, one inspection after the other.
async fn history(
    line: &mut Line,
    shop: ShopId,
    after: Option<Mark>,
    upto: Seq,
    copying: &mut Copying,
) -> Result<(), StorageError> {
    let mut below = after.map_or(TOP, |mark| mark.id);
    // Whose events are still to come, after which of them, and whether it was looked at already.
    let mut queue: VecDeque<(Mark, bool)> = after.map(|mark| (mark, true)).into_iter().collect();
    loop {
        if queue.is_empty() {
            let asked = INSPECTIONS.min(copying.most());
            let given = named! {shop: shop, below: below, limit: i64::from(asked)};
            let answers = line.fly(&[call(sql::OPEN_IDS, given)]).await?;
            for row in answers.iter().flat_map(|it| &it.rows) {
                below = id(row, 0)?;
                let mark = Mark {
                    id: below,
                    seq: Seq(0),
                };
                queue.push_back((mark, false));
            }
            if queue.is_empty() {
                copying.end();
                return Ok(());
            }
        }
        let keys = queue.iter().take(TIMELINES);
        let keys: Vec<_> = keys
            .map(|(mark, _)| (EntityRef::from_parts(Kind::Inspection, mark.id), mark.seq))
            .collect();
        let calls = keys.iter();
        let calls = calls.map(|(key, seq)| events_of(shop, key, (*seq, upto), EVENTS));
        let answers = line.fly(&calls.collect::<Vec<_>>()).await?;
        for answer in &answers {
            let Some((mark, looked)) = queue.pop_front() else {
                break; // One answer for each.
            };
            if copying.is_full() {
                return Ok(());
            }
            if !looked {
                copying.look(mark.id, None);
            }
            let mut last = mark;
            for row in &answer.rows {
                if copying.is_full() {
                    return Ok(());
                }
                let event = event(row)?;
                last.seq = event.seq;
                copying.event(event);
            }
            if answer.rows.len() == EVENTS as usize {
                // It may have more; what comes after it waits.
                queue.push_front((last, true));
                break;
            }
        }
        if copying.is_full() {
            return Ok(());
        }
    }
}

/// The events of a document after the first of two sequences, up to and with the second.
pub(super) fn events_of(
    shop: ShopId,
    key: &EntityRef,
    (after, upto): (Seq, Seq),
    most: u32,
) -> Call<'_> {
    // What is past every number is past the end.
    let bound = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
    let given = named! {
        shop: shop, kind: key.kind().as_str(), id: key.id(), after: bound(after),
        upto: bound(upto), limit: i64::from(most),
    };
    call(sql::EVENTS_OF, given)
}
