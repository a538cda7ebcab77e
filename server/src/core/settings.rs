//! What is chosen for a whole shop.

use redtag_protocol::{
    entity::{Entity, Kind},
    event::What,
    ids::ShopId,
    shop::{Settings, Shop},
    stamp::{Seq, Stamp},
};

use super::{entity, ledger::Ledger};
use crate::storage::{Storage, StorageError};

/// What holds in the shop.
pub async fn read(storage: &dyn Storage, shop: ShopId) -> Result<Settings, StorageError> {
    let stored = storage.list(shop, Kind::Shop).await?;
    match stored.first().map(entity).transpose()? {
        Some(Entity::Shop(document)) => Ok(document.settings),
        _ => Err(StorageError::NoShop(shop)),
    }
}

/// Has the shop hold to this from now on. The sequence of the change; none where it did already.
pub async fn put(
    storage: &dyn Storage,
    shop: ShopId,
    settings: Settings,
    now: Stamp,
) -> Result<Option<Seq>, StorageError> {
    let mut transaction = storage.begin(shop).await?;
    let stored = transaction.list(Kind::Shop).await?;
    let Some(Entity::Shop(document)) = stored.first().map(entity).transpose()? else {
        return Err(StorageError::NoShop(shop));
    };
    if document.settings == settings {
        return Ok(None);
    }
    let what = What::Settings {
        before: document.settings,
        after: settings,
    };
    let mut ledger = Ledger::new(transaction.head());
    let document = Shop {
        settings,
        ..document
    };
    ledger.operator(Entity::Shop(document), what, now)?;
    let head = ledger.head();
    transaction.write(ledger.own_changes()?).await?;
    transaction.commit(head).await?;
    Ok(Some(head.seq))
}
