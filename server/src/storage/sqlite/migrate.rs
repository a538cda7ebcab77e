//! Brings a file's schema up to date. Migrations are numbered files under `migrations/`, in the
//! form that refinery reads too; here a runner of a page does, for two reasons: all of it is one
//! immediate transaction, so that two processes that open a file together do not both migrate it,
//! and the version is SQLite's own `user_version`, one page read at each opening of a shop.

use std::path::Path;

use redtag_protocol::{event::GENESIS, ids::ShopId};
use rusqlite::{Connection, Transaction, TransactionBehavior, named_params};

use super::{StorageError, convert::fault, named};
use crate::storage::sql;

/// Which schema a file has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Schema {
    /// What spans shops.
    Control,
    /// One shop's.
    Shop(ShopId),
}

const CONTROL: &[&str] = &[
    include_str!("../../../migrations/control/V1__begin.sql"),
    include_str!("../../../migrations/control/V2__pairing.sql"),
    include_str!("../../../migrations/control/V3__credentials.sql"),
    include_str!("../../../migrations/control/V4__identities.sql"),
    include_str!("../../../migrations/control/V5__key_copies.sql"),
];
const SHOP: &[&str] = &[
    include_str!("../../../migrations/shop/V1__begin.sql"),
    include_str!("../../../migrations/shop/V2__copies.sql"),
    include_str!("../../../migrations/shop/V3__guards.sql"),
    include_str!("../../../migrations/shop/V4__packed.sql"),
];

impl Schema {
    fn migrations(self) -> &'static [&'static str] {
        match self {
            Self::Control => CONTROL,
            Self::Shop(_) => SHOP,
        }
    }

    /// Marks the file in its header, so that no other program's file is taken for ours.
    fn application_id(self) -> i32 {
        match self {
            Self::Control => i32::from_be_bytes(*b"RtCt"),
            Self::Shop(_) => i32::from_be_bytes(*b"RtSh"),
        }
    }
}

fn version(connection: &Connection) -> Result<i64, StorageError> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(fault)
}

/// Runs what is missing.
pub(super) fn migrate(
    connection: &mut Connection,
    schema: Schema,
    path: &Path,
) -> Result<(), StorageError> {
    let migrations = schema.migrations();
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if version(connection)? == known {
        return check_owner(connection, schema, path);
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    // Another process may have done it in the meantime.
    let found = version(&transaction)?;
    if found > known {
        return Err(StorageError::Newer {
            file: named(path),
            found,
            known,
        });
    }
    if found > 0 {
        check_owner(&transaction, schema, path)?;
    }
    let done = usize::try_from(found).unwrap_or(0);
    for migration in migrations.iter().skip(done) {
        transaction.execute_batch(migration).map_err(fault)?;
    }
    transaction
        .pragma_update(None, "application_id", schema.application_id())
        .map_err(fault)?;
    transaction
        .pragma_update(None, "user_version", known)
        .map_err(fault)?;
    if let Schema::Shop(shop) = schema {
        first_head(&transaction, shop)?;
    }
    transaction.commit().map_err(fault)
}

fn check_owner(connection: &Connection, schema: Schema, path: &Path) -> Result<(), StorageError> {
    let found: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(fault)?;
    if found == schema.application_id() {
        Ok(())
    } else {
        Err(StorageError::Unreadable { file: named(path) })
    }
}

fn first_head(transaction: &Transaction<'_>, shop: ShopId) -> Result<(), StorageError> {
    transaction
        .prepare_cached(sql::shop::HEAD_BEGIN)
        .and_then(|mut it| it.execute(named_params! {":shop": shop.as_bytes(), ":hash": GENESIS}))
        .map(drop)
        .map_err(fault)
}

#[cfg(test)]
mod tests;
