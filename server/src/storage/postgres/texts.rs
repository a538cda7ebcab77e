//! Every text that this engine sends, for the tests that prove something of each.

use redtag_protocol::ids::{PersonId, SessionId, ShopId};

use super::{
    StorageError,
    line::{Purpose, Scope, opening},
    sql,
    text::numbered,
    value::{Value, arrange},
};
use crate::storage::transfer::table::SHOPS;

/// For whom a transaction can be.
#[derive(Debug, Clone, Copy)]
pub enum Whom {
    /// Rows of one shop.
    Shop(ShopId),
    /// A person's own sign-ins and memberships.
    Person(PersonId),
    /// One sign-in.
    Session(SessionId),
    /// The list of shops.
    EveryShop,
    /// What belongs to no shop.
    Nobody,
}

/// What the engine itself says at the beginning of a transaction, before anything is asked: each
/// statement as PostgreSQL gets it, with its values in order.
pub fn beginning(whom: Whom) -> Result<Vec<(String, Vec<String>)>, StorageError> {
    let scope = match whom {
        Whom::Shop(id) => Scope::Shop(id),
        Whom::Person(id) => Scope::Person(id),
        Whom::Session(id) => Scope::Session(id),
        Whom::EveryShop => Scope::EveryShop,
        Whom::Nobody => Scope::Nobody,
    };
    let calls = opening(Purpose::Write, scope);
    let each = calls.iter().map(|call| {
        let numbered = numbered(call.text);
        let values = arrange(&numbered.names, &call.given)?;
        let values = values.into_iter().map(|value| match value {
            Value::Text(text) => Ok(text.to_string()),
            other => Err(StorageError::Engine(
                format!("{other:?} among the settings").into(),
            )),
        });
        Ok((numbered.sql.clone(), values.collect::<Result<_, _>>()?))
    });
    each.collect()
}

/// Each with its name, as PostgreSQL gets it.
pub fn all() -> Vec<(&'static str, String)> {
    let lists = [sql::control::ALL, sql::shop::ALL, sql::hosted::ALL];
    let each = lists.into_iter().flatten();
    each.map(|(name, text)| (*name, translated(text))).collect()
}

/// Those over the tables of shops that a move sends, with their names.
pub fn of_a_move() -> Vec<(String, &'static str)> {
    let each = SHOPS.iter().flat_map(|table| {
        let texts = [
            ("first", table.first),
            ("next", table.next),
            ("last", table.last),
            ("add", table.add),
        ];
        texts.map(|(which, text)| (format!("{} {which}", table.name), text))
    });
    each.collect()
}

/// A text with numbers for its names.
pub fn translated(text: &'static str) -> String {
    numbered(text).sql.clone()
}
