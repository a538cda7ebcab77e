//! Refuses to serve where the wall between the shops would not hold, or where "saved" would not
//! mean durable.
//!
//! The wall is row-level security. PostgreSQL sets it aside for superusers, for roles with
//! `BYPASSRLS`, and for whoever can become either or can take the policies down; it lets more
//! through with every policy that is added; and a view or function that runs as somebody else
//! walks around it. So all of that is looked at, in the catalogue, at each start.

mod findings;
mod rights;
mod role;
mod schema;
mod server;

use tokio_postgres::Client;

pub use self::findings::{Finding, Trouble};
use super::{StorageError, migrate, statement::said};

/// What is done about a role or a schema that is not as it must be.
const INIT: &str = "run redtag-server database init with an administrator's URL";

/// Checks everything, and logs what is merely doubtful.
///
/// # Errors
///
/// [`StorageError::Newer`] for the database of a newer program, [`StorageError::Unfit`] with all
/// that is wrong and what to do about it.
pub async fn check(client: &Client) -> Result<(), StorageError> {
    let mut refused = Vec::new();
    for finding in examine(client).await? {
        for trouble in finding.troubles {
            match trouble {
                Trouble::Refused(words) => refused.push(words),
                Trouble::Doubtful(words) => tracing::warn!("{words}"),
            }
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(StorageError::Unfit(refused.join(".\n")))
}

/// Checks everything and says what was found of each thing, in the order in which it was checked.
///
/// # Errors
///
/// [`StorageError::Newer`] for the database of a newer program; what the connection itself meets.
pub async fn examine(client: &Client) -> Result<Vec<Finding>, StorageError> {
    let mut findings = server::examine(client).await.map_err(engine)?;
    // An older server lacks what the next questions ask for.
    if findings.iter().any(Finding::is_final) {
        return Ok(findings);
    }
    let version = version(client).await?;
    let go_on = version.troubles.is_empty();
    findings.push(version);
    let role = role::examine(client).await.map_err(engine)?;
    // Whoever has these may do everything: nothing that could be said of its rights is news.
    let unfit = role
        .iter()
        .any(|it| it.what == role::ATTRIBUTES_OF && !it.troubles.is_empty());
    findings.extend(role);
    if go_on {
        findings.extend(schema::examine(client).await.map_err(engine)?);
    }
    if go_on && !unfit {
        findings.extend(rights::examine(client).await.map_err(engine)?);
    }
    Ok(findings)
}

/// Refuses a server that is too old or takes no writes.
pub(super) async fn server(client: &Client) -> Result<(), StorageError> {
    refuse(server::version(client).await.map_err(engine)?)?;
    refuse(server::recovery(client).await.map_err(engine)?)
}

/// Refuses a database that cannot keep every text.
pub(super) async fn encoding(client: &Client) -> Result<(), StorageError> {
    refuse(server::encoding(client).await.map_err(engine)?)
}

/// What is wrong with the schema itself, whoever asks.
pub(super) async fn schema(client: &Client) -> Result<Vec<String>, StorageError> {
    let findings = schema::examine(client).await.map_err(engine)?;
    let troubles = findings.into_iter().flat_map(|it| it.troubles);
    Ok(troubles.map(Trouble::into_words).collect())
}

fn refuse(finding: Finding) -> Result<(), StorageError> {
    match finding.troubles.into_iter().next() {
        Some(trouble) => Err(StorageError::Unfit(trouble.into_words())),
        None => Ok(()),
    }
}

async fn version(client: &Client) -> Result<Finding, StorageError> {
    let finding = Finding::of("the schema's version");
    let row = client
        .query_one("SELECT current_database()::text, current_user::text", &[])
        .await
        .map_err(engine)?;
    let database: String = row.try_get(0).map_err(engine)?;
    let user: String = row.try_get(1).map_err(engine)?;
    let known = migrate::known();
    Ok(match migrate::found(client).await {
        Ok(0) => finding.refused(format!(
            "the database {database} has no schema of Redtag: {INIT}"
        )),
        Ok(found) if found > known => return Err(migrate::newer(&database, found)),
        Ok(found) if found < known => finding.refused(format!(
            "the database {database} has the older schema {found}, and this program needs {known}: \
             {INIT}. Servers that run on it meanwhile may go on"
        )),
        Ok(_) => finding,
        Err(error) if error.code().is_some() => finding.refused(format!(
            "the role {user} may not use the schema of Redtag in the database {database}: give the \
             URL that redtag-server database init printed, or {INIT} and --app {user}"
        )),
        Err(error) => return Err(engine(error)),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives")]
fn engine(error: tokio_postgres::Error) -> StorageError {
    StorageError::Engine(said(&error).into())
}
