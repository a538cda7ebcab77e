//! The two roles, and how an administrator becomes the owner for a while.
//!
//! Who may grant a role differs. On PostgreSQL 15 whoever has `CREATEROLE` may grant any role that
//! is no superuser's, also to itself. From 16 on that takes the role's own `ADMIN OPTION`, which its
//! maker has, and being granted a role does not say that one may become it unless `SET` is said.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::{Client, Error, GenericClient, error::SqlState};
use zeroize::Zeroizing;

use super::{
    super::{
        StorageError, migrate,
        statement::{self, said},
    },
    Password, engine, failed,
};

/// The database and its roles.
pub(super) struct Names {
    pub(super) database: String,
    pub(super) app: String,
    pub(super) owner: String,
}

/// Who is setting up.
pub(super) struct Admin {
    name: String,
    may_make_roles: bool,
    /// Whether a grant says apart from each other whether it may be used and become.
    parts_grants: bool,
}

impl Admin {
    pub(super) async fn find(client: &Client) -> Result<Self, StorageError> {
        let row = client
            .query_one(
                "SELECT rolname::text, rolsuper OR rolcreaterole, \
                 current_setting('server_version_num')::int >= 160000 \
                 FROM pg_roles WHERE rolname = current_user",
                &[],
            )
            .await
            .map_err(engine)?;
        Ok(Self {
            name: row.try_get(0).map_err(engine)?,
            may_make_roles: row.try_get(1).map_err(engine)?,
            parts_grants: row.try_get(2).map_err(engine)?,
        })
    }

    fn refused(&self, what: &str, error: &Error, remedy: &str) -> StorageError {
        if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
            return StorageError::Unfit(format!(
                "the role {} may not {what}: {}. {remedy}",
                self.name,
                said(error)
            ));
        }
        StorageError::Unfit(format!("it was not possible to {what}: {}", said(error)))
    }
}

/// Of a role: what `CREATE ROLE` below says, and nothing else.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("rolsuper", "is a superuser"),
    ("rolbypassrls", "bypasses row-level security"),
    ("rolcreaterole", "may make roles"),
    ("rolcreatedb", "may make databases"),
    ("rolreplication", "may replicate"),
    ("rolinherit", "inherits what is granted to it"),
];

/// Makes what is missing of both roles, and sets the app role's password and search path; returns
/// the password if it was set.
pub(super) async fn make(
    client: &mut Client,
    admin: &Admin,
    names: &Names,
    password: &Password,
) -> Result<Option<SecretString>, StorageError> {
    let (owner, app) = look_at(client, admin, names).await?;
    let password = match password {
        Password::Keep if app => None,
        Password::Keep | Password::New => Some(draw()?),
        Password::Given(password) => Some(password.clone()),
    };
    // One transaction: where the second cannot be made, the first is not left behind.
    let transaction = client.transaction().await.map_err(engine)?;
    let plain = "CREATE ROLE %1$I NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION \
        NOINHERIT";
    let another = "Run this as a superuser, or as the role that made it";
    if !owner {
        let text = format!("{plain} NOLOGIN");
        statement::run(&transaction, &text, &[&names.owner])
            .await
            .map_err(|error| admin.refused("make the owner's role", &error, another))?;
    }
    if !app {
        let text = format!("{plain} LOGIN");
        statement::run(&transaction, &text, &[&names.app])
            .await
            .map_err(|error| admin.refused("make the app's role", &error, another))?;
    }
    if let Some(password) = &password {
        // Hashed here, so that the password itself is in no log of the database server.
        let hash = scram_sha_256(password.expose_secret().as_bytes());
        statement::run(
            &transaction,
            "ALTER ROLE %1$I PASSWORD %2$L",
            &[&names.app, &hash],
        )
        .await
        .map_err(|error| admin.refused("set the app role's password", &error, another))?;
    }
    if !searches(&transaction, names).await.map_err(engine)? {
        // Named last, a temporary table cannot stand before one of ours.
        let path = "ALTER ROLE %1$I IN DATABASE %2$I SET search_path = redtag, pg_temp";
        statement::run(&transaction, path, &[&names.app, &names.database])
            .await
            .map_err(|error| admin.refused("set the app role's search path", &error, another))?;
    }
    transaction
        .commit()
        .await
        .map_err(failed("the roles were not made"))?;
    Ok(password)
}

/// Whether the owner's and the app's role are there; refuses those that are not as we make them,
/// and an administrator who cannot make what is missing.
pub(super) async fn look_at(
    client: &Client,
    admin: &Admin,
    names: &Names,
) -> Result<(bool, bool), StorageError> {
    let owner = is_there(client, &names.owner, false).await?;
    let app = is_there(client, &names.app, true).await?;
    is_alone(client, &names.app).await?;
    let missing = !owner || !app;
    if missing && !admin.may_make_roles {
        return Err(StorageError::Unfit(format!(
            "the role {} may not make roles; nothing was changed. Run this with the URL of an \
             administrator: a superuser, or a role with CREATEROLE",
            admin.name
        )));
    }
    Ok((owner, app))
}

/// Whether a role is there; refuses one that is not as we make it.
async fn is_there(client: &Client, name: &str, login: bool) -> Result<bool, StorageError> {
    let row = client
        .query_opt(
            "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, \
             rolreplication, rolinherit FROM pg_roles WHERE rolname = $1",
            &[&name],
        )
        .await
        .map_err(engine)?;
    let Some(row) = row else {
        return Ok(false);
    };
    let mut differs = Vec::new();
    let can_login: bool = row.try_get(0).map_err(engine)?;
    match (can_login, login) {
        (true, false) => differs.push("may log in"),
        (false, true) => differs.push("may not log in"),
        _ => {}
    }
    for (column, words) in ATTRIBUTES {
        if row.try_get(column).map_err(engine)? {
            differs.push(words);
        }
    }
    if differs.is_empty() {
        return Ok(true);
    }
    let flag = if login { "--app" } else { "--owner" };
    Err(StorageError::Unfit(format!(
        "there is a role {name} already, for something else: it {}; nothing was changed. Choose \
         another name with {flag}",
        differs.join(", ")
    )))
}

/// Refuses an app role that was granted another.
async fn is_alone(client: &Client, name: &str) -> Result<(), StorageError> {
    let row = client
        .query_opt(
            "SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members \
             JOIN pg_roles ON pg_roles.oid = member WHERE rolname = $1 ORDER BY 1 LIMIT 1",
            &[&name],
        )
        .await
        .map_err(engine)?;
    let Some(row) = row else { return Ok(()) };
    let other: String = row.try_get(0).map_err(engine)?;
    Err(StorageError::Unfit(format!(
        "the role {name} is a member of {other}, and so may do more than serve; nothing was \
         changed. Run REVOKE \"{other}\" FROM \"{name}\", or choose another name with --app"
    )))
}

async fn searches(client: &impl GenericClient, names: &Names) -> Result<bool, Error> {
    let row = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_db_role_setting \
             JOIN pg_roles ON pg_roles.oid = setrole JOIN pg_database ON pg_database.oid = setdatabase \
             WHERE rolname = $1 AND datname = $2 \
             AND 'search_path=redtag, pg_temp' = ANY (setconfig))",
            &[&names.app, &names.database],
        )
        .await?;
    row.try_get(0)
}

/// The schema's version, where only the owner may read it: becomes the owner in a transaction that
/// never ends well.
pub(super) async fn look(
    client: &mut Client,
    admin: &Admin,
    owner: &str,
) -> Result<i64, StorageError> {
    let transaction = client.transaction().await.map_err(engine)?;
    lend(&transaction, admin, owner).await?;
    transaction
        .execute("SELECT set_config('role', $1, true)", &[&owner])
        .await
        .map_err(|error| admin.refused("become the owner's role", &error, REMEDY))?;
    let found = migrate::found(&transaction).await.map_err(engine)?;
    transaction.rollback().await.map_err(engine)?;
    Ok(found)
}

const REMEDY: &str = "Run this as a superuser, as the role that made it, or let one of them run \
    GRANT … TO … WITH ADMIN OPTION for both roles";

/// Makes the administrator a member of the owner's role, unless it may become it already; says
/// whether it had to.
async fn lend(
    client: &impl GenericClient,
    admin: &Admin,
    owner: &str,
) -> Result<bool, StorageError> {
    let (way, grant) = if admin.parts_grants {
        let grant = "GRANT %1$I TO CURRENT_USER WITH INHERIT FALSE, SET TRUE";
        ("SET", grant)
    } else {
        ("MEMBER", "GRANT %1$I TO CURRENT_USER")
    };
    let row = client
        .query_one("SELECT pg_has_role($1::name, $2)", &[&owner, &way])
        .await
        .map_err(engine)?;
    if row.try_get(0).map_err(engine)? {
        return Ok(false);
    }
    statement::run(client, grant, &[owner])
        .await
        .map_err(|error| admin.refused("become the owner's role", &error, REMEDY))?;
    Ok(true)
}

/// From here on the session is the owner's, in the schema, which is made if it is missing. Says
/// whether the administrator was made a member for it.
pub(super) async fn become_owner(
    client: &Client,
    admin: &Admin,
    names: &Names,
) -> Result<bool, StorageError> {
    let lent = lend(client, admin, &names.owner).await?;
    let schema = "CREATE SCHEMA IF NOT EXISTS redtag AUTHORIZATION %1$I";
    let there = "SELECT to_regnamespace('redtag') IS NOT NULL";
    let there = client.query_one(there, &[]).await.map_err(engine)?;
    if !there.try_get::<_, bool>(0).map_err(engine)? {
        statement::run(client, schema, &[&names.owner])
            .await
            .map_err(|error| {
                let remedy = "The database must be that role's own, or it must be granted CREATE \
                    on it";
                admin.refused("make the schema", &error, remedy)
            })?;
    }
    client
        .execute(
            "SELECT set_config('role', $1, false), \
             set_config('search_path', 'redtag, pg_temp', false)",
            &[&names.owner],
        )
        .await
        .map_err(|error| admin.refused("become the owner's role", &error, REMEDY))?;
    Ok(lent)
}

/// The session is the administrator's again.
pub(super) async fn step_back(
    client: &Client,
    names: &Names,
    lent: bool,
) -> Result<(), StorageError> {
    let wrong = failed("the administrator is still a member of the owner's role");
    client
        .batch_execute("RESET ROLE; RESET search_path")
        .await
        .map_err(&wrong)?;
    if lent {
        let back = "REVOKE %1$I FROM CURRENT_USER";
        statement::run(client, back, &[&names.owner])
            .await
            .map_err(&wrong)?;
    }
    Ok(())
}

/// 32 random bytes, in characters that need no care in a URL.
fn draw() -> Result<SecretString, StorageError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|error| StorageError::Engine(error.into()))?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}
