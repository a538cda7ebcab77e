//! Every text that this engine sends, for the tests that prove something of each.

use super::{sql, text::numbered};
use crate::storage::transfer::table::SHOPS;

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
