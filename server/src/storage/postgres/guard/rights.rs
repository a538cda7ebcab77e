//! What the role may do: what the table in `grants` says, no less and no more.

use tokio_postgres::{Client, Error};

use super::{
    super::grants::{FUNCTIONS, GRANTS, Grant},
    Finding, INIT,
};

pub(super) async fn examine(client: &Client) -> Result<Vec<Finding>, Error> {
    Ok(vec![
        path(client).await?,
        scope(client).await?,
        tables(client).await?,
        functions(client).await?,
        beyond(client).await?,
    ])
}

async fn path(client: &Client) -> Result<Finding, Error> {
    let row = client
        .query_one("SELECT current_setting('search_path')", &[])
        .await?;
    let path: String = row.try_get(0)?;
    let parts: Vec<_> = path.split(',').map(str::trim).collect();
    let finding = Finding::of("the search path");
    Ok(finding.refused_if(parts != ["redtag", "pg_temp"], || {
        format!("the search path is {path} and not redtag, pg_temp: {INIT}")
    }))
}

/// A setting that is there before a transaction makes it would be a shop that nobody named.
async fn scope(client: &Client) -> Result<Finding, Error> {
    let mut finding = Finding::of("no shop is named before a transaction names one");
    for name in ["shop_id", "person_id", "session_id", "every_shop"] {
        let name = format!("app.{name}");
        let asked = "SELECT coalesce(current_setting($1, true), '')";
        let value: String = client.query_one(asked, &[&name]).await?.try_get(0)?;
        finding = finding.refused_if(!value.is_empty(), || {
            format!(
                "{name} is set for every connection: run ALTER ROLE, ALTER DATABASE and ALTER \
                 SYSTEM … RESET {name}"
            )
        });
    }
    Ok(finding)
}

/// A table's rights as they hold, by whatever way they were granted.
const FOUND: &str = "SELECT relname::text, has_table_privilege(oid, 'SELECT'), \
        has_table_privilege(oid, 'INSERT'), has_table_privilege(oid, 'DELETE'), \
        has_table_privilege(oid, 'TRUNCATE') OR has_table_privilege(oid, 'TRIGGER') \
            OR has_any_column_privilege(oid, 'REFERENCES'), \
        ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = pg_class.oid \
            AND attnum > 0 AND NOT attisdropped \
            AND has_column_privilege(attrelid, attnum, 'UPDATE')) \
    FROM pg_class WHERE relnamespace = to_regnamespace('redtag') AND relkind = 'r' ORDER BY 1";

async fn tables(client: &Client) -> Result<Finding, Error> {
    let (mut less, mut more) = (Vec::new(), Vec::new());
    for row in client.query(FOUND, &[]).await? {
        let name: String = row.try_get(0)?;
        let Some(grant) = GRANTS.iter().find(|it| it.table == name) else {
            continue;
        };
        let mut compare = |right: &str, found: bool, meant: bool| {
            if found && !meant {
                more.push(format!("{right} on {name}"));
            } else if meant && !found {
                less.push(format!("{right} on {name}"));
            }
        };
        compare("SELECT", row.try_get(1)?, true);
        compare("INSERT", row.try_get(2)?, grant.insert);
        compare("DELETE", row.try_get(3)?, grant.delete);
        compare("TRUNCATE, TRIGGER or REFERENCES", row.try_get(4)?, false);
        let columns: Vec<String> = row.try_get(5)?;
        updates(grant, &columns, compare);
    }
    let finding = Finding::of("the role's rights on the tables");
    let finding = finding.refused_if(!less.is_empty(), || {
        format!(
            "the role may not do what it must, {}: {INIT}",
            less.join(", ")
        )
    });
    Ok(finding.refused_if(!more.is_empty(), || {
        format!(
            "the role may do what it must not, {}: {INIT}",
            more.join(", ")
        )
    }))
}

fn updates(grant: &Grant, found: &[String], mut compare: impl FnMut(&str, bool, bool)) {
    for column in found {
        let meant = grant.update.contains(&column.as_str());
        compare(&format!("UPDATE of {column}"), true, meant);
    }
    for column in grant.update {
        let found = found.iter().any(|it| it == column);
        compare(&format!("UPDATE of {column}"), found, true);
    }
}

async fn functions(client: &Client) -> Result<Finding, Error> {
    let mut finding = Finding::of("the role's rights on the functions");
    let rows = client
        .query(
            "SELECT proname::text FROM pg_proc WHERE pronamespace = to_regnamespace('redtag') \
             AND has_function_privilege(oid, 'EXECUTE')",
            &[],
        )
        .await?;
    let mut missing = FUNCTIONS.to_vec();
    for row in rows {
        let name: &str = row.try_get(0)?;
        missing.retain(|it| *it != name);
    }
    for name in missing {
        finding = finding.refused(format!("the role may not call {name}: {INIT}"));
    }
    Ok(finding)
}

/// What the role may do with the schema and the database.
async fn beyond(client: &Client) -> Result<Finding, Error> {
    let row = client
        .query_one(
            "SELECT has_schema_privilege('redtag', 'CREATE'), \
             has_database_privilege(current_database(), 'CREATE'), \
             has_database_privilege(current_database(), 'TEMPORARY'), current_database()::text",
            &[],
        )
        .await?;
    let database: String = row.try_get(3)?;
    let finding = Finding::of("the role makes nothing of its own");
    let finding = finding.refused_if(row.try_get(0)?, || {
        format!("the role may make things in the schema redtag: {INIT}")
    });
    let finding = finding.refused_if(row.try_get(1)?, || {
        format!("the role may make schemas in the database {database}: {INIT}")
    });
    Ok(if row.try_get(2)? {
        finding.doubtful(format!(
            "the database {database} is open to more than the app role: as its owner run REVOKE \
             ALL ON DATABASE {database} FROM PUBLIC"
        ))
    } else {
        finding
    })
}
