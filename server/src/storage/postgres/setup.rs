//! Makes the database, its roles and its schema from an administrator's connection, and brings
//! them up to date. Doing it again is the same.
//!
//! Two roles: the owner, who cannot log in and has everything, and the app role, who can log in and
//! may do no more than the table in `grants` says. The administrator becomes the owner for the
//! length of the migrations alone. A superuser is not needed: `CREATEROLE` and `CREATEDB` will do,
//! as the administrators of managed services have them.

mod place;
mod restored;
mod roles;

use secrecy::SecretString;
use tokio_postgres::{Client, error::SqlState};

pub use self::restored::restored;
use self::{
    place::Place,
    roles::{Admin, Names},
};
use super::{StorageError, grants, guard, migrate, statement, statement::said};

/// Taken by whoever changes roles or schema, so that two at once do it one after the other.
const LOCK: i64 = i64::from_be_bytes(*b"redtagV\0");

/// What is wanted.
#[derive(Debug, Default)]
pub struct Plan {
    /// The role that serves; where none is named the one that is there, else `DATABASE_app`.
    pub app: Option<String>,
    /// The role that owns the schema; where none is named the one that is there, else
    /// `DATABASE_owner`.
    pub owner: Option<String>,
    /// What becomes of the app role's password.
    pub password: Password,
}

/// What becomes of the app role's password.
#[derive(Debug, Default)]
pub enum Password {
    /// Drawn if the role is made now; otherwise it stays.
    #[default]
    Keep,
    /// Drawn anew.
    New,
    /// This one.
    Given(SecretString),
}

/// What was done.
#[derive(Debug)]
pub struct Done {
    /// The role that serves.
    pub app: String,
    /// The role that owns the schema.
    pub owner: String,
    /// The app role's password, if it was set now.
    pub password: Option<SecretString>,
    /// The migrations that were run now.
    pub migrated: Vec<String>,
    /// What is not as it should be and could not be changed from here.
    pub cautions: Vec<String>,
}

/// Makes a database unless it is there, from a connection to another one of the same server; says
/// whether it did.
///
/// # Errors
///
/// [`StorageError::Unfit`] where the connection's role may not.
pub async fn database(client: &Client, name: &str) -> Result<bool, StorageError> {
    guard::server(client).await?;
    place::fit_name("the database", name)?;
    let there = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    let there = client.query_one(there, &[&name]).await.map_err(engine)?;
    if there.try_get(0).map_err(engine)? {
        return Ok(false);
    }
    // Of template0: nobody can be connected to it, nor have left anything in it.
    let make = "CREATE DATABASE %1$I TEMPLATE template0 ENCODING 'UTF8'";
    let Err(error) = statement::run(client, make, &[name]).await else {
        // Whatever becomes of the rest.
        statement::run(client, "REVOKE ALL ON DATABASE %1$I FROM PUBLIC", &[name])
            .await
            .map_err(failed("the database was made, but not closed to others"))?;
        return Ok(true);
    };
    match error.code() {
        // Somebody else was a moment earlier.
        Some(&SqlState::DUPLICATE_DATABASE | &SqlState::UNIQUE_VIOLATION) => Ok(false),
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Err(StorageError::Unfit(format!(
            "the administrator's role may not make the database {name} ({}); nothing was changed. \
             Give that role CREATEDB, or make the database as another, and run this again",
            said(&error)
        ))),
        _ => Err(failed("the database could not be made")(error)),
    }
}

/// Looks at what can be said before a database is made: names and roles. So that where [`init`] would
/// refuse them, no empty database is left behind.
///
/// # Errors
///
/// As [`init`]'s.
pub async fn foresee(client: &Client, name: &str, plan: &Plan) -> Result<(), StorageError> {
    guard::server(client).await?;
    place::fit_name("the database", name)?;
    let names = Place::new(name).names(plan)?;
    let admin = Admin::find(client).await?;
    roles::look_at(client, &admin, &names).await.map(drop)
}

/// Makes or updates roles, schema and grants in the database of the connection. A running server
/// is not disturbed.
///
/// # Errors
///
/// [`StorageError::Newer`] for a database of a newer program; [`StorageError::Unfit`], in words for
/// the operator, where the database is another program's, a role's name is taken, the administrator
/// lacks a right, or the server is too old.
pub async fn init(client: &mut Client, plan: &Plan) -> Result<Done, StorageError> {
    guard::server(client).await?;
    guard::encoding(client).await?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await
        .map_err(engine)?;
    let done = locked(client, plan).await;
    let unlocked = client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await;
    let done = done?;
    unlocked.map_err(engine)?;
    Ok(done)
}

async fn locked(client: &mut Client, plan: &Plan) -> Result<Done, StorageError> {
    let place = Place::find(client).await?;
    let names = place.names(plan)?;
    let admin = Admin::find(client).await?;
    if let Some(owner) = &place.owner {
        let found = roles::look(client, &admin, owner).await?;
        if found > migrate::known() {
            return Err(migrate::newer(&place.database, found));
        }
    }
    let password = roles::make(client, &admin, &names, &plan.password).await?;
    let lent = roles::become_owner(client, &admin, &names).await?;
    let built = build(client, &names).await;
    // Also after a failure: the administrator is the owner for no longer than it takes.
    let back = roles::step_back(client, &names, lent).await;
    let migrated = built?;
    back?;
    let mut cautions = place::close(client, &names).await?;
    cautions.extend(guard::schema(client).await?);
    let Names { app, owner, .. } = names;
    Ok(Done {
        app,
        owner,
        password,
        migrated,
        cautions,
    })
}

/// As the owner.
async fn build(client: &mut Client, names: &Names) -> Result<Vec<String>, StorageError> {
    let migrated = migrate::run(client).await?;
    let wrong = failed("the app role was not given its rights");
    let transaction = client.transaction().await.map_err(&wrong)?;
    grants::give(&transaction, &names.app)
        .await
        .map_err(&wrong)?;
    transaction.commit().await.map_err(&wrong)?;
    Ok(migrated)
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives")]
fn engine(error: tokio_postgres::Error) -> StorageError {
    StorageError::Engine(said(&error).into())
}

fn failed(what: &'static str) -> impl Fn(tokio_postgres::Error) -> StorageError {
    move |error| StorageError::Unfit(format!("{what}: {}", said(&error)))
}
