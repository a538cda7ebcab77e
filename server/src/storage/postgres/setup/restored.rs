//! What a database needs to be told that was put back to an earlier moment.

use tokio_postgres::Client;

use super::{Admin, LOCK, Place, Plan, StorageError, engine, failed, guard, roles};

/// Who is connected as a role.
const CONNECTED: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND usename = $1 AND backend_type = 'client backend'";

const EPOCH_ANEW: &str = "UPDATE meta SET epoch = $1 WHERE only_row = 1";

/// Draws a new epoch, as whoever owns the tables: the benches may have seen what this database, as it
/// is now, never did; by it they notice at once, fetch their shops anew and send again what they
/// still keep. A server reads the epoch when it starts.
///
/// # Errors
///
/// [`StorageError::Unfit`], in words for the operator, where somebody is still connected as the app
/// role, or where nothing of Redtag's is here; nothing is changed then.
pub async fn restored(client: &mut Client) -> Result<(), StorageError> {
    guard::server(client).await?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await
        .map_err(engine)?;
    let done = locked(client).await;
    let unlocked = client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await;
    done?;
    unlocked.map(drop).map_err(engine)
}

async fn locked(client: &mut Client) -> Result<(), StorageError> {
    let place = Place::find(client).await?;
    if place.owner.is_none() {
        return Err(StorageError::Unfit(format!(
            "there is nothing of Redtag's in the database {}; nothing was changed. Name the one \
             that was restored in the URL",
            place.database
        )));
    }
    let names = place.names(&Plan::default())?;
    let row = client.query_one(CONNECTED, &[&names.app]).await;
    let connected: i64 = row.and_then(|row| row.try_get(0)).map_err(engine)?;
    if connected > 0 {
        return Err(StorageError::Unfit(format!(
            "{connected} connections of {} are still open: a redtag-server runs on {}, or a command \
             does. Nothing was changed; stop every one, and run this again",
            names.app, names.database
        )));
    }
    let admin = Admin::find(client).await?;
    let lent = roles::become_owner(client, &admin, &names).await?;
    let drawn = draw(client).await;
    // Also after a failure: the administrator is the owner for no longer than it takes.
    let back = roles::step_back(client, &names, lent).await;
    drawn?;
    back
}

async fn draw(client: &mut Client) -> Result<(), StorageError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| StorageError::Engine(error.into()))?;
    let epoch = i64::from_be_bytes(bytes);
    let wrong = failed("the database was not given a new epoch");
    let transaction = client.transaction().await.map_err(&wrong)?;
    // The administrator's connection may say otherwise.
    transaction
        .batch_execute("SET LOCAL synchronous_commit = on")
        .await
        .map_err(&wrong)?;
    let changed = transaction
        .execute(EPOCH_ANEW, &[&epoch])
        .await
        .map_err(&wrong)?;
    transaction.commit().await.map_err(&wrong)?;
    if changed == 1 {
        return Ok(());
    }
    Err(StorageError::Unfit(
        "no server was ever started on this database, so there is nothing that benches could have \
         seen; nothing was changed"
            .to_owned(),
    ))
}
