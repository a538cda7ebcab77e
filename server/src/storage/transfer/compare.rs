//! Whether both sides hold the same: every row of every table, read anew from both and compared.

use redtag_protocol::ids::ShopId;

use super::{
    MoveError, Pace,
    row::{Tally, key_of, key_words},
    table::Table,
    target::Target,
};
use crate::storage::sqlite::Alone;

/// A table of a shop, or of all, that is the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Same {
    /// The table.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
    /// SHA-256 over all values of all rows in the key's order.
    pub hash: [u8; 32],
}

/// Reads a table on both sides and compares it row by row, value by value; count and hash are for
/// people, who can take them again later.
pub(super) async fn compare(
    source: &Alone,
    target: &mut Target,
    table: &'static Table,
    shop: Option<ShopId>,
    pace: Pace,
) -> Result<Same, MoveError> {
    let mut tally = Tally::new();
    let mut after = None;
    loop {
        let here = source
            .rows(table, shop, after.clone(), pace.bounds())
            .await?;
        // At the end of ours there must be nothing more of theirs either.
        let most = here.len().max(1);
        let there = target.rows(table, shop, after.as_ref(), most).await?;
        let differing = (0..here.len().max(there.len())).find(|at| here.get(*at) != there.get(*at));
        if let Some(at) = differing {
            let row = here.get(at).or(there.get(at));
            let key = row.map(|row| key_words(table, &key_of(table, row)));
            return Err(MoveError::differs(table, shop, &key.unwrap_or_default()));
        }
        let Some(last) = here.last() else { break };
        after = Some(key_of(table, last));
        // Of one side, for these rows were just found to be the same on the other.
        for row in &here {
            tally.add(row);
        }
    }
    let (rows, hash) = tally.end();
    Ok(Same {
        table: table.name,
        rows,
        hash,
    })
}
