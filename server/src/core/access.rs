//! What is done about how people and benches get in, as the shop's timeline tells it. Sign-ins, passwords
//! and tokens lie with the persons and not in the shop, so that the two are no one transaction: what can
//! be asked for again is told before it is done, so that a crash in between leaves a word too many and
//! never one too few.

use redtag_protocol::{
    entity::{Entity, Kind},
    event::{Access, Actor, What},
    ids::{PersonId, ShopId},
    stamp::{Seq, Stamp},
};

use super::{entity, ledger::Ledger};
use crate::storage::{Storage, StorageError};

/// About whom it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A member.
    Member(PersonId),
    /// Nobody yet.
    Shop,
}

/// Tells it in the shop. The sequence of the event; none where the person does not belong to the shop.
pub async fn tell(
    storage: &dyn Storage,
    shop: ShopId,
    whose: Whose,
    by: Actor,
    deed: Access,
    now: Stamp,
) -> Result<Option<Seq>, StorageError> {
    let mut transaction = storage.begin(shop).await?;
    let kind = match whose {
        Whose::Member(_) => Kind::Member,
        Whose::Shop => Kind::Shop,
    };
    let mut found = None;
    for stored in transaction.list(kind).await? {
        let entity = entity(&stored)?;
        match (&entity, whose) {
            (Entity::Member(member), Whose::Member(person)) if member.id != person => {}
            _ => found = Some(entity),
        }
    }
    let Some(found) = found else { return Ok(None) };
    let mut ledger = Ledger::new(transaction.head());
    ledger.by(by, found, What::Access { deed }, now)?;
    let head = ledger.head();
    transaction.write(ledger.own_changes()?).await?;
    transaction.commit(head).await?;
    Ok(Some(head.seq))
}

/// Tells it in every shop of a person, where it was done for all of them. It is done already: what goes
/// wrong here is for the log, and takes nothing back.
pub async fn tell_everywhere(
    storage: &dyn Storage,
    person: PersonId,
    by: Actor,
    deed: Access,
    now: Stamp,
) -> Vec<(ShopId, Seq)> {
    let mut told = Vec::new();
    let shops = storage.memberships(person).await;
    let shops = shops.unwrap_or_else(|error| {
        tracing::error!(%error, %person, ?deed, "no timeline tells of it");
        Vec::new()
    });
    for shop in shops {
        let whose = Whose::Member(person);
        match tell(storage, shop.id, whose, by, deed.clone(), now).await {
            Ok(seq) => told.extend(seq.map(|seq| (shop.id, seq))),
            Err(error) => {
                tracing::error!(%error, %person, shop = %shop.id, ?deed, "its timeline does not tell of it");
            }
        }
    }
    told
}
