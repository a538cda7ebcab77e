use redtag_protocol::ids::ShopId;

use super::table::Table;
use crate::storage::StorageError;

/// Why a move did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The target holds something else.
    #[error(
        "the database {place} is not empty, and what is in it does not come from this move; nothing \
         was changed. Make a new one with “redtag-server database init” and name that; one that a \
         server has opened once is no longer new"
    )]
    Taken {
        /// The database.
        place: String,
    },
    /// Another move into it runs.
    #[error("another move into the database {place} is running; wait for its end")]
    Underway {
        /// The database.
        place: String,
    },
    /// The source was moved to another database.
    #[error(
        "the data in {dir} was moved to {to}, and this is another database; nothing was changed. If \
         that move did not come to its end, run it again with that address. To move the data \
         elsewhere, stop the server there and go back first: “redtag-server move --back --from \
         {dir}”; what was done there since is then lost"
    )]
    Elsewhere {
        /// The source.
        dir: String,
        /// Where it is.
        to: String,
    },
    /// The move cannot be taken back yet.
    #[error(
        "somebody is still connected to the database {place} as the role that serves; nothing was \
         changed. Stop every server there first, and run this again"
    )]
    Served {
        /// The database.
        place: String,
    },
    /// The source was served again after the move had begun.
    #[error(
        "the server ran again on {dir} after this move had begun (shop {shop} has changed since), \
         so what is in the database {place} is of no more use and the move cannot go on; nothing \
         was changed, and {dir} may be served. Begin again in a new database, made with \
         “redtag-server database init --name …”, or drop that one and make it anew"
    )]
    WentOn {
        /// The source.
        dir: String,
        /// The database.
        place: String,
        /// A shop that has changed.
        shop: ShopId,
    },
    /// Both sides differ.
    #[error(
        "{table}{of} is not the same on both sides ({what}), so the database is not served, and \
         this move cannot go on. If the server ran again on the old data after it had begun, or \
         the new database was altered, begin again in a new one, made with “redtag-server database \
         init --name …”, or drop this one and make it anew; the old data is as it was"
    )]
    Differs {
        /// The table.
        table: &'static str,
        /// ` of shop …`, or nothing.
        of: String,
        /// The key of the first row that differs.
        what: String,
    },
    /// It was told to end here.
    #[error("the move was stopped; run the same command again, it goes on where it stopped")]
    Stopped,
    /// A database, or the file system.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl MoveError {
    pub(super) fn differs(table: &Table, shop: Option<ShopId>, what: &str) -> Self {
        Self::Differs {
            table: table.name,
            of: shop.map(|it| format!(" of shop {it}")).unwrap_or_default(),
            what: what.to_owned(),
        }
    }
}
