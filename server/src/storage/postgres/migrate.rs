//! The schema's migrations, run by refinery as the owner role.

use refinery::{Migration, Runner, error::Kind};
use tokio_postgres::{Client, Error, GenericClient};

use super::{StorageError, grants::HISTORY, statement::said};

/// Each with its name as refinery reads it. A migration that was released is never edited again.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        "V1__begin",
        include_str!("../../../migrations/postgres/V1__begin.sql"),
    ),
    (
        "V2__copies",
        include_str!("../../../migrations/postgres/V2__copies.sql"),
    ),
    (
        "V3__guards",
        include_str!("../../../migrations/postgres/V3__guards.sql"),
    ),
    (
        "V4__pairing",
        include_str!("../../../migrations/postgres/V4__pairing.sql"),
    ),
    (
        "V5__credentials",
        include_str!("../../../migrations/postgres/V5__credentials.sql"),
    ),
    (
        "V6__identities",
        include_str!("../../../migrations/postgres/V6__identities.sql"),
    ),
    (
        "V7__key_copies",
        include_str!("../../../migrations/postgres/V7__key_copies.sql"),
    ),
];

/// The newest schema that this program knows.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The schema found in the database; 0 where there is none. Any role may ask that may read the
/// history.
pub(super) async fn found(client: &impl GenericClient) -> Result<i64, Error> {
    let there = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_class WHERE relname = $1 \
             AND relnamespace = to_regnamespace('redtag'))",
            &[&HISTORY],
        )
        .await?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    let row = client
        .query_one(
            "SELECT coalesce(max(version), 0)::bigint FROM redtag.refinery_schema_history",
            &[],
        )
        .await?;
    row.try_get(0)
}

/// A database of a newer program.
pub(super) fn newer(database: &str, found: i64) -> StorageError {
    StorageError::Newer {
        file: format!("the database {database}"),
        found,
        known: known(),
    }
}

/// Runs what is missing, all or nothing, and says which that were. The session is the owner's, with
/// the schema first in its search path.
pub(super) async fn run(client: &mut Client) -> Result<Vec<String>, StorageError> {
    let migrations: Result<Vec<_>, _> = MIGRATIONS
        .iter()
        .map(|(name, text)| Migration::unapplied(name, text))
        .collect();
    let migrations = migrations.map_err(|error| failed(&error))?;
    let mut runner = Runner::new(&migrations).set_grouped(true);
    runner.set_migration_table_name(HISTORY);
    let report = runner
        .run_async(client)
        .await
        .map_err(|error| failed(&error))?;
    let done = report.applied_migrations();
    Ok(done.iter().map(ToString::to_string).collect())
}

fn failed(error: &refinery::Error) -> StorageError {
    use std::error::Error as _;
    let words = match error.kind() {
        Kind::DivergentVersion(..) | Kind::MissingVersion(_) => format!(
            "the schema was made by another build of redtag-server than this one ({error}); \
             nothing was changed. Run the build that made it, or begin with an empty database"
        ),
        kind => {
            let cause = kind
                .source()
                .and_then(|it| it.downcast_ref::<Error>())
                .map_or_else(|| error.to_string(), said);
            format!("the schema was not brought up to date, and is as it was: {cause}")
        }
    };
    StorageError::Unfit(words)
}
