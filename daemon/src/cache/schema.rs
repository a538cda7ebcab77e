//! The tables, as numbered migrations; `user_version` says how many have run.

mod to_002;

use rusqlite::{Connection, TransactionBehavior};

use super::CacheError;

/// Marks the file as a cache of ours: `RdTg`.
pub(super) const APPLICATION: i64 = 0x5264_5467;

/// What one migration does: its tables, and what moves rows from the old into the new.
type Migration = (&'static str, fn(&Connection) -> Result<(), CacheError>);

/// Each runs once, in order, in a transaction of its own. They are never edited once released.
const MIGRATIONS: &[Migration] = &[
    (include_str!("schema/001.sql"), |_| Ok(())),
    (include_str!("schema/002.sql"), to_002::fill),
    (include_str!("schema/003.sql"), |_| Ok(())),
    (include_str!("schema/004.sql"), |_| Ok(())),
    (include_str!("schema/005.sql"), |_| Ok(())),
    (include_str!("schema/006.sql"), |_| Ok(())),
];

/// Brings the database to the newest schema, or refuses one that a newer program wrote.
pub(super) fn migrate(conn: &mut Connection) -> Result<(), CacheError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = match usize::try_from(found) {
        Ok(done) if done <= MIGRATIONS.len() => done,
        _ => return Err(CacheError::Newer { found, known }),
    };
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        run(&tx, number, migration)?;
        tx.commit()?;
    }
    Ok(())
}

fn run(conn: &Connection, number: i64, (sql, fill): &Migration) -> Result<(), CacheError> {
    conn.execute_batch(sql)?;
    fill(conn)?;
    conn.pragma_update(None, "user_version", number)?;
    conn.pragma_update(None, "application_id", APPLICATION)?;
    Ok(())
}

#[cfg(test)]
mod tests;
