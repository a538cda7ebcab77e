//! New shops.

use std::collections::BTreeMap;

use redtag_protocol::{
    entity::Entity,
    event::What,
    ids::ShopId,
    shop::{Settings, Shop},
    stamp::Stamp,
    template::{Template, TemplateFileError},
    text::{self, TextError},
};
use serde_json::Map;

use super::{
    ledger::Ledger,
    templates::{self, Known},
};
use crate::{
    keys,
    storage::{ShopRow, Storage, StorageError},
};

/// The templates that a shop is offered when it is made, by file name.
pub const SHIPPED: [(&str, &str); 3] = [
    (
        "vehicle-multipoint.toml",
        include_str!("../../../assets/templates/vehicle-multipoint.toml"),
    ),
    (
        "bicycle-service.toml",
        include_str!("../../../assets/templates/bicycle-service.toml"),
    ),
    (
        "truck-pretrip.toml",
        include_str!("../../../assets/templates/truck-pretrip.toml"),
    ),
];

/// What a new shop begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Templates {
    /// The three that ship, published.
    Shipped,
    /// None: the owner imports some.
    None,
}

/// Why a shop was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The name is empty, too long or not one line.
    #[error(transparent)]
    Name(#[from] TextError),
    /// A shipped template that does not read; a fault of this program.
    #[error(transparent)]
    Template(#[from] TemplateFileError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Makes a shop, with its document and its first templates in one transaction. Nobody sees it
/// before it is whole.
pub async fn create(
    storage: &dyn Storage,
    name: &str,
    with: Templates,
    now: Stamp,
) -> Result<ShopId, CreateError> {
    let name = text::bounded(name, "the name", 200)?;
    let files = match with {
        Templates::None => Vec::new(),
        Templates::Shipped => SHIPPED
            .iter()
            .map(|(file, text)| Template::parse_toml(text, file))
            .collect::<Result<_, _>>()?,
    };
    let id = ShopId::from_parts(now.0, keys::random());
    let row = ShopRow {
        id,
        name: name.clone(),
        created: now,
    };
    storage.shop_create(row).await?;
    let mut transaction = storage.begin(id).await?;
    let mut ledger = Ledger::new(transaction.head());
    let shop = Shop {
        id,
        name,
        settings: Settings::default(),
        canned: BTreeMap::new(),
        unknown: Map::new(),
    };
    ledger.operator(Entity::Shop(shop), What::Created, now)?;
    for file in files {
        let known = Known::default();
        let template = templates::enter(&mut ledger, &known, file, now)?;
        templates::open(&mut ledger, template, now)?;
    }
    let head = ledger.head();
    transaction.write(ledger.own_changes()?).await?;
    transaction.commit(head).await?;
    storage.shop_ready(id).await?;
    Ok(id)
}
