//! The tables, as numbered migrations; `user_version` says how many have run.

use rusqlite::{Connection, TransactionBehavior};

use super::CacheError;

/// Marks the file as a cache of ours: `RdTg`.
pub(super) const APPLICATION: i64 = 0x5264_5467;

/// Each runs once, in order, in a transaction of its own. They are never edited once released.
const MIGRATIONS: &[&str] = &[include_str!("schema/001.sql")];

/// Brings the database to the newest schema, or refuses one that a newer program wrote.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), CacheError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = match usize::try_from(found) {
        Ok(done) if done <= MIGRATIONS.len() => done,
        _ => return Err(CacheError::Newer { found, known }),
    };
    for (number, sql) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
        tx.commit()?;
    }
    Ok(())
}
