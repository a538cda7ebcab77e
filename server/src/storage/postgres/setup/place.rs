//! The database that roles and schema are made in: whose it is, and who may connect.

use tokio_postgres::Client;

use super::{
    super::{StorageError, grants::HISTORY, statement},
    Names, Plan, engine, failed,
};

/// The longest name that PostgreSQL keeps whole, in bytes.
const LONGEST: usize = 63;

/// What is in the database already.
pub(super) struct Place {
    pub(super) database: String,
    /// The schema's owner.
    pub(super) owner: Option<String>,
    /// Who was granted the schema, if that is one role.
    app: Option<String>,
    /// A table that no program of ours made.
    foreign: Option<String>,
    /// Whether whoever asks may make a schema here.
    may_make: bool,
}

/// All that anybody may read of the catalogue, also a role that may read none of the tables.
const FIND: &str = "SELECT current_database()::text, \
    (SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = 'redtag'), \
    (SELECT array_agg(DISTINCT pg_get_userbyid(acl.grantee)::text) \
        FROM pg_namespace, aclexplode(nspacl) AS acl \
        WHERE nspname = 'redtag' AND acl.grantee NOT IN (0, nspowner)), \
    (SELECT format('%I.%I', nspname, relname) \
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
        WHERE relkind IN ('r', 'p', 'f', 'm', 'v') \
            AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'redtag') \
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass \
                AND objid = pg_class.oid AND deptype = 'e') \
        ORDER BY 1 LIMIT 1), \
    (SELECT format('redtag.%I', relname) FROM pg_class \
        WHERE relnamespace = to_regnamespace('redtag') AND NOT EXISTS ( \
            SELECT FROM pg_class AS history WHERE history.relname = $1 \
                AND history.relnamespace = to_regnamespace('redtag')) \
        ORDER BY 1 LIMIT 1), \
    has_database_privilege(current_database(), 'CREATE')";

impl Place {
    /// One that is still to be made.
    pub(super) fn new(database: &str) -> Self {
        Self {
            database: database.to_owned(),
            owner: None,
            app: None,
            foreign: None,
            may_make: true,
        }
    }

    pub(super) async fn find(client: &Client) -> Result<Self, StorageError> {
        let row = client.query_one(FIND, &[&HISTORY]).await.map_err(engine)?;
        let owner: Option<String> = row.try_get(1).map_err(engine)?;
        let granted: Option<Vec<String>> = row.try_get(2).map_err(engine)?;
        let outside: Option<String> = row.try_get(3).map_err(engine)?;
        let inside: Option<String> = row.try_get(4).map_err(engine)?;
        // Beside a schema of ours an operator may keep what they like.
        let outside = outside.filter(|_| owner.is_none());
        Ok(Self {
            database: row.try_get(0).map_err(engine)?,
            owner,
            app: granted.and_then(|it| <[String; 1]>::try_from(it).ok().map(|[app]| app)),
            foreign: inside.or(outside),
            may_make: row.try_get(5).map_err(engine)?,
        })
    }

    /// Which roles are meant; refuses a database that another program keeps its tables in, or in
    /// which the administrator can make nothing.
    pub(super) fn names(&self, plan: &Plan) -> Result<Names, StorageError> {
        let database = &self.database;
        if let Some(table) = &self.foreign {
            return Err(StorageError::Unfit(format!(
                "the database {database} is another program's: it holds {table}; nothing was \
                 changed. Name a database for Redtag alone with --name"
            )));
        }
        if self.owner.is_none() && !self.may_make {
            return Err(StorageError::Unfit(format!(
                "the administrator's role may not make the schema in the database {database}; \
                 nothing was changed. The database must be that role's own, or its owner must run \
                 GRANT CREATE ON DATABASE {database} TO that role"
            )));
        }
        let named = |given: &Option<String>, found: &Option<String>, ending: &str| {
            let name = given.clone().or_else(|| found.clone());
            name.unwrap_or_else(|| format!("{database}{ending}"))
        };
        let owner = named(&plan.owner, &self.owner, "_owner");
        let app = named(&plan.app, &self.app, "_app");
        fit_name("the role that owns", &owner)?;
        fit_name("the role that serves", &app)?;
        if owner == app {
            return Err(StorageError::Unfit(format!(
                "{app} cannot both own the tables and serve: whoever owns a table can take the \
                 wall down. Name two roles; nothing was changed"
            )));
        }
        if let Some(found) = self.owner.as_ref().filter(|found| **found != owner) {
            return Err(StorageError::Unfit(format!(
                "the schema redtag belongs to the role {found}, not to {owner}; nothing was \
                 changed. Leave --owner out, or name {found}"
            )));
        }
        Ok(Names {
            database: database.clone(),
            app,
            owner,
        })
    }
}

/// A name that PostgreSQL keeps as it is.
pub(super) fn fit_name(what: &str, name: &str) -> Result<(), StorageError> {
    let problem = if name.is_empty() {
        "is empty"
    } else if name.len() > LONGEST {
        "is longer than the 63 bytes that PostgreSQL keeps"
    } else if name.chars().any(char::is_control) {
        "holds control characters"
    } else if name.starts_with("pg_") {
        "begins with pg_, which PostgreSQL keeps for itself"
    } else {
        return Ok(());
    };
    Err(StorageError::Unfit(format!(
        "the name of {what} {problem}; nothing was changed"
    )))
}

/// Lets nobody connect but the app role, and says what could not be done from here.
pub(super) async fn close(client: &Client, names: &Names) -> Result<Vec<String>, StorageError> {
    let row = client
        .query_one(
            "SELECT pg_has_role(datdba, 'USAGE'), pg_get_userbyid(datdba)::text, \
             has_database_privilege($1, oid, 'CONNECT') \
             FROM pg_database WHERE datname = current_database()",
            &[&names.app],
        )
        .await
        .map_err(engine)?;
    let (mine, dba): (bool, String) = (
        row.try_get(0).map_err(engine)?,
        row.try_get(1).map_err(engine)?,
    );
    let enters: bool = row.try_get(2).map_err(engine)?;
    let Names { database, app, .. } = names;
    if mine {
        let close = "REVOKE ALL ON DATABASE %1$I FROM PUBLIC; \
            REVOKE ALL ON DATABASE %1$I FROM %2$I; GRANT CONNECT ON DATABASE %1$I TO %2$I";
        statement::run(client, close, &[database, app])
            .await
            .map_err(failed("the database was not closed to others"))?;
        return Ok(Vec::new());
    }
    let remedy = format!("as {dba}: GRANT CONNECT ON DATABASE {database} TO {app}");
    if !enters {
        return Err(StorageError::Unfit(format!(
            "everything is made, but {app} may not connect to the database, which belongs to \
             {dba}. Run {remedy}"
        )));
    }
    Ok(vec![format!(
        "the database belongs to {dba}, so it stays open to whoever it was open to. To close it, \
         run {remedy}; REVOKE ALL ON DATABASE {database} FROM PUBLIC"
    )])
}
