//! One shop's reads, and the statements that a transaction makes too.

use redtag_protocol::{
    api::changes::Mark,
    entity::{EntityRef, Kind},
    event::GENESIS,
    ids::{DeviceId, InspectionId, ShopId},
    stamp::{Seq, Stamp},
};

use tokio_postgres::Row;

use super::{
    PostgresStorage, StorageError,
    convert::{buried, bytes, document, event, head, logged, number, of_kind, tally, unsigned},
    copy::{self, events_of},
    flight::{Answer, Call, call},
    line::{Purpose, Scope},
    page::page,
    transaction,
    value::named,
};
use crate::storage::{
    Event, Head, Logged, Page, PageLimit, Part, Pending, Piece, RefusedCreation, Shops, Stored,
    Tip, Tombstone, Transaction, copying::TOP, sql::shop as sql,
};

impl Shops for PostgresStorage {
    fn head(&self, shop: ShopId) -> Pending<'_, Head> {
        Box::pin(async move {
            let (tip, _) = self.look(shop, Vec::new()).await?;
            Ok(tip.head)
        })
    }

    fn tip(&self, shop: ShopId) -> Pending<'_, Tip> {
        Box::pin(async move {
            let (tip, _) = self.look(shop, Vec::new()).await?;
            Ok(tip)
        })
    }

    fn documents(&self, shop: ShopId, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>> {
        Box::pin(async move {
            let (_, answers) = self.look(shop, documents(shop, &keys)).await?;
            found(&keys, &answers)
        })
    }

    fn list(&self, shop: ShopId, kind: Kind) -> Pending<'_, Vec<Stored>> {
        Box::pin(async move {
            let (_, answers) = self.look(shop, vec![list(shop, kind)]).await?;
            listed(kind, &answers)
        })
    }

    fn page(&self, shop: ShopId, after: Seq, limit: PageLimit) -> Pending<'_, Page> {
        Box::pin(async move {
            let done = page(self, shop, after, limit).await;
            if self.is_lost(&done) {
                return page(self, shop, after, limit).await;
            }
            done
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
            let done = copy::piece(self, shop, part, after, upto, limit).await;
            if self.is_lost(&done) {
                return copy::piece(self, shop, part, after, upto, limit).await;
            }
            done
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
            let call = events_of(shop, &key, (after, Seq(u64::MAX)), most);
            let (_, answers) = self.look(shop, vec![call]).await?;
            answers.iter().flat_map(|it| &it.rows).map(event).collect()
        })
    }

    fn hash_at(&self, shop: ShopId, seq: Seq) -> Pending<'_, Option<[u8; 32]>> {
        Box::pin(async move {
            let (_, answers) = self.look(shop, vec![hash_at(shop, seq)]).await?;
            Ok(hashes(&[seq], &answers)?.pop().flatten())
        })
    }

    fn last_number(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        Box::pin(async move {
            let (_, answers) = self.look(shop, vec![last_number(shop, device)]).await?;
            counted(&answers)
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
            let call = outcomes(shop, device, from, to)?;
            let (_, answers) = self.look(shop, vec![call]).await?;
            logs(&answers)
        })
    }

    fn forget_outcomes(&self, shop: ShopId, before: Stamp, most: u32) -> Pending<'_, u64> {
        Box::pin(async move {
            // Beside the writers: nobody adds an outcome of the past, so that what is found and
            // what is deleted need not be of one unit of work.
            let all = number(before.0)?;
            let skip = i64::from(most.saturating_sub(1));
            let given = named! {shop: shop, before: all, skip: skip};
            let slice = call(sql::OUTCOMES_SLICE, given);
            let (_, answers) = self.look(shop, vec![slice]).await?;
            let last = first(&answers).map(|row| unsigned(row, 0)).transpose()?;
            let before = last.map_or(Ok(all), |last| number(last + 1))?;
            let given = named! {shop: shop, before: before};
            let calls = vec![call(sql::OUTCOMES_FORGET, given)];
            let answers = self.unit(Purpose::Write, Scope::Shop(shop), calls).await?;
            Ok(answers.first().map_or(0, |it| it.touched))
        })
    }

    fn begin(&self, shop: ShopId) -> Pending<'_, Box<dyn Transaction>> {
        Box::pin(async move {
            let (held, _) = transaction::begin(self, shop, Vec::new()).await?;
            Ok(Box::new(held) as Box<dyn Transaction>)
        })
    }

    fn begin_for(
        &self,
        shop: ShopId,
        device: DeviceId,
    ) -> Pending<'_, (Box<dyn Transaction>, u64)> {
        Box::pin(async move {
            let number = vec![last_number(shop, device)];
            let (held, answers) = transaction::begin(self, shop, number).await?;
            Ok((Box::new(held) as Box<dyn Transaction>, counted(&answers)?))
        })
    }
}

impl PostgresStorage {
    /// Reads in a shop, all of it in one snapshot and one flight, with the shop's head.
    async fn look(
        &self,
        shop: ShopId,
        calls: Vec<Call<'_>>,
    ) -> Result<(Tip, Vec<Answer>), StorageError> {
        let mut all = vec![call(sql::HEAD, named! {shop: shop})];
        all.extend(calls);
        let mut answers = self.unit(Purpose::Read, Scope::Shop(shop), all).await?;
        let found = first(&answers).ok_or(StorageError::NoShop(shop))?;
        let found = Tip {
            head: head(found)?,
            tally: tally(found)?,
        };
        Ok((found, answers.split_off(1)))
    }
}

/// The first row of the first answer.
fn first(answers: &[Answer]) -> Option<&Row> {
    answers.first().and_then(Answer::row)
}

pub(super) fn documents(shop: ShopId, keys: &[EntityRef]) -> Vec<Call<'_>> {
    let one = |key: &EntityRef| {
        let given = named! {shop: shop, kind: key.kind().as_str(), id: key.id()};
        call(sql::DOCUMENT, given)
    };
    keys.iter().map(one).collect()
}

pub(super) fn found(
    keys: &[EntityRef],
    answers: &[Answer],
) -> Result<Vec<Option<Stored>>, StorageError> {
    let each = keys.iter().zip(answers);
    each.map(|(key, answer)| answer.row().map(|row| document(*key, row)).transpose())
        .collect()
}

pub(super) fn tombstones(shop: ShopId, keys: &[EntityRef]) -> Vec<Call<'_>> {
    let one = |key: &EntityRef| {
        let given = named! {shop: shop, kind: key.kind().as_str(), id: key.id()};
        call(sql::TOMBSTONE, given)
    };
    keys.iter().map(one).collect()
}

pub(super) fn all_buried(
    keys: &[EntityRef],
    answers: &[Answer],
) -> Result<Vec<Option<Tombstone>>, StorageError> {
    let each = keys.iter().zip(answers);
    each.map(|(key, answer)| answer.row().map(|row| buried(*key, row)).transpose())
        .collect()
}

/// What asks whether an inspection names a document; none where none can.
pub(super) fn referred(shop: ShopId, key: &EntityRef) -> Option<Call<'_>> {
    let text = match key.kind() {
        Kind::Vehicle => sql::REFERRED_VEHICLE,
        Kind::Customer => sql::REFERRED_CUSTOMER,
        _ => return None,
    };
    Some(call(text, named! {shop: shop, id: key.id()}))
}

pub(super) fn list(shop: ShopId, kind: Kind) -> Call<'static> {
    let given = named! {shop: shop, kind: kind.as_str()};
    call(sql::DOCUMENTS_OF_KIND, given)
}

/// Inspections on which there is work to do, in falling order of their ids.
pub(super) fn open(shop: ShopId, below: Option<InspectionId>, most: u32) -> Call<'static> {
    let below = below.map_or(TOP, |id| *id.as_bytes());
    let given = named! {shop: shop, below: below, upto: i64::MAX, limit: i64::from(most)};
    call(sql::OPEN_BELOW, given)
}

pub(super) fn listed(kind: Kind, answers: &[Answer]) -> Result<Vec<Stored>, StorageError> {
    let rows = answers.iter().flat_map(|it| &it.rows);
    rows.map(|row| of_kind(kind, row)).collect()
}

pub(super) fn hash_at(shop: ShopId, seq: Seq) -> Call<'static> {
    // What is past every number is past the end.
    let at = i64::try_from(seq.0).unwrap_or(i64::MAX);
    call(sql::HASH_AT, named! {shop: shop, seq: at})
}

/// The answers to [`hash_at`], one each.
pub(super) fn hashes(
    seqs: &[Seq],
    answers: &[Answer],
) -> Result<Vec<Option<[u8; 32]>>, StorageError> {
    let each = seqs.iter().zip(answers).map(|(seq, answer)| match *seq {
        Seq(0) => Ok(Some(GENESIS)),
        _ => answer.rows.first().map(|row| bytes(row, 0)).transpose(),
    });
    each.collect()
}

pub(super) fn last_number(shop: ShopId, device: DeviceId) -> Call<'static> {
    call(sql::COUNTED, named! {shop: shop, device: device})
}

pub(super) fn counted(answers: &[Answer]) -> Result<u64, StorageError> {
    first(answers).map_or(Ok(0), |row| unsigned(row, 0))
}

pub(super) fn outcomes(
    shop: ShopId,
    device: DeviceId,
    from: u64,
    to: u64,
) -> Result<Call<'static>, StorageError> {
    let (first, last) = (number(from)?, number(to)?);
    let mut given = named! {shop: shop, device: device, first: first};
    // A word of the language, so that the macro cannot name it.
    given.push(("final", last.into()));
    Ok(call(sql::OUTCOMES, given))
}

pub(super) fn logs(answers: &[Answer]) -> Result<Vec<Logged>, StorageError> {
    answers.iter().flat_map(|it| &it.rows).map(logged).collect()
}

pub(super) fn refused_creations(
    shop: ShopId,
    device: DeviceId,
    keys: &[EntityRef],
) -> Vec<Call<'_>> {
    let one = |key: &EntityRef| {
        let kind = key.kind().as_str();
        let given = named! {shop: shop, device: device, kind: kind, id: key.id()};
        call(sql::REFUSED_CREATION, given)
    };
    keys.iter().map(one).collect()
}

pub(super) fn refused(
    keys: &[EntityRef],
    answers: &[Answer],
) -> Result<Vec<RefusedCreation>, StorageError> {
    let mut found: Vec<RefusedCreation> = Vec::new();
    for (key, answer) in keys.iter().zip(answers) {
        if let Some(row) = answer.row()
            && found.iter().all(|it| it.key != *key)
        {
            let number = unsigned(row, 0)?;
            found.push(RefusedCreation { key: *key, number });
        }
    }
    Ok(found)
}
